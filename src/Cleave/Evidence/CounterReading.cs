using System.Collections.Immutable;
using System.Net;
using Cleave.Netlink;
using Cleave.Planning;

namespace Cleave.Evidence;

/// <summary>One counter as it was read.</summary>
/// <param name="What">What it counts.</param>
/// <param name="Part">The number of the part of the rules.</param>
/// <param name="In">The index of the port that the packets came by; 0 where that is not known.</param>
/// <param name="Out">The index of the port that they went or would have gone by; 0 where that is not known.</param>
/// <param name="Mac">The MAC address they went to, where that stands for the port.</param>
/// <param name="From">Their source address.</param>
/// <param name="To">Their destination address.</param>
/// <param name="Count">How much it was.</param>
internal readonly record struct FlowCount(Counted What, int Part, int In, int Out, MacAddress Mac, IPAddress From, IPAddress To, Tally Count);

/// <summary>All counters of one state of the rules.</summary>
/// <param name="Flows">Those by pair.</param>
/// <param name="ToMany">Broadcasts and multicasts that were lost.</param>
/// <param name="Missed">Packets that were lost or passed and could not be counted by pair.</param>
/// <param name="IsGone">Whether counters were not there that should be.</param>
internal sealed record CounterReading(ImmutableArray<FlowCount> Flows, long ToMany, long Missed, bool IsGone)
{
    /// <summary>Whether a rule is gone that loses what has been counted, so that some of it was not lost.</summary>
    public bool IsOpen { get; init; }

    public static CounterReading Nothing { get; } = new([], 0, 0, IsGone: false);

    /// <summary>What has been counted since an earlier reading of the same state; of what had passed by then only, since all else began at nothing.</summary>
    public CounterReading Since(CounterReading earlier)
    {
        if (earlier.Flows.IsEmpty)
        {
            return this;
        }

        var before = earlier.Flows.ToDictionary(f => f with { Count = Tally.None }, f => f.Count);
        return this with
        {
            Flows =
            [
                .. from flow in Flows
                   let rest = before.TryGetValue(flow with { Count = Tally.None }, out Tally? count) ? flow.Count.Minus(count) : flow.Count
                   where rest.Packets > 0
                   select flow with { Count = rest },
            ],
        };
    }
}

/// <summary>CLOCK_MONOTONIC, which every program of the machine can read, too.</summary>
internal static class MonotonicClock
{
    private static readonly double Nanoseconds = 1e9 / System.Diagnostics.Stopwatch.Frequency; // 1 on Linux

    /// <summary>In nanoseconds.</summary>
    public static long Now => (long)(System.Diagnostics.Stopwatch.GetTimestamp() * Nanoseconds);
}

/// <summary>When the kernel turned the rules over: between two times, in nanoseconds of CLOCK_MONOTONIC.</summary>
internal readonly record struct TurnEdges(long After, long By);
