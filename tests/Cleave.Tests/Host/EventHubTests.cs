using Cleave.Control;
using Cleave.Host;

namespace Cleave.Tests.Host;

public sealed class EventHubTests : IDisposable
{
    private readonly StillClock _clock = new();
    private readonly EventHub _hub;

    public EventHubTests() => _hub = new EventHub(_clock);

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task Everyone_hears_what_happens_in_order_with_its_time()
    {
        using EventHub.Listener one = _hub.Listen();
        using EventHub.Listener other = _hub.Listen();
        Publish(1, 3);
        _hub.Close();

        Assert.Equal(["1", "2", "3"], Texts(await ReadAsync(one)));
        LabEvent first = (await ReadAsync(other))[0];
        Assert.Equal(new LabEvent(_clock.Now, EventKind.Log, "a", "1") { At = first.At }, first);
        Assert.NotNull(first.At);
    }

    [Fact]
    public async Task A_late_listener_gets_the_past_and_then_the_present()
    {
        Publish(1, 20_000);
        using EventHub.Listener late = _hub.Listen();
        Publish(20_001, 20_001); // it waits, and is told of it below
        _hub.Close();

        Assert.Equal(
            [.. Enumerable.Range(1, 20_000).Select(n => $"{n}"), "1 line not shown here; the log files have them"], Texts(await ReadAsync(late)));
    }

    [Fact]
    public async Task A_late_listener_hears_what_the_lab_said_and_how_many_lines_are_forgotten()
    {
        _hub.Publish(EventKind.Node, "a", "started");
        Publish(1, 20_003);
        using EventHub.Listener late = _hub.Listen();
        _hub.Close();

        Assert.Equal(
            ["started", "3 lines not shown here; the log files have them", .. Enumerable.Range(4, 20_000).Select(n => $"{n}")], Texts(await ReadAsync(late)));
    }

    [Fact]
    public async Task Long_lines_are_remembered_and_kept_waiting_only_up_to_a_size()
    {
        string line = new('x', 1 << 20);
        for (int i = 0; i < 10; i++)
        {
            _hub.Publish(EventKind.Log, "a", line);
        }

        using EventHub.Listener late = _hub.Listen();
        _hub.Publish(EventKind.Log, "a", line);
        _hub.Publish(EventKind.Lab, null, "what the lab says itself is never lost");
        _hub.Close();

        Assert.Equal(
            ["6 lines not shown here; the log files have them", line, line, line, line, "1 line not shown here; the log files have them", "what the lab says itself is never lost"],
            Texts(await ReadAsync(late)));
    }

    [Fact]
    public async Task A_slow_listener_loses_lines_and_is_told_how_many_where_they_are_missing()
    {
        using EventHub.Listener slow = _hub.Listen();
        Publish(1, 20_007);
        await using IAsyncEnumerator<LabEvent> reader = slow.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        for (int n = 1; n <= 3; n++)
        {
            Assert.True(await reader.MoveNextAsync());
            Assert.Equal($"{n}", reader.Current.Text);
        }

        Publish(20_008, 20_008);
        _hub.Close();
        var rest = new List<string>();
        while (await reader.MoveNextAsync())
        {
            rest.Add(reader.Current.Text);
        }

        Assert.Equal("20000", rest[^3]);
        Assert.Equal("7 lines not shown here; the log files have them", rest[^2]);
        Assert.Equal("20008", rest[^1]);
        Assert.Equal(20_000 - 3 + 2, rest.Count);
    }

    [Fact]
    public async Task One_who_has_caught_up_is_told_of_lost_lines_though_nothing_follows()
    {
        using EventHub.Listener slow = _hub.Listen();
        Publish(1, 20_002);
        LabEvent? last = null;
        int heard = 0;
        await foreach (LabEvent happened in slow.ReadAsync(TestContext.Current.CancellationToken))
        {
            last = happened;
            if (++heard == 20_001)
            {
                break;
            }
        }

        Assert.Equal("2 lines not shown here; the log files have them", last?.Text);
    }

    [Fact]
    public async Task Lines_lost_just_before_the_end_are_told_too()
    {
        using EventHub.Listener slow = _hub.Listen();
        Publish(1, 20_001);
        _hub.Close();

        List<LabEvent> all = await ReadAsync(slow);
        Assert.Equal(20_001, all.Count);
        Assert.Equal("1 line not shown here; the log files have them", all[^1].Text);
        Assert.Equal(EventKind.Lab, all[^1].Kind);
    }

    [Fact]
    public async Task One_who_listens_after_the_end_gets_the_past_and_no_more()
    {
        Publish(1, 2);
        _hub.Close();
        using EventHub.Listener late = _hub.Listen();

        Assert.Equal(["1", "2"], Texts(await ReadAsync(late)));
    }

    [Fact]
    public async Task One_who_has_gone_hears_nothing_more_and_the_others_do()
    {
        using EventHub.Listener stays = _hub.Listen();
        EventHub.Listener gone = _hub.Listen();
        gone.Dispose();
        Publish(1, 1);
        _hub.Close();

        Assert.Equal(["1"], Texts(await ReadAsync(stays)));
        using var patience = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (LabEvent happened in gone.ReadAsync(patience.Token))
            {
                Assert.Fail(happened.Text);
            }
        });
    }

    private void Publish(int first, int last)
    {
        for (int n = first; n <= last; n++)
        {
            _hub.Publish(EventKind.Log, "a", $"{n}");
        }
    }

    private static async Task<List<LabEvent>> ReadAsync(EventHub.Listener listener)
    {
        var all = new List<LabEvent>();
        await foreach (LabEvent happened in listener.ReadAsync(TestContext.Current.CancellationToken))
        {
            all.Add(happened);
        }

        return all;
    }

    private static IEnumerable<string> Texts(IEnumerable<LabEvent> events) => events.Select(e => e.Text);
}
