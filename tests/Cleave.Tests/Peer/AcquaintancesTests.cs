using System.Text;
using Cleave.Peer;

namespace Cleave.Tests.Peer;

public class AcquaintancesTests
{
    private readonly Acquaintances _acquaintances = new(["b", "c"], TimeSpan.FromSeconds(1));
    private readonly List<string> _log = [];

    [Fact]
    public void Every_peer_is_heard_once_and_everyone_is_said_once()
    {
        Greeted("b", hearsMe: false, 0.0);
        Greeted("c", hearsMe: true, 0.1);
        Greeted("b", hearsMe: true, 0.2);
        Greeted("c", hearsMe: true, 0.3);

        Assert.Equal(["hear b", "hear c", "hear everyone, and everyone hears me"], _log);
        Assert.Equal(["b", "c"], _acquaintances.Heard);
    }

    [Fact]
    public void Silence_is_a_loss_and_the_next_greeting_ends_it()
    {
        Greeted("b", hearsMe: true, 0);
        Tick(0.9);
        Assert.Equal(["hear b"], _log);

        Tick(1.0);
        Tick(1.2);
        Assert.Empty(_acquaintances.Heard);
        Greeted("b", hearsMe: false, 3.2);
        Assert.Equal(["hear b", "lost b (silent for 1.0 s)", "found b after 3.2 s"], _log);
    }

    [Fact]
    public void A_peer_that_stops_hearing_says_so_at_once()
    {
        Greeted("b", hearsMe: true, 0);
        Greeted("b", hearsMe: false, 0.2);
        Greeted("b", hearsMe: false, 0.4);
        Greeted("b", hearsMe: true, 2);

        Assert.Equal(["hear b", "b does not hear me", "b hears me again"], _log);
    }

    [Fact]
    public void A_peer_just_heard_has_time_to_hear_back()
    {
        Greeted("b", hearsMe: false, 0);
        Greeted("b", hearsMe: false, 0.9);
        Assert.Equal(["hear b"], _log);

        Greeted("b", hearsMe: false, 1.0);
        Assert.Equal(["hear b", "b does not hear me"], _log);
    }

    [Fact]
    public void A_deaf_peer_that_is_lost_and_found_stays_deaf_until_it_hears()
    {
        Greeted("b", hearsMe: true, 0);
        Greeted("b", hearsMe: false, 0.2);
        Tick(1.2);
        Greeted("b", hearsMe: false, 2.2);
        Greeted("b", hearsMe: true, 2.4);

        Assert.Equal(["hear b", "b does not hear me", "lost b (silent for 1.0 s)", "found b after 2.0 s", "b hears me again"], _log);
    }

    [Fact]
    public void Everyone_is_said_again_after_somebody_was_missing()
    {
        foreach (var time in (double[])[0, 3])
        {
            Greeted("b", hearsMe: true, time);
            Greeted("c", hearsMe: true, time);
            Tick(time + 1);
        }

        Assert.Equal(2, _log.Count(line => line.StartsWith("hear everyone", StringComparison.Ordinal)));
    }

    [Fact]
    public void Strangers_are_ignored()
    {
        Greeted("x", hearsMe: true, 0);
        Tick(2);

        Assert.Empty(_log);
    }

    [Fact]
    public void A_greeting_reads_as_it_was_written()
    {
        var bytes = new Greeting("a", ["b", "c"]).ToBytes();

        Assert.Equal("cleave-peer 1 a hears b,c\n", Encoding.ASCII.GetString(bytes));
        Assert.True(Greeting.TryParse(bytes, out var greeting));
        Assert.Equal("a", greeting.From);
        Assert.Equal(["b", "c"], greeting.Hears);
        Assert.True(Greeting.TryParse(new Greeting("a", []).ToBytes(), out greeting));
        Assert.Empty(greeting.Hears);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("cleave-peer 2 a hears b")]
    [InlineData("cleave-peer 1 a b hears c")]
    [InlineData("cleave-peer 1 \u001b[31m hears b")]
    [InlineData("cleave-peer 1 a hears b,\u00e4")]
    public void What_is_no_greeting_is_not_read(string text) => Assert.False(Greeting.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void The_list_of_nodes_says_where_to_listen_and_whom_to_greet()
    {
        Assert.True(PeerOptions.TryParse("b", "a=172.23.0.11 b=172.23.0.12:7001,c=[fd00::3]:7002 d=fd00::4", 7000, out var options, out _));

        Assert.Equal("172.23.0.12:7001", options.Listen.ToString());
        Assert.Equal(["a 172.23.0.11:7000", "c [fd00::3]:7002", "d [fd00::4]:7000"], options.Others.Select(o => $"{o.Name} {o.EndPoint}"));
    }

    [Theory]
    [InlineData("a", "a=172.23.0.11", "there is nobody else to greet")]
    [InlineData("a b", "b=172.23.0.11", "'a b' is no name for a peer: letters, digits, '-' and '.' are expected")]
    [InlineData("a", "b", "'b' is not of the form NAME=ADDRESS or NAME=ADDRESS:PORT")]
    [InlineData("a", "b=10", "'10' (of b) is not an IP address with or without a port")]
    [InlineData("a", "b=172.23.0.12:x", "'172.23.0.12:x' (of b) is not an IP address with or without a port")]
    [InlineData("a", "b=172.23.0.12 b=172.23.0.13", "'b' is listed twice")]
    public void A_wrong_list_is_explained(string name, string nodes, string expected)
    {
        Assert.False(PeerOptions.TryParse(name, nodes, 7000, out _, out var mistake));
        Assert.Equal(expected, mistake);
    }

    private void Greeted(string from, bool hearsMe, double seconds) =>
        _acquaintances.Greeted(from, hearsMe, TimeSpan.FromSeconds(seconds), _log.Add);

    private void Tick(double seconds) => _acquaintances.Tick(TimeSpan.FromSeconds(seconds), _log.Add);
}
