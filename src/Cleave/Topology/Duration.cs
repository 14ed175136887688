using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Cleave.Topology;

/// <summary>Times as files and the command line write them: a number and a unit, <c>500ms</c>, <c>2s</c>, <c>1.5s</c>, <c>1m</c>,
/// <c>2h</c>.</summary>
public static class Duration
{
    /// <summary>What is expected where a duration belongs, for messages.</summary>
    public const string Expected = "a duration such as 500ms, 2s, 1m or 2h";

    /// <summary>The shortest duration, 1 ms.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest duration, 24 h.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private static readonly (string[] Names, long Ticks)[] Units =
    [
        (["ms", "msec", "msecs", "millisecond", "milliseconds"], TimeSpan.TicksPerMillisecond),
        (["s", "sec", "secs", "second", "seconds"], TimeSpan.TicksPerSecond),
        (["m", "min", "mins", "minute", "minutes"], TimeSpan.TicksPerMinute),
        (["h", "hr", "hrs", "hour", "hours"], TimeSpan.TicksPerHour),
    ];

    /// <summary>Reads a duration between <see cref="Shortest"/> and <see cref="Longest"/>.</summary>
    /// <param name="text">For example <c>1.5s</c>; without spaces, in lower case.</param>
    /// <param name="value">The duration; zero if there is an error.</param>
    /// <param name="error">What stands there and what was expected; null if it is well.</param>
    /// <param name="suggestion">What was probably meant, or null.</param>
    public static bool TryParse(string text, out TimeSpan value, [NotNullWhen(false)] out string? error, out string? suggestion)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = default;
        error = suggestion = null;
        var trimmed = text.Trim();
        var number = string.Concat(trimmed.TakeWhile(c => char.IsAsciiDigit(c) || c == '.'));
        var unit = trimmed[number.Length..].Trim();

        if (number.Length == 0 || !char.IsAsciiDigit(number[0]) || !char.IsAsciiDigit(number[^1])
            || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
        {
            error = trimmed.StartsWith('-')
                ? $"{Quote.Text(text)} is negative: expected {Expected}"
                : $"{Quote.Text(text)} is no duration: expected {Expected}";
            return false;
        }

        var known = Array.Find(Units, u => u.Names.Contains(unit, StringComparer.OrdinalIgnoreCase));
        if (unit.Length == 0)
        {
            error = $"{Quote.Text(text)} needs a unit: expected {Expected}";
            suggestion = amount > 0 ? number + "s" : null;
        }
        else if (known.Names is null || number + known.Names[0] != text)
        {
            error = $"{Quote.Text(text)} is no duration: expected {Expected}";
            suggestion = known.Names is null ? null : number + known.Names[0];
        }
        else if (amount <= 0)
            error = $"{Quote.Text(text)} is no time at all: expected 1ms to 24h";
        else if (amount > Longest.Ticks / known.Ticks)
            error = $"{Quote.Text(text)} is too long: expected 1ms to 24h";
        else if (amount * known.Ticks < Shortest.Ticks)
            error = $"{Quote.Text(text)} is too short: expected 1ms to 24h";
        else
            value = TimeSpan.FromTicks((long)(amount * known.Ticks));
        return error is null;
    }

    /// <summary>The duration as <see cref="TryParse"/> reads it, in the largest unit that needs no fraction, below a minute with one:
    /// <c>1.5s</c>.</summary>
    public static string Format(TimeSpan value)
    {
        var ticks = value.Ticks;
        if (ticks == 0)
            return "0s";
        if (ticks % TimeSpan.TicksPerHour == 0)
            return With(ticks, TimeSpan.TicksPerHour, "h");
        if (ticks % TimeSpan.TicksPerMinute == 0)
            return With(ticks, TimeSpan.TicksPerMinute, "m");
        return Math.Abs(ticks) >= TimeSpan.TicksPerSecond
            ? With(ticks, TimeSpan.TicksPerSecond, "s")
            : With(ticks, TimeSpan.TicksPerMillisecond, "ms");
    }

    private static string With(long ticks, long unit, string name) =>
        ((decimal)ticks / unit).ToString("0.#######", CultureInfo.InvariantCulture) + name;
}
