using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary>Prints what is cut, one table a network.</summary>
internal static class FaultMatrix
{
    private const int MostGroups = 64;
    private const int MostNames = 8;

    public static void Print(FaultStatus status)
    {
        foreach (NetworkCuts network in status.Networks)
        {
            var cut = network.Cuts.Select(c => (c[0], c[1])).ToHashSet();
            var some = status.Some.Where(s => s.Network == network.Network).SelectMany(s => s.Cuts).Select(c => (c[0], c[1])).ToHashSet();
            var told = status.Answered.Where(a => a.Network == network.Network && a.Traffic is null).SelectMany(a => a.Cuts).Select(c => (c[0], c[1])).ToHashSet();
            Console.Out.WriteLine();
            Console.Out.Write(PairMatrix.Draw(
                network.Network, network.Nodes, (a, b) => IsOfOthers(network, a, b) ? " " : told.Contains((a, b)) ? "r" : cut.Contains((a, b)) ? "x" : some.Contains((a, b)) ? "s" : "."));
        }

        foreach (GroupCuts network in status.Groups)
        {
            PrintGroups(network);
        }

        foreach (TrafficCuts some in status.Some)
        {
            Console.Out.WriteLine($"\n{some.Traffic} on {some.Network}: {string.Join(", ", some.Cuts.Select(c => $"{c[0]} -> {c[1]}"))}");
        }

        foreach (AnsweredCuts told in status.Answered)
        {
            Console.Out.WriteLine($"\n{told.Mode}{(told.Traffic is null ? "" : $" of {told.Traffic}")} on {told.Network}: {string.Join(", ", told.Cuts.Select(c => $"{c[0]} -> {c[1]}"))}");
        }

        foreach (IGrouping<string, FailingName> names in status.Names.GroupBy(n => n.Fault))
        {
            Console.Out.WriteLine($"\nnames {(names.Key == "drop" ? "that are not answered" : "that fail")}: {string.Join(", ", names.Select(n => n.Name))}");
        }

        string more = (status.Some.IsEmpty ? "" : "   s some traffic is cut") + (status.Answered.Any(a => a.Traffic is null) ? "   r cut, and the sender is told" : "");
        Console.Out.WriteLine($"\n. reaches   x cut{more}   (rows send, columns receive)");
    }

    private static void PrintGroups(GroupCuts network)
    {
        Console.Out.WriteLine($"\n{network.Network}: {network.Groups.Sum(g => g.Length)} nodes in {network.Groups.Length} groups, each alike in who reaches whom");
        if (network.Groups.Length > MostGroups)
        {
            Console.Out.WriteLine("--json lists every pair");
            return;
        }

        string[] names = [.. network.Groups.Select((_, i) => $"{i + 1}")];
        foreach ((ImmutableArray<string> group, string name) in network.Groups.Zip(names))
        {
            string apart = network.Cuts.Any(c => c[0] == c[1] && $"{c[0] + 1}" == name) ? ", cut from each other" : "";
            Console.Out.WriteLine($"  {name}: {(group.Length <= MostNames ? string.Join(", ", group) : $"{group[0]}, {group[1]}, … {group[^1]}, {group.Length} nodes")}{apart}");
        }

        var cut = network.Cuts.Select(c => ($"{c[0] + 1}", $"{c[1] + 1}")).ToHashSet();
        Console.Out.Write(PairMatrix.Draw("", names, (a, b) => cut.Contains((a, b)) ? "x" : "."));
    }

    /// <summary>Two nodes, or host and internet, in the table of what is cut between nodes and the outside.</summary>
    private static bool IsOfOthers(NetworkCuts network, string a, string b) =>
        network.Network == FaultReport.Outside && OutsideEnds.IsEnd(a) == OutsideEnds.IsEnd(b);
}
