using System.Collections.Immutable;
using Cleave.Netlink.Tables;

namespace Cleave.Planning;

/// <summary>What marks each packet with the number of the port it came in by, in the table of cuts.</summary>
internal static class PortMarks
{
    private const string Chain = "ports";
    private const string Map = "port";

    // A user's transaction must fit the send buffer of a socket, some 400 KiB where nobody has changed it; as text, too, it is to stay readable.
    private const int PortsOfATransaction = 2000;

    /// <summary>Transactions: the map with its ports, some at a time, and at last the rule that uses it.</summary>
    public static IEnumerable<ImmutableArray<TableChange>> Create(ImmutableArray<(Interface Port, int Mark)> ports)
    {
        foreach ((Interface Port, int Mark)[] some in ports.Chunk(PortsOfATransaction))
        {
            // Again and again: it is made if it is not there.
            yield return [new TableChange.AddSet(TableFamily.Bridge, CutSetKind.PortToMark, Map, ports.Length, some.Select(p => new CutElement(p.Mark, p.Port)))];
        }

        yield return
        [
            new TableChange.AddBase(Chain, Hook.Prerouting),
            new TableChange.AddRule(TableFamily.Bridge, Chain, new CutRule.MarkByPort(Map)),
        ];
    }
}
