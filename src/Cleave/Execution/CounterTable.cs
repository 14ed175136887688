using System.Collections.Immutable;
using System.Net;
using Cleave.Evidence;
using Cleave.Netlink;
using Cleave.Netlink.Sockets;
using Cleave.Netlink.Tables;
using Cleave.Planning;

namespace Cleave.Execution;

/// <summary>Reads what the rules of the cut table have counted.</summary>
internal static class CounterTable
{
    private const int EthernetHeader = 14; // which packets have at the egress of a port, and not on a bridge

    /// <summary>All counters of a state of the table.</summary>
    public static CounterReading Read(NetlinkSocket socket, CutRuleset rules)
    {
        var flows = ImmutableArray.CreateBuilder<FlowCount>();
        long toMany = 0, missed = 0;
        bool isGone = rules.HasLostExits, isOpen = false;
        foreach (IGrouping<(Counted What, int Part), CounterSet> sets in EvidenceRules.SetsOf(rules).GroupBy(s => (s.What, s.Part)))
        {
            long counted = flows.Count;
            foreach (CounterSet set in sets)
            {
                isGone |= !TryRead(socket, set, flows);
            }

            counted = flows.Skip((int)counted).Sum(f => f.Count.Packets);
            CounterSet first = sets.First();
            CutPart part = rules.Parts[sets.Key.Part];
            RuleMessage[] chain = first.What == Counted.Probes ? [] : RulesOf(socket, first, EvidenceRules.ChainOf(rules, part, first.What));
            Counter[] others = [.. chain.SelectMany(r => r.Expressions).OfType<Counter>()];
            if (first.What == Counted.Lost)
            {
                isGone |= others.Length == 0;
                isOpen |= chain is [.., var last] && !last.Expressions.OfType<Immediate>().Any(i => i.Verdict is not null);
                missed += Math.Max(0, others.Length == 0 ? 0 : (long)others[^1].Packets - counted);
                toMany += others.Length > 1 ? (long)others[^2].Packets : 0;
            }
            else
            {
                missed += others.Sum(c => (long)c.Packets);
            }
        }

        return new(flows.ToImmutable(), toMany, missed, isGone) { IsOpen = isOpen };
    }

    /// <summary>What has come out behind the rules; what passed between the first and the last moment of a turn is in it, and nobody knows by which rules.</summary>
    public static CounterReading ReadPassed(NetlinkSocket socket, CutRuleset rules)
    {
        var flows = ImmutableArray.CreateBuilder<FlowCount>();
        foreach (CounterSet set in EvidenceRules.SetsOf(rules).Where(s => s.What == Counted.Passed))
        {
            _ = TryRead(socket, set, flows);
        }

        return CounterReading.Nothing with { Flows = flows.ToImmutable() };
    }

    private static bool TryRead(NetlinkSocket socket, CounterSet set, ImmutableArray<FlowCount>.Builder flows)
    {
        try
        {
            foreach (SetElement element in socket.DumpElements(set.Family, set.Table, set.Name))
            {
                if (element.Stateful is Counter counter)
                {
                    flows.Add(Decode(set, element.Key.Span, counter));
                }
            }

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
        bool isIPv6 = set.Kind is CutSetKind.IPv6Flows or CutSetKind.IPv6FlowsAtPort or CutSetKind.IPv6Arrivals or CutSetKind.IPv6Ends;
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
