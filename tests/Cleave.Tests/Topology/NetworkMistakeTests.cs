
namespace Cleave.Tests.Topology;

/// <summary>Mistakes under <c>networks:</c>.</summary>
public class NetworkMistakeTests
{
    private const string Nodes = "cleave: 1\nnodes: {a: {ip: 172.23.0.1}}\n";

    [Theory]
    [InlineData("networks: text", "3:11", "'text' stands here .. a mapping from names to networks")]
    [InlineData("networks:", "3:1", "no value stands here .. a mapping")]
    [InlineData("networks: {}", "3:11", "an empty mapping .. leave it out for the default")]
    [InlineData("networks: {lan: 172.23.0.0/24}", "3:17", "'172.23.0.0/24' stands here .. a mapping with subnet and mtu")]
    [InlineData("networks: {lan: {}}", "3:12", "a network has no 'subnet'")]
    [InlineData("networks: {lan: {subnett: 172.23.0.0/24}}", "3:18", "'subnett' is no key of a network", "subnet")]
    [InlineData("networks: {lan: {subnet: 172.23.0.0/24, vlan: 5}}", "3:41", "'vlan' is no key of a network")]
    [InlineData("networks: {lan: {subnet: }}", "3:18", "no value stands here .. a subnet such as 172.23.0.0/24")]
    [InlineData("networks: {lan: {subnet: []}}", "3:26", "an empty list stands here .. a subnet such as 172.23.0.0/24 or fd00:23::/64, or a list of one of each family")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, [a]]}}", "3:42", "a list stands here .. a subnet")]
    [InlineData("networks: {lan: {subnet: {a: b}}}", "3:26", "a mapping stands here .. a subnet")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, 10.0.0.0/24]}}", "3:42", "'10.0.0.0/24' is a second IPv4 subnet of one network .. the first is at 3:27")]
    [InlineData("networks: {lan: {subnet: [\"fd00::/64\", 172.23.0.0/24, \"fd01::/64\"]}}", "3:55", "is a second IPv6 subnet of one network .. the first is at 3:27")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, 10.0.0.5/24]}}", "3:42", "is not the network's own address", "10.0.0.0/24")]
    [InlineData("networks: {lan: {subnet: 172.23.0/24}}", "3:26", "'172.23.0/24' stands here .. a subnet")]
    [InlineData("networks: {lan: {subnet: 172.23.00.0/24}}", "3:26", "'172.23.00.0/24' stands here .. a subnet")]
    [InlineData("networks: {lan: {subnet: 172.23.0.256/24}}", "3:26", "a subnet such as")]
    [InlineData("networks: {lan: {subnet: 172.23.0.0}}", "3:26", "has no prefix length", "172.23.0.0/24")]
    [InlineData("networks: {lan: {subnet: 172.23.0.0/31}}", "3:26", "prefix length '31': expected /8 to /30")]
    [InlineData("networks: {lan: {subnet: 172.0.0.0/7}}", "3:26", "prefix length '7': expected /8 to /30")]
    [InlineData("networks: {lan: {subnet: 172.0.0.0/255.0.0.0}}", "3:26", "prefix length '255.0.0.0'")]
    [InlineData("networks: {lan: {subnet: 172.23.0.5/24}}", "3:26", "'172.23.0.5/24' is not the network's own address: expected 172.23.0.0/24", "172.23.0.0/24")]
    [InlineData("networks: {lan: {subnet: 172.23.0.2/30}}", "3:26", "expected 172.23.0.0/30", "172.23.0.0/30")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, \"fd00::\"]}}", "3:42", "has no prefix length", "fd00::/64")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, \"fd00::/127\"]}}", "3:42", "prefix length '127': expected /16 to /126")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, \"fd00::1/64\"]}}", "3:42", "'fd00::1/64' is not the network's own address: expected fd00::/64", "fd00::/64")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, \"FD00:0:0::/48/64\"]}}", "3:42", "prefix length '48/64'")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, \"fd00:::/64\"]}}", "3:42", "'fd00:::/64' stands here .. a subnet such as")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, \"fd00::%eth0/64\"]}}", "3:42", "stands here .. a subnet such as")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, \"fe80::/64\"]}}", "3:42", "cannot be given to hosts (link-local")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, \"ff02::/64\"]}}", "3:42", "cannot be given to hosts (multicast)")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, \"::/64\"]}}", "3:42", "cannot be given to hosts (IPv4 written as IPv6")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, \"::ffff:10.0.0.0/104\"]}}", "3:42", "cannot be given to hosts (IPv4 written as IPv6")]
    [InlineData("networks: {lan: {subnet: 172.23.0.0/24, mtu: }}", "3:41", "no value stands here: expected a number of bytes, 68 to 65535")]
    [InlineData("networks: {lan: {subnet: 172.23.0.0/24, mtu: 67}}", "3:46", "'67' stands here: expected a number of bytes, 68 to 65535")]
    [InlineData("networks: {lan: {subnet: 172.23.0.0/24, mtu: 65536}}", "3:46", "'65536' stands here: expected a number of bytes")]
    [InlineData("networks: {lan: {subnet: 172.23.0.0/24, mtu: 1400B}}", "3:46", "'1400B' stands here: expected a number of bytes")]
    [InlineData("networks: {lan: {mtu: 1279, subnet: [172.23.0.0/24, \"fd00::/64\"]}}", "3:23", "'1279' is less than IPv6 works with: expected 1280 to 65535", "1280")]
    [InlineData("networks: {lan: {subnet: [172.23.0.0/24, \"fd00::/64\"]}, wan: {subnet: \"fd00::8000:0:0:0/65\"}}", "3:71",
        "fd00::8000:0:0:0/65 of network 'wan' overlaps fd00::/64 of network 'lan' (line 3)")]
    [InlineData("networks: {lan: {subnet: 127.0.0.0/8}}", "3:26", "cannot be given to hosts")]
    [InlineData("networks: {lan: {subnet: 224.0.0.0/8}}", "3:26", "cannot be given to hosts")]
    [InlineData("networks: {lan: {subnet: 0.0.0.0/8}}", "3:26", "cannot be given to hosts")]
    [InlineData("networks: {Lan_1: {subnet: 172.23.0.0/24}}", "3:12", "'Lan_1' is no name for a network: expected lower-case letters", "lan-1")]
    [InlineData("networks: {lan: {subnet: 172.23.0.0/24}, wan: {subnet: 172.23.0.128/25}}", "3:56",
        "172.23.0.128/25 of network 'wan' overlaps 172.23.0.0/24 of network 'lan' (line 3)")]
    [InlineData("networks: {lan: {subnet: 172.23.0.0/25}, far: {subnet: 10.0.0.0/8}, wan: {subnet: 172.16.0.0/12}}", "3:83",
        "172.16.0.0/12 of network 'wan' overlaps 172.23.0.0/25 of network 'lan'")]
    [InlineData("networks: {lan: {subnet: 172.23.0.0/24}, wan: {subnet: 172.23.0.0/24}}", "3:56", "overlaps")]
    [InlineData("networks: {lan: {subnet: 172.23.0.0/24}, lan: {subnet: 10.0.0.0/8}}", "3:42", "'lan' stands twice .. 3:12")]
    public void A_mistake_in_a_network_is_reported_once(string networks, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake(Nodes + networks, at, words, suggestion);

    [Fact]
    public void Subnets_that_only_touch_do_not_overlap() =>
        LabText.Valid(Nodes + "networks: {a: {subnet: 172.23.0.0/25}, b: {subnet: 172.23.0.128/25}, c: {subnet: 172.23.1.0/30}, x: {subnet: 172.22.0.0/16}}");

    [Fact]
    public void A_subnet_of_one_family_overlaps_none_of_the_other() =>
        LabText.Valid(Nodes + "networks: {a: {subnet: [172.23.0.0/24, \"fd00::/64\"], mtu: 1280}, b: {subnet: [\"fd00:0:0:1::/64\", 10.0.0.0/8]}, c: {subnet: \"ac17::/16\"}}");

    [Fact]
    public void Subnets_of_a_network_of_which_one_is_wrong_may_have_any_address() =>
        LabText.HasOneMistake("cleave: 1\nnetworks: {a: {subnet: [172.23.0.0/24, 10.0.0.1/8]}}\nnodes: {a: {ip: 10.0.0.1}, b: {networks: {a: 10.0.0.2}}}", "2:40", "own address", "10.0.0.0/8");

    [Fact]
    public void The_widest_and_the_narrowest_subnet_are_allowed() =>
        LabText.Valid("cleave: 1\nnetworks: {a: {subnet: 10.0.0.0/8}, b: {subnet: 11.0.0.0/30}}\nnodes: {a: {ip: 11.0.0.1}, b: {ip: 10.255.255.254}}");

    [Fact]
    public void Every_subnet_inside_a_wide_one_is_found_past_the_narrow_ones_between()
    {
        var found = LabText.Read(Nodes + """
            networks:
              last: {subnet: 172.18.0.0/24}
              wide: {subnet: 172.16.0.0/12}
              other: {subnet: 10.0.0.0/24}
              narrow: {subnet: 172.17.0.0/24}
            """).Diagnostics;

        Assert.Equal(["5:18", "7:20"], found.Select(d => d.At.ToString()));
        Assert.Contains("of network 'wide' overlaps 172.18.0.0/24 of network 'last' (line 4)", found[0].Message, StringComparison.Ordinal);
        Assert.Contains("of network 'narrow' overlaps 172.16.0.0/12 of network 'wide' (line 5)", found[1].Message, StringComparison.Ordinal);
    }
}
