using Cleave.Scenarios;

namespace Cleave.Runs.Report;

/// <summary>What a probe saw in some part of a run.</summary>
/// <param name="Asked">How many questions.</param>
/// <param name="Answered">How many were answered.</param>
/// <param name="Refused">How many were refused.</param>
/// <param name="Silent">How many met nothing.</param>
/// <param name="Median">Of the answers' times, in seconds; null: there is none.</param>
/// <param name="Late">The 99th percentile of them.</param>
/// <param name="Longest">The longest of them.</param>
internal sealed record ProbeStatistics(int Asked, int Answered, int Refused, int Silent, double? Median, double? Late, double? Longest)
{
    public static ProbeStatistics Of(IEnumerable<ProbeSample> samples)
    {
        ProbeSample[] all = [.. samples];
        double[] times = [.. all.Where(s => s.Outcome == Reachability.Reachable).Select(s => s.Seconds).OfType<double>().Order()];
        return new(
            all.Length,
            all.Count(s => s.Outcome == Reachability.Reachable),
            all.Count(s => s.Outcome == Reachability.Refused),
            all.Count(s => s.Outcome == Reachability.Unreachable),
            At(times, 0.5),
            At(times, 0.99),
            At(times, 1));
    }

    /// <summary>From the first question that was not answered to the first that was again, or to the last; the longest such time, or null if every one was.</summary>
    public static (double From, double To)? Outage(IReadOnlyCollection<ProbeSample> samples)
    {
        (double From, double To)? longest = null;
        double? since = null;
        foreach (ProbeSample sample in samples.OrderBy(s => s.Sent))
        {
            if (sample.Outcome != Reachability.Reachable)
            {
                since ??= sample.Sent;
            }
            else if (since is { } from)
            {
                Take(from, sample.Sent);
                since = null;
            }
        }

        if (since is { } open)
        {
            Take(open, samples.Max(s => s.Sent));
        }

        return longest;

        void Take(double from, double to) => longest = longest is not { } known || to - from > known.To - known.From ? (from, to) : longest;
    }

    /// <summary>The smallest time that so large a share of all does not exceed.</summary>
    private static double? At(double[] sorted, double share) => sorted.Length == 0 ? null : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
