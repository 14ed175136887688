using System.Collections.Immutable;
using System.Net;
using Cleave.Evidence;
using Cleave.Netlink;
using Cleave.Netlink.Sockets;
using Cleave.Netlink.Tables;
using Cleave.Netlink.Wire;
using Cleave.Planning;

namespace Cleave.Execution;

/// <summary>Reads what the rules of the cut table have counted.</summary>
internal static class CounterTable
{
    private const int MostAttempts = 3;
    private const int EthernetHeader = 14; // which packets have at the egress of a port, and not on a bridge

    /// <summary>All counters of a state of the table.</summary>
    public static CounterReading Read(NetlinkSocket socket, CutRuleset rules)
    {
        var flows = ImmutableArray.CreateBuilder<FlowCount>();
        long toMany = 0, missed = 0;
        bool isGone = rules.HasLostExits, isOpen = false;
        foreach (IGrouping<(Counted What, int Part), CounterSet> sets in EvidenceRules.SetsOf(rules).GroupBy(s => (s.What, s.Part)))
        {
            // What counts all in one is read first, so that what comes meanwhile is not taken for missed.
            CounterSet first = sets.First();
            RuleMessage[] chain = first.What == Counted.Probes ? [] : RulesOf(socket, first, EvidenceRules.ChainOf(rules, rules.Parts[sets.Key.Part], first.What));
            long[] others = [.. chain.SelectMany(r => r.Expressions).OfType<Counter>().Select(c => (long)c.Packets)];
            if (first.What == Counted.Lost)
            {
                isGone |= others.Length == 0;
                isOpen |= chain is [.., var last] && !last.Expressions.OfType<Immediate>().Any(i => i.Verdict is not null);
                toMany += others.Length > 1 ? others[^2] : 0;
            }
            else
            {
                missed += others.Sum();
            }

            long all = first.What == Counted.Lost && others.Length > 0 ? others[^1] : 0;
            (List<FlowCount> read, bool isThere) = ReadAll(socket, sets, all);
            flows.AddRange(read);
            isGone |= !isThere;
            missed += Math.Max(0, all - read.Sum(f => f.Count.Packets));
        }

        return new(flows.ToImmutable(), toMany, missed, isGone) { IsOpen = isOpen };
    }

    /// <summary>What has come out behind the rules; what passed between the first and the last moment of a turn is in it, and nobody knows by which rules.</summary>
    public static CounterReading ReadPassed(NetlinkSocket socket, CutRuleset rules)
    {
        (List<FlowCount> read, _) = ReadAll(socket, EvidenceRules.SetsOf(rules).Where(s => s.What == Counted.Passed), 0);
        return CounterReading.Nothing with { Flows = [.. read] };
    }

    /// <summary>The counters of some sets; again, if they are less than is known to be there.</summary>
    private static (List<FlowCount> Flows, bool IsThere) ReadAll(NetlinkSocket socket, IEnumerable<CounterSet> sets, long atLeast)
    {
        for (int attempt = 1; ; attempt++)
        {
            var flows = new List<FlowCount>();
            bool isThere = true;
            foreach (CounterSet set in sets)
            {
                isThere &= TryRead(socket, set, flows);
            }

            if (flows.Sum(f => f.Count.Packets) >= atLeast || flows.Count >= EvidenceRules.MostCounters || attempt == MostAttempts || !isThere)
            {
                return (flows, isThere);
            }

            Thread.Sleep(1); // while a set grows, a listing of it can lack some
        }
    }

    private static bool TryRead(NetlinkSocket socket, CounterSet set, List<FlowCount> flows)
    {
        try
        {
            // While a set grows, a listing of it can have some twice.
            var counters = new Dictionary<ValueList<byte>, Counter>();
            foreach (SetElement element in socket.DumpElements(set.Family, set.Table, set.Name))
            {
                if (element.Stateful is Counter counter)
                {
                    counters[element.Key] = counter;
                }
            }

            flows.AddRange(counters.Select(c => Decode(set, c.Key.Span, c.Value)));
            return true;
        }
        catch (NetlinkException e) when (e.Error == Errno.ENOENT)
        {
            return false;
        }
    }

    private static RuleMessage[] RulesOf(NetlinkSocket socket, CounterSet set, string chain)
    {
        try
        {
            return [.. socket.DumpRules(set.Family, set.Table, chain)];
        }
        catch (NetlinkException e) when (e.Error == Errno.ENOENT)
        {
            return [];
        }
    }

    private static FlowCount Decode(CounterSet set, ReadOnlySpan<byte> key, Counter counter)
    {
        bool isIPv6 = EvidenceRules.IsIPv6(set.Kind);
        bool hasNoPort = set.Kind is CutSetKind.IPv4Ends or CutSetKind.IPv6Ends;
        int port = hasNoPort ? 0 : BitConverter.ToInt32(key);
        bool isArrival = set.Kind is CutSetKind.IPv4Arrivals or CutSetKind.IPv6Arrivals;
        bool isAtPort = set.Kind is CutSetKind.IPv4FlowsAtPort or CutSetKind.IPv6FlowsAtPort;
        int length = isIPv6 ? 16 : 4;
        ReadOnlySpan<byte> addresses = key[(hasNoPort ? 0 : isArrival ? 4 : isAtPort ? 12 : 8)..];
        long packets = (long)counter.Packets;
        return new(
            set.What,
            set.Part,
            isArrival ? 0 : port,
            isArrival ? port : isAtPort || hasNoPort ? 0 : BitConverter.ToInt32(key[4..]),
            isAtPort ? MacAddress.FromBytes(key[4..]) : default,
            new IPAddress(addresses[..length]),
            new IPAddress(addresses[length..(2 * length)]),
            new Tally(packets, (long)counter.Bytes - (isArrival && set.Family == TableFamily.Netdev ? packets * EthernetHeader : 0)));
    }
}
