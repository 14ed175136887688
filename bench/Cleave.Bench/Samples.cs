using System.Diagnostics;

namespace Cleave.Bench;

/// <summary>Measurements of one kind, in the order they were made.</summary>
internal static class Samples
{
    public static double Median(this IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The value that so many of a hundred do not exceed.</summary>
    public static double Percentile(this IEnumerable<double> samples, int percent)
    {
        double[] sorted = [.. samples.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
    }

    /// <summary>The median of ratios round by round: what disturbs a round disturbs both methods.</summary>
    public static double MedianRatio(IEnumerable<double> samples, IEnumerable<double> others) =>
        samples.Zip(others, (a, b) => a / b).Median();

    /// <summary>How long it takes, in milliseconds.</summary>
    public static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
