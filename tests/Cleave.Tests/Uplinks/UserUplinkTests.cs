using System.Net;
using System.Net.Sockets;
using Cleave.Planning;
using Cleave.Tests.Topology;
using Cleave.Uplinks;

namespace Cleave.Tests.Uplinks;

public class UserUplinkTests
{
    [Theory]
    [InlineData("nameserver 192.0.2.1\nnameserver 2001:db8::1\n", "192.0.2.1 2001:db8::1")]
    [InlineData("# nameserver 1.1.1.1\n; nameserver 1.1.1.1\n  nameserver\t192.0.2.1 # the first\nsearch example.com\nnameserver\nnameserver router\n", "192.0.2.1")]
    [InlineData("nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4", "10.0.0.1 10.0.0.2 10.0.0.3")]
    [InlineData("options edns0\n", "")]
    [InlineData("", "")]
    public void Name_servers_are_those_of_resolv_conf(string file, string servers) => Assert.Equal(servers, string.Join(' ', HostResolvers.Parse(file)));

    [Theory]
    [InlineData("192.0.2.1 2001:db8::1", "192.0.2.1 2001:db8::1")]
    [InlineData("127.0.0.53", "169.254.23.3")]
    [InlineData("127.0.0.1 192.0.2.1 127.0.0.53", "169.254.23.3 192.0.2.1")]
    [InlineData("::1 fe80::1 192.0.2.1", "192.0.2.1")]
    public void A_name_server_on_the_hosts_loopback_is_asked_by_a_forwarder(string host, string asked) => Assert.Equal(
        asked,
        string.Join(' ', HostResolvers.Through([.. host.Split(' ').Select(IPAddress.Parse)], [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6], "169.254.23.3")));

    [Fact]
    public void A_family_that_leads_nowhere_has_no_name_server() =>
        Assert.Equal(["192.0.2.1"], HostResolvers.Through([IPAddress.Parse("2001:db8::1"), IPAddress.Parse("192.0.2.1")], [AddressFamily.InterNetwork], null));

    [Theory]
    [InlineData("172.23.0.0/24", "169.254.23.0/24")]
    [InlineData("169.254.23.0/28", "169.254.24.0/24")]
    [InlineData("169.254.16.0/21", "169.254.24.0/24")]
    [InlineData("169.254.23.128/25", "169.254.24.0/24")]
    public void The_link_to_the_host_keeps_clear_of_the_labs_networks(string subnet, string link)
    {
        var network = IPNetwork.Parse(subnet);
        var topology = LabText.Valid($"cleave: 1\nnetworks: {{lan: {{subnet: {subnet}}}}}\nnodes: {{a: {{ip: {LinkNetwork.Host(network, (byte)(network.BaseAddress.GetAddressBytes()[3] + 1))}}}}}\n");
        Assert.Equal(IPNetwork.Parse(link), LinkNetwork.For(topology, AddressFamily.InterNetwork));
        Assert.Equal(IPNetwork.Parse("fdc1:ea7e:17::/64"), LinkNetwork.For(topology, AddressFamily.InterNetworkV6));
    }

    [Fact]
    public void The_link_keeps_clear_of_where_routes_lead()
    {
        var topology = LabText.Valid(
            """
            cleave: 1
            networks: {lan: {subnet: 172.23.0.0/24}, far: {subnet: 10.0.0.0/24}}
            nodes:
              a: {ip: 172.23.0.1, routes: {169.254.0.0/17: r, default: r}}
              r: {ip: [172.23.0.2, 10.0.0.2], router: true}
            """);
        Assert.Equal(IPNetwork.Parse("169.254.128.0/24"), LinkNetwork.For(topology, AddressFamily.InterNetwork));
    }

    [Fact]
    public void The_network_of_a_link_is_that_of_its_address() =>
        Assert.Equal(IPNetwork.Parse("169.254.23.0/24"), LinkNetwork.Of(new UplinkAddress("169.254.23.100", 24, "169.254.23.2")));
}
