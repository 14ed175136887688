using System.Net;

namespace Cleave.Gateway;

/// <summary>The rules of a gateway, on the host and inside, as nft reads them.</summary>
internal static class GatewayRules
{
    /// <summary>The name of the table inside.</summary>
    public const string InsideTable = "gateway";

    /// <summary>
    /// On the host: the gateway's address is hidden behind the host's; of the host itself nothing can be reached but its resolver, at the gateway's
    /// address, and ping; and nobody but the host begins anything with the gateway. What is written for loopback addresses is lost before that, as they must not be reachable by what opens the way to the resolver.
    /// </summary>
    public static string Host(string name, GatewayNetwork network, IPAddress? resolver, bool ipv6)
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
        string ping6 = !ipv6 ? "" :
            $$"""

                    iifname "{{name}}" icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert } accept
            """;
        string hide6 = !ipv6 ? "" :
            $"""

                    oifname != "{name}" ip6 saddr {network.Inside6} masquerade
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
                    iifname "{{name}}" icmp type echo-request accept{{ping6}}
                    iifname "{{name}}" drop
                }
                chain inward {
                    type filter hook forward priority filter; policy accept;
                    oifname "{{name}}" ct state established,related accept
                    oifname "{{name}}" drop
                }
                chain hide {
                    type nat hook postrouting priority srcnat; policy accept;
                    oifname != "{{name}}" ip saddr {{network.Inside}} masquerade{{hide6}}
                }
            }
            """;
    }

    /// <summary>
    /// Inside: labs reach the host and what is beyond it, neither each other nor what others have published at the gateway's address; their addresses are hidden.
    /// </summary>
    public static string Inside(GatewayNetwork network, bool ipv6) =>
        $$"""
        table inet {{InsideTable}}
        delete table inet {{InsideTable}}
        table inet {{InsideTable}} {
            chain input {
                type filter hook input priority filter; policy accept;
                iifname "{{GatewayPlan.LabLinks}}*" icmp type echo-request accept
                iifname "{{GatewayPlan.LabLinks}}*" icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert } accept
                iifname "{{GatewayPlan.LabLinks}}*" drop
            }
            chain forward {
                type filter hook forward priority filter; policy drop;
                iifname "{{GatewayPlan.LabLinks}}*" oifname "{{GatewayPlan.InsideLink}}" accept
                iifname "{{GatewayPlan.InsideLink}}" oifname "{{GatewayPlan.LabLinks}}*" ct state established,related accept
            }
            chain hide {
                type nat hook postrouting priority srcnat; policy accept;
                oifname "{{GatewayPlan.InsideLink}}" ip saddr {{network.Pool}} masquerade{{(ipv6 ? $"\n        oifname \"{GatewayPlan.InsideLink}\" ip6 saddr {network.Pool6} masquerade" : "")}}
            }
        }
        """;
}
