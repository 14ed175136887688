namespace Cleave.Planning;

/// <summary>
/// What passes the uplink, as nft(8) reads it: the same transaction that the executor sends over netlink. Between the lab's networks the fabric passes on
/// nothing, as without an uplink. What is cut on the way out or in is judged first, in a chain that is empty until then.
/// </summary>
internal static class UplinkTableText
{
    /// <summary>The table's name; its family is inet.</summary>
    public const string Table = "cleave-uplink";

    /// <summary>The chain with what is cut between nodes and the outside; a packet is seen there with the node's address, on the way out and in.</summary>
    public const string Cut = "cut";

    public const string Forward = "forward";

    public const string Postrouting = "postrouting";

    public static string Create() =>
        $$"""
        table inet {{Table}} {
          chain {{Cut}} {
          }
          chain {{Forward}} {
            type filter hook forward priority filter; policy drop;
            jump {{Cut}}
            iifname != "{{Uplink.LinkName}}" oifname "{{Uplink.LinkName}}" accept
            iifname "{{Uplink.LinkName}}" ct state established,related accept
          }
          chain {{Postrouting}} {
            type nat hook postrouting priority srcnat; policy accept;
            oifname "{{Uplink.LinkName}}" masquerade
          }
        }

        """;
}
