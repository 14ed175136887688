using System.Net;

namespace Cleave.Gateway;

/// <summary>The rules of a gateway, on the host and inside, as nft reads them.</summary>
internal static class GatewayRules
{
    /// <summary>The name of the table inside.</summary>
    public const string InsideTable = "gateway";

    /// <summary>
    /// On the host: the gateway's address is hidden behind the host's; of the host itself nothing can be reached but its resolver, at the gateway's
    /// address, and ping. What is written for loopback addresses is lost before that, as they must not be reachable by what opens the way to the resolver.
    /// </summary>
    public static string Host(string name, GatewayNetwork network, IPAddress? resolver)
    {
        string names = resolver is null ? "" :
            $$"""

                chain names {
                    type nat hook prerouting priority dstnat; policy accept;
                    iifname "{{name}}" ip daddr {{network.Host}} udp dport 53 dnat ip to {{resolver}}
                    iifname "{{name}}" ip daddr {{network.Host}} tcp dport 53 dnat ip to {{resolver}}
                }
            """;
        string answer = resolver is null ? "" :
            $"""

                    iifname "{name}" ip daddr {resolver} udp dport 53 accept
                    iifname "{name}" ip daddr {resolver} tcp dport 53 accept
            """;
        return
            $$"""
            table inet {{name}} {
                chain loopback {
                    type filter hook prerouting priority raw; policy accept;
                    iifname "{{name}}" ip daddr 127.0.0.0/8 drop
                }{{names}}
                chain host {
                    type filter hook input priority filter; policy accept;
                    iifname "{{name}}" ct state established,related accept{{answer}}
                    iifname "{{name}}" icmp type echo-request accept
                    iifname "{{name}}" drop
                }
                chain hide {
                    type nat hook postrouting priority srcnat; policy accept;
                    oifname != "{{name}}" ip saddr {{network.Inside}} masquerade
                }
            }
            """;
    }

    /// <summary>Inside: labs reach the host and what is beyond it, not each other; nobody reaches them; their addresses are hidden.</summary>
    public static string Inside(GatewayNetwork network) =>
        $$"""
        table ip {{InsideTable}}
        delete table ip {{InsideTable}}
        table ip {{InsideTable}} {
            chain forward {
                type filter hook forward priority filter; policy drop;
                iifname "{{GatewayPlan.LabLinks}}*" oifname "{{GatewayPlan.InsideLink}}" accept
                iifname "{{GatewayPlan.InsideLink}}" oifname "{{GatewayPlan.LabLinks}}*" ct state established,related accept
            }
            chain hide {
                type nat hook postrouting priority srcnat; policy accept;
                oifname "{{GatewayPlan.InsideLink}}" ip saddr {{network.Pool}} masquerade
            }
        }
        """;
}
