using System.Net;
using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>Nearest names, host names, quotes and the fabric's address.</summary>
public class NameTests
{
    private static readonly string[] Verbs = ["isolate", "split", "heal", "ip", "run"];

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "abc", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("abc", "acb", 1)]
    [InlineData("abc", "abd", 1)]
    [InlineData("abc", "xabc", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ab", "ba", 1)]
    public void The_distance_counts_edits_and_swapped_neighbours(string a, string b, int distance)
    {
        Assert.Equal(distance, Nearest.Distance(a, b));
        Assert.Equal(distance, Nearest.Distance(b, a));
    }

    [Theory]
    [InlineData("islate", "isolate")]
    [InlineData("ISOLATE", "isolate")]
    [InlineData("isoltae", "isolate")]
    [InlineData("pi", "ip")]
    [InlineData("heel", "heal")]
    [InlineData("rum", "run")]
    [InlineData("x", null)]
    [InlineData("explode", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_suggested_if_it_is_near(string word, string? name) => Assert.Equal(name, Nearest.Of(word, Verbs));

    [Fact]
    public void A_word_that_is_very_long_has_no_nearest_name()
    {
        var word = new string('a', 100_000);

        Assert.Null(Nearest.Of(word, [word, "a"]));
        Assert.Null(Nearest.Of("a", [word]));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("0", true)]
    [InlineData("a-b-0", true)]
    [InlineData("", false)]
    [InlineData("-", false)]
    [InlineData("a_b", false)]
    [InlineData("A", false)]
    public void Host_names_are_as_rfc_1123_has_them(string name, bool valid) => Assert.Equal(valid, DnsLabel.IsValid(name));

    [Theory]
    [InlineData("_", null)]
    [InlineData("Web Server", "web-server")]
    [InlineData("--A--", "a")]
    [InlineData("n(1)", "n1")]
    public void A_mended_name_is_valid_or_there_is_none(string name, string? mended)
    {
        Assert.Equal(mended, DnsLabel.Mend(name));
        Assert.True(mended is null || DnsLabel.IsValid(mended));
    }

    [Fact]
    public void Quoted_text_is_short_and_on_one_line()
    {
        Assert.Equal(@"'a\nb\tc\u0007'", Quote.Text("a\nb\tc\a"));
        Assert.Equal(@"'\u202E'", Quote.Text("\u202E"));
        Assert.True(Quote.Text(new string('x', 1000)).Length < 80);
        Assert.EndsWith("…'", Quote.Text(new string('x', 1000)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("172.23.0.0/24", "172.23.0.1", "172.23.0.254")]
    [InlineData("172.23.0.0/24", "172.23.0.254 172.23.0.252", "172.23.0.253")]
    [InlineData("10.0.0.0/8", "", "10.255.255.254")]
    [InlineData("10.0.0.0/30", "10.0.0.2 192.168.0.1 fd00::1", "10.0.0.1")]
    [InlineData("10.0.0.0/30", "10.0.0.2 10.0.0.1", null)]
    [InlineData("255.255.255.252/30", "", "255.255.255.254")]
    [InlineData("0.0.0.0/32", "", null)]
    [InlineData("fd00:23::/64", "172.23.0.1 fd00:23::1", "fd00:23::ffff")]
    [InlineData("fd00:23::/64", "fd00:23::ffff fd00:23::fffd", "fd00:23::fffe")]
    [InlineData("fd00:23::f0/126", "fd00:23::f1 fd00:23::f3", "fd00:23::f2")]
    [InlineData("fd00:23::f0/126", "fd00:23::f1 fd00:23::f3 fd00:23::f2", null)]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffc/126", "", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void The_fabric_has_the_highest_address_that_is_free(string subnet, string used, string? expected)
    {
        var addresses = used.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse);

        Assert.Equal(expected, FabricAddress.Of(IPNetwork.Parse(subnet), addresses)?.ToString());
    }
}
