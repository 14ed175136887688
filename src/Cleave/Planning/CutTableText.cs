using System.Text;

namespace Cleave.Planning;

/// <summary>The cut table as nft(8) reads it: the same that the executor sends over netlink.</summary>
internal static class CutTableText
{
    public const string Table = "cleave";

    public static string Create() =>
        """
        table bridge cleave {
          chain forward {
            type filter hook forward priority filter; policy accept;
          }
        }

        """;

    public static string Replace(CutRuleset before, CutRuleset after)
    {
        var text = new StringBuilder("flush chain bridge cleave forward\n");
        if (!before.IsHealed)
        {
            text.Append("delete map bridge cleave source\ndelete map bridge cleave target\ndelete set bridge cleave cut\n");
        }

        if (!after.IsHealed)
        {
            text.Append("table bridge cleave {\n");
            Elements(text, "map source", "ifname : mark", after.Ports.Select(p => $"\"{p.Port}\" : 0x{p.Class:x8}"));
            Elements(text, "map target", "ifname : classid", after.Ports.Select(p => $"\"{p.Port}\" : {ClassId(p.Class)}"));
            Elements(text, "set cut", "mark . classid", after.Cuts.Select(c => $"0x{c.From:x8} . {ClassId(c.To)}"));
            text.Append(
                """
                  chain forward {
                    meta protocol != { ip, ip6 } accept
                    icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
                    meta mark set iifname map @source
                    meta priority set oifname map @target
                    meta mark . meta priority @cut counter drop
                    meta mark set 0x00000000
                    meta priority set 0:0
                  }
                }

                """);
        }

        return text.ToString();
    }

    private static void Elements(StringBuilder text, string head, string type, IEnumerable<string> elements) =>
        text.Append($"  {head} {{\n    type {type}\n    elements = {{ {string.Join(", ", elements)} }}\n  }}\n");

    /// <summary>As tc(8) writes a class: major and minor, each in hexadecimal.</summary>
    private static string ClassId(int number) => $"{number >> 16:x}:{number & 0xffff:x}";
}
