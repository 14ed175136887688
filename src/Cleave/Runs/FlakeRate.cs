using System.Collections.Immutable;
using Cleave.Control;

namespace Cleave.Runs;

/// <summary>How a scenario fared in several runs.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Runs">How many there were.</param>
/// <param name="Passed">How many passed.</param>
/// <param name="Rate">The share that did not pass.</param>
/// <param name="Low">With 95 % confidence the share that would not pass is at least this,</param>
/// <param name="High">and at most this: after few runs that all passed, much.</param>
public sealed record FlakeRate(string Scenario, int Runs, int Passed, double Rate, double Low, double High)
{
    private const double Tail = 0.025;

    /// <summary>Of each scenario, in the order in which they first come.</summary>
    public static ImmutableArray<FlakeRate> Of(IEnumerable<ScenarioResult> results) =>
        [.. results.GroupBy(r => r.Scenario).Select(g => Of(g.Key, g.Count(), g.Count(r => r.Verdict == Verdict.Passed)))];

    /// <summary>The interval of Clopper and Pearson (1934): exact, whatever the numbers are.</summary>
    public static FlakeRate Of(string scenario, int runs, int passed)
    {
        int missed = runs - passed;
        double low = missed == 0 ? 0 : Root(p => 1 - AtMost(missed - 1, runs, p) - Tail);
        double high = missed == runs ? 1 : Root(p => Tail - AtMost(missed, runs, p));
        return new(scenario, runs, passed, Math.Round((double)missed / runs, 4), Math.Round(low, 4), Math.Round(high, 4));
    }

    /// <summary>Where a rising function is 0.</summary>
    private static double Root(Func<double, double> rising)
    {
        (double from, double to) = (0, 1);
        for (int i = 0; i < 60; i++)
        {
            double middle = (from + to) / 2;
            (from, to) = rising(middle) < 0 ? (middle, to) : (from, middle);
        }

        return from;
    }

    /// <summary>The probability of at most so many in so many trials.</summary>
    private static double AtMost(int most, int trials, double probability)
    {
        if (probability is <= 0 or >= 1)
        {
            return probability <= 0 || most >= trials ? 1 : 0;
        }

        double logTerm = trials * Math.Log(1 - probability); // by logarithms: the first is too small for a double after some hundred runs
        double sum = Math.Exp(logTerm);
        for (int i = 1; i <= most; i++)
        {
            logTerm += Math.Log((double)(trials - i + 1) / i) + Math.Log(probability / (1 - probability));
            sum += Math.Exp(logTerm);
        }

        return sum;
    }
}
