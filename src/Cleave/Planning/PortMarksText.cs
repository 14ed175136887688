using System.Collections.Immutable;

namespace Cleave.Planning;

/// <summary>The marks of ports as nft(8) reads them: the same transactions that the executor sends over netlink.</summary>
internal static class PortMarksText
{
    /// <summary>A user's transaction must fit the send buffer of a socket, some 400 KiB where nobody has changed it; an element takes 44 bytes.</summary>
    public const int PortsOfATransaction = 2000;

    /// <summary>The map and its elements, and at last the rule that uses it.</summary>
    public static IEnumerable<string> Create(ImmutableArray<(string Port, int Mark)> ports)
    {
        foreach ((string Port, int Mark)[] some in ports.Chunk(PortsOfATransaction))
        {
            yield return
                $"table bridge {CutSwitch.Table} {{\n  map port {{\n    type ifname : mark\n" +
                $"    elements = {{ {string.Join(", ", some.Select(p => $"\"{p.Port}\" : 0x{p.Mark:x8}"))} }}\n  }}\n}}\n";
        }

        yield return
            $$"""
            table bridge {{CutSwitch.Table}} {
              chain ports {
                type filter hook prerouting priority filter; policy accept;
                meta mark set iifname map @port
              }
            }

            """;
    }
}
