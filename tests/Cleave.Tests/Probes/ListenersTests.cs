using System.Net;
using Cleave.Probes;

namespace Cleave.Tests.Probes;

public sealed class ListenersTests
{
    private const string Head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

    [Fact]
    public void Listening_sockets_are_read_and_others_passed_over() => Assert.Equal(
        [new IPEndPoint(IPAddress.Loopback, 8000), new IPEndPoint(IPAddress.Parse("172.23.0.1"), 80)],
        Listeners.Parse(
        [
            Head,
            "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1 0000000000000000 100 0 0 10 0",
            "   1: 010017AC:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1 0000000000000000 100 0 0 10 0",
            "   2: 0100007F:1F40 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 102 1 0000000000000000 100 0 0 10 0",
        ]));

    [Theory]
    [InlineData("00000000000000000000000001000000", "::1")]
    [InlineData("230000FD000000000000000001000000", "fd00:23::1")]
    public void IPv6_addresses_are_words_of_the_machine(string hex, string address) => Assert.Equal(
        IPAddress.Parse(address),
        Assert.Single(Listeners.Parse([Head, $"   0: {hex}:1F40 00000000000000000000000000000000:0000 0A 0 0"])).Address);

    [Fact]
    public void Only_who_listens_on_loopback_alone_is_told_of_it()
    {
        IPAddress node = IPAddress.Parse("172.23.0.1");
        Assert.Null(Listeners.Explain([], 80, node));
        Assert.Null(Listeners.Explain([IPAddress.Loopback, IPAddress.Any], 80, node));
        Assert.Contains("127.0.0.1:80 only", Listeners.Explain([IPAddress.Loopback], 80, node), StringComparison.Ordinal);
        Assert.Contains("or ::", Listeners.Explain([IPAddress.IPv6Loopback], 80, IPAddress.Parse("fd00::1")), StringComparison.Ordinal);
    }
}
