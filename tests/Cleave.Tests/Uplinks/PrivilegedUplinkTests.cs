using System.Net;
using System.Text;
using Cleave.Gateway;
using Cleave.Planning;
using Cleave.Topology;
using Cleave.Uplinks;

namespace Cleave.Tests.Uplinks;

public class PrivilegedUplinkTests
{
    private static readonly GatewayMark Plain = new(GatewayNetwork.Usual[0], false, null, true);

    [Theory]
    [InlineData("172.23.0.0/24", null)]
    [InlineData("172.23.192.0/20", null)]
    [InlineData("172.23.255.0/24", "has addresses of the gateway's cable to the host, 172.23.255.0/30: make a gateway elsewhere, with cleave gateway destroy, and create --network 10.99.0.0/16")]
    [InlineData("172.16.0.0/12", "has addresses of the gateway's cable to the host")]
    [InlineData("172.23.192.0/19", "the lab's networks leave none of the gateway's addresses for it, 172.23.192.0/19")]
    [InlineData("fd00:23::/64", "the lab has only IPv6, and the gateway none")]
    public void A_lab_hangs_on_it_if_its_networks_leave_the_gateways_addresses_alone(string subnet, string? why)
    {
        string? said = new PrivilegedUplink(Plain, Asking(), []).WhyNot(Lab(subnet));
        Assert.True(why is null ? said is null : said?.Contains(why, StringComparison.Ordinal) == true, said);
    }

    [Fact]
    public void The_first_cable_is_the_first_that_the_labs_networks_leave_of_each_family_that_both_have()
    {
        Uplink one = new PrivilegedUplink(Plain, Asking(), []).Plan(Lab("172.23.192.0/29"));
        Assert.Equal([new UplinkAddress("172.23.192.10", 30, "172.23.192.9")], one.Addresses);
        Assert.Contains(one.Commands, c => c.EndsWith("ip link add lab2 type veth peer name up0 netns fabric", StringComparison.Ordinal));

        Uplink both = new PrivilegedUplink(Plain with { IPv6 = true }, Asking(), []).Plan(Lab("[172.23.0.0/24, \"fd00:23::/64\"]"));
        Assert.Equal(
            [new("172.23.192.2", 30, "172.23.192.1"), new UplinkAddress("fd63:6c65:6176:ac17::c002", 126, "fd63:6c65:6176:ac17::c001")], both.Addresses);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "172.23.255.1")]
    [InlineData("127.0.0.1", "127.0.0.53", "")]
    [InlineData("127.0.0.1", "192.168.1.1", "192.168.1.1")]
    [InlineData(null, "127.0.0.1", "")]
    [InlineData(null, "192.168.1.1 2001:db8::1", "192.168.1.1")]
    [InlineData("127.0.0.1", "127.0.0.1 192.168.1.1", "172.23.255.1 192.168.1.1")]
    public void The_hosts_own_resolver_is_asked_at_the_gateway_if_its_address_leads_there(string? made, string now, string asked)
    {
        GatewayMark mark = Plain with { Resolver = made is null ? null : IPAddress.Parse(made) };
        Assert.Equal(asked, string.Join(' ', new PrivilegedUplink(mark, Asking(now.Split(' ')), []).Plan(Lab("172.23.0.0/24")).Resolvers));
    }

    private static Resolvers Asking(params string[] servers) => Resolvers.Of([.. servers.Select(IPAddress.Parse)], [], []);

    private static LabTopology Lab(string subnets)
    {
        string first = subnets.Trim('[', '"').Split('/')[0];
        string address = first.Contains(':', StringComparison.Ordinal) ? $"\"{first}5\"" : $"{first[..first.LastIndexOf('.')]}.5";
        string text = $"cleave: 1\nnetworks: {{lan: {{subnet: {(subnets.Contains(':', StringComparison.Ordinal) && !subnets.StartsWith('[') ? $"\"{subnets}\"" : subnets)}}}}}\nnodes: {{a: {{ip: {address}}}}}\n";
        ReadResult read = TopologyReader.Parse("cleave.yaml", Encoding.UTF8.GetBytes(text));
        Assert.True(read.Topology is not null, string.Join('\n', read.Diagnostics));
        return read.Topology!;
    }
}
