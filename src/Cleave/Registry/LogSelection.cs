using Cleave.Control;

namespace Cleave.Registry;

/// <summary>Which lines of logs are wanted.</summary>
/// <param name="Since">Only those from this time on; null: all.</param>
/// <param name="Tail">Of those that are there, only so many at the end; null: all.</param>
public sealed record LogSelection(DateTimeOffset? Since = null, int? Tail = null)
{
    /// <summary>Everything.</summary>
    public static LogSelection All { get; } = new();

    internal bool Has(LabEvent line) => Since is not { } since || line.Time >= since;

    /// <summary>Of lines that are there already.</summary>
    internal IEnumerable<LabEvent> Of(IEnumerable<LabEvent> lines)
    {
        IEnumerable<LabEvent> wanted = lines.Where(Has);
        return Tail is { } count ? wanted.TakeLast(count) : wanted;
    }
}
