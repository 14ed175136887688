namespace Cleave.Host;

/// <summary>Remembers the newest line of a log that passed a test, however long ago it was: the log itself keeps the newest lines only.</summary>
internal sealed class LogWatch(Func<string, bool> test)
{
    private readonly Lock _lock = new();
    private (long Number, string Text)? _last;

    /// <summary>The newest line that passed and has this number or a later one; null if there is none.</summary>
    public string? LastFrom(long number)
    {
        lock (_lock)
        {
            return _last is { } last && last.Number >= number ? last.Text : null;
        }
    }

    /// <summary>Told of every line, in order.</summary>
    internal void See(long number, string text)
    {
        if (test(text))
        {
            lock (_lock)
            {
                _last = (number, text);
            }
        }
    }
}
