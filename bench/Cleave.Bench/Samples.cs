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

    /// <summary>The mean, and how far its 95 % interval reaches to both sides (Student's t).</summary>
    /// <param name="samples">Two at least.</param>
    public static (double Mean, double Half) MeanWithInterval(IEnumerable<double> samples)
    {
        double[] all = [.. samples];
        double mean = all.Average();
        double variance = all.Sum(s => (s - mean) * (s - mean)) / (all.Length - 1);
        return (mean, StudentT95(all.Length - 1) * Math.Sqrt(variance / all.Length));
    }

    /// <summary>The two-sided 95 % quantile: from tables up to 5 degrees of freedom, beyond by the expansion in 1/n (Abramowitz and Stegun, 26.7.5).</summary>
    private static double StudentT95(int degrees)
    {
        double[] few = [12.706, 4.303, 3.182, 2.776, 2.571];
        const double Z = 1.959964;
        double n = degrees;
        return degrees <= few.Length
            ? few[degrees - 1]
            : Z + ((Math.Pow(Z, 3) + Z) / (4 * n)) + (((5 * Math.Pow(Z, 5)) + (16 * Math.Pow(Z, 3)) + (3 * Z)) / (96 * n * n));
    }

    /// <summary>How long it takes, in milliseconds.</summary>
    public static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
