using Cleave.Names;

namespace Cleave.Tests.Names;

public class DnsNameTests
{
    [Theory]
    [InlineData("0377777700", "www")]
    [InlineData("0357575703434f4d00", "www.com")] // in capitals
    [InlineData("00", "")]
    [InlineData("03612e6200", "a\\046b")] // a dot in a label
    [InlineData("02ff0000", "\\255\\000")]
    [InlineData("015f00", "_")]
    public void A_name_is_read_in_lower_case(string hex, string expected)
    {
        int at = 0;
        Assert.True(DnsName.TryRead(Convert.FromHexString(hex), ref at, out string name));
        Assert.Equal((expected, hex.Length / 2), (name, at));
    }

    [Fact]
    public void A_pointer_leads_back_to_an_earlier_name()
    {
        byte[] message = Convert.FromHexString("03636f6d0003777777c000ff");
        int at = 5;
        Assert.True(DnsName.TryRead(message, ref at, out string name));
        Assert.Equal(("www.com", 11), (name, at));
        at = 5;
        Assert.False(DnsName.TryRead(message, ref at, out _, pointers: false));
    }

    [Theory]
    [InlineData("", 0)] // nothing
    [InlineData("03777777", 0)] // no end
    [InlineData("0377", 0)] // a label that is cut off
    [InlineData("c0", 0)] // half a pointer
    [InlineData("c000", 0)] // to itself
    [InlineData("0161c002", 0)] // forward, to itself
    [InlineData("c002c000", 0)] // round in circles
    [InlineData("c0ff", 0)] // beyond the end
    [InlineData("40777777", 0)] // a kind of label that is not used
    [InlineData("8077", 0)]
    public void What_is_no_name_is_refused(string hex, int at) => Assert.False(DnsName.TryRead(Convert.FromHexString(hex), ref at, out _));

    [Theory]
    [InlineData(63, 3, 61, true)] // 255 bytes in all
    [InlineData(63, 3, 62, false)]
    public void A_name_has_at_most_255_bytes(int label, int times, int last, bool isName)
    {
        byte[] message = [.. Enumerable.Repeat((byte[])[(byte)label, .. new byte[label]], times).SelectMany(b => b), (byte)last, .. new byte[last], 0];
        int at = 0;
        Assert.Equal(isName, DnsName.TryRead(message, ref at, out _));
    }

    [Theory]
    [InlineData("www.example.com", "example.com", true)]
    [InlineData("example.com", "example.com", true)]
    [InlineData("badexample.com", "example.com", false)]
    [InlineData("com", "example.com", false)]
    public void A_name_is_below_another(string name, string above, bool isIn) => Assert.Equal(isIn, DnsName.IsIn(name, above));

    [Theory]
    [InlineData("1.0.23.172.in-addr.arpa", "172.23.0.1")]
    [InlineData("0.23.172.in-addr.arpa", null)] // a network
    [InlineData("1.0.23.256.in-addr.arpa", null)]
    [InlineData("1.2.0.23.172.in-addr.arpa", null)]
    [InlineData("in-addr.arpa", null)]
    [InlineData("a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.2.0.0.0.0.d.f.ip6.arpa", "fd00:23::a")]
    [InlineData("g.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.2.0.0.0.0.d.f.ip6.arpa", null)]
    [InlineData("0.0.0.0.3.2.0.0.0.0.d.f.ip6.arpa", null)]
    public void A_name_stands_for_an_address(string name, string? address) => Assert.Equal(address, ReverseName.Read(name)?.ToString());
}
