using System.Text;
using Cleave.Control;
using Cleave.Host;
using Cleave.Processes;
using Cleave.Registry;

namespace Cleave.Tests.Host;

public sealed class NodeLogTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("cleave-test-").FullName;
    private readonly StillClock _clock = new();
    private readonly EventHub _hub;
    private readonly LabRecord _lab;
    private readonly NodeLog _log;
    private readonly PipeReader.Sink _print;

    public NodeLogTests()
    {
        Directory.CreateDirectory(Path.Combine(_state, "logs"));
        _hub = new EventHub(_clock);
        _lab = new LabRecord("x-1", "/x/cleave.yaml", _state, _state, _clock.Now);
        _log = new NodeLog("a", _lab, _hub, _clock);
        _print = _log.Open();
    }

    public void Dispose()
    {
        _log.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    [Fact]
    public async Task A_line_already_there_is_found_at_once()
    {
        Print("one\nready 1\nready 2\n");
        Assert.Equal("ready 1", await WaitAsync("ready", from: 0));
    }

    [Fact]
    public async Task Lines_before_the_place_do_not_count()
    {
        Print("ready 1\n");
        long place = _log.Count;
        Task<string> waiting = WaitAsync("ready", place);
        Print("other\n");
        Assert.False(waiting.IsCompleted);

        Print("ready 2\n");
        Assert.Equal("ready 2", await waiting);
        Assert.Equal("ready 2", await WaitAsync("ready", place));
    }

    [Fact]
    public async Task A_later_line_ends_every_wait_that_it_fits()
    {
        Task<string>[] waits = [WaitAsync("x", 0), WaitAsync("y", 0), WaitAsync("xy", 0)];
        Print("just x\n");
        Assert.Equal("just x", await waits[0]);
        Assert.False(waits[1].IsCompleted);

        Print("xy\n");
        Assert.Equal("xy", await waits[1]);
        Assert.Equal("xy", await waits[2]);
    }

    [Fact]
    public async Task A_line_counts_when_it_is_whole()
    {
        Task<string> waiting = WaitAsync("ready", 0);
        Print("read");
        Print("y");
        Assert.False(waiting.IsCompleted);

        Print("!\n");
        Assert.Equal("ready!", await waiting);
    }

    [Fact]
    public async Task A_wait_given_up_is_not_asked_about_later_lines()
    {
        int asked = 0;
        using var patience = new CancellationTokenSource();
        Task<string> waiting = _log.WaitForAsync(_ => ++asked < 0, 0, patience.Token);
        Print("one\n");
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Print("two\n");

        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task After_many_lines_the_newest_ten_thousand_can_still_be_found()
    {
        Print(string.Concat(Enumerable.Range(1, 30_000).Select(n => $"line {n}\n")));

        Assert.Equal(30_000, _log.Count);
        Assert.Equal("line 20001", await WaitAsync("line 20001", 0));
        Assert.Equal(Enumerable.Range(29_991, 10).Select(n => $"line {n}"), _log.LastLines());
    }

    [Fact]
    public void The_file_has_every_line_with_its_time_and_the_last_one_without_a_newline_too()
    {
        Print("one\ntw");
        _clock.Now += TimeSpan.FromMilliseconds(1.5);
        Print("o\n\nend");
        _print([]);

        Assert.Equal(
            "2026-01-02T12:00:00.000000Z one\n2026-01-02T12:00:00.001500Z two\n2026-01-02T12:00:00.001500Z \n2026-01-02T12:00:00.001500Z end\n",
            File.ReadAllText(LabRecord.LogFile(_state, "a")));
    }

    [Fact]
    public void What_is_written_is_what_log_files_read()
    {
        Print("one\n\n  two  \n10%\r20%\né\n");

        Assert.Equal(["one", "", "  two  ", "10%\r20%", "é"], LogFiles.Read(_lab, ["a"]).Select(l => l.Text));
        Assert.All(LogFiles.Read(_lab, ["a"]), l => Assert.Equal((_clock.Now, EventKind.Log, "a"), (l.Time, l.Kind, l.Node)));
    }

    [Fact]
    public void A_full_disk_is_told_once_and_lines_still_reach_whoever_waits()
    {
        File.CreateSymbolicLink(LabRecord.LogFile(_state, "b"), "/dev/full");
        using var log = new NodeLog("b", _lab, _hub, _clock);
        PipeReader.Sink print = log.Open();
        print("one\n"u8);
        print("two\n"u8);
        using EventHub.Listener listener = _hub.Listen();
        _hub.Close();

        LabEvent[] events = [.. listener.ReadAsync(TestContext.Current.CancellationToken).ToBlockingEnumerable(TestContext.Current.CancellationToken)];
        Assert.Equal(["one", "two"], events.Where(e => e.Kind == EventKind.Log).Select(e => e.Text));
        LabEvent told = Assert.Single(events, e => e.Kind == EventKind.Lab);
        Assert.StartsWith("its log file cannot be written: No space left on device", told.Text, StringComparison.Ordinal);
        Assert.Equal(["one", "two"], log.LastLines());
    }

    [Fact]
    public void After_many_long_lines_the_newest_million_characters_can_still_be_found()
    {
        string line = new('x', 60_000);
        Print(string.Concat(Enumerable.Range(1, 100).Select(n => $"{n} {line}\n")));

        Assert.False(_log.WaitForAsync(l => l.StartsWith("80 ", StringComparison.Ordinal), 0, new CancellationToken(true)).IsCompletedSuccessfully);
        Assert.True(_log.WaitForAsync(l => l.StartsWith("90 ", StringComparison.Ordinal), 0, new CancellationToken(true)).IsCompletedSuccessfully);
        Assert.Equal(10, _log.LastLines().Count);
    }

    private Task<string> WaitAsync(string words, long from) =>
        _log.WaitForAsync(l => l.Contains(words, StringComparison.Ordinal), from, TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

    private void Print(string text) => _print(Encoding.UTF8.GetBytes(text));
}
