using System.Globalization;
using System.Text.Json;
using Cleave.Control;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What nodes print: in files of their own, complete and in order, and followed live.</summary>
public sealed class LogTests : KernelTest
{
    [Fact]
    public async Task Every_node_has_a_log_file_with_times_that_stays_and_logs_shows_it()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: 'echo from a; echo error of a >&2; exec sleep 1000', ready: {log: error}}
              b: {ip: 172.23.0.2, run: 'echo from b; exec sleep 1000', ready: {log: from}}
            """);
        DateTimeOffset before = DateTimeOffset.UtcNow;
        await cleave.OkAsync("up", "-d");
        Assert.Equal(["a | from a", "a | error of a", "b | from b"], Lines(await cleave.OkAsync("logs")).OrderBy(l => l[0]));
        Assert.Equal(["a | from a", "a | error of a"], Lines(await cleave.OkAsync("logs", "a")));
        Assert.Equal(["a | error of a"], Lines(await cleave.OkAsync("logs", "a", "--tail", "1")));
        Assert.Equal(3, Lines(await cleave.OkAsync("logs", "--since", "1h")).Length);
        Assert.Equal("", await cleave.OkAsync("logs", "--since", DateTimeOffset.UtcNow.AddSeconds(1).ToString("o", CultureInfo.InvariantCulture)));
        string[] json = (await cleave.OkAsync("logs", "a", "--json")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["from a", "error of a"], json.Select(l => JsonSerializer.Deserialize(l, ControlJson.Default.LabEvent)!.Text));
        Outcome unknown = await cleave.RunAsync("logs", "c");
        Assert.True(unknown.Code == 2 && unknown.Errors.Contains("'c'", StringComparison.Ordinal), unknown.ToString());

        string said = await cleave.OkAsync("down");
        string folder = said.Trim().Split(": ")[1];
        string[] lines = File.ReadAllLines(Path.Combine(folder, "a.log"));
        Assert.Equal(["from a", "error of a"], lines.Select(l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        Assert.All(lines, l => Assert.InRange(
            DateTimeOffset.Parse(l.Split(' ')[0], CultureInfo.InvariantCulture), before.AddMilliseconds(-1), DateTimeOffset.UtcNow));
        Assert.True(File.Exists(Path.Combine(folder, "b.log")));
    }

    [Fact]
    public async Task Following_shows_every_line_once_until_the_lab_ends()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: 'seq -f "early %g" 5000; until [ -e go ]; do sleep 0.01; done; seq -f "late %g" 5000; trap "echo goodbye; exit" TERM; sleep 1000 & wait'}
              b: {ip: 172.23.0.2, run: 'while :; do echo tick; sleep 0.01; done'}
            """);
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background all = cleave.StartInBackground("logs", "-f");
        using CleaveCommand.Background one = cleave.StartInBackground("logs", "--follow", "a");
        await all.SeesAsync("early 5000");
        await one.SeesAsync("early 5000");
        await cleave.InAsync("a", "touch go");
        await all.SeesAsync("late 5000");
        await one.SeesAsync("late 5000");
        await cleave.OkAsync("down");
        Assert.Equal(0, await all.EndsAsync());
        Assert.Equal(0, await one.EndsAsync());

        string[] expected = [.. Numbered("early"), .. Numbered("late"), "a | goodbye"];
        Assert.Equal(expected, Lines(one.Output));
        Assert.Equal(expected, Lines(all.Output).Where(l => l.StartsWith('a')));
        Assert.Contains("b | tick", Lines(all.Output));

        static IEnumerable<string> Numbered(string word) => Enumerable.Range(1, 5000).Select(n => $"a | {word} {n}");
    }

    [Fact]
    public async Task Two_hundred_thousand_lines_are_complete_and_in_order_though_the_program_ends_at_once()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: seq 200000, job: true}, b: {ip: 172.23.0.2, run: 'seq 200000; exit 3'}}}");
        Outcome up = await cleave.RunAsync("up");
        Assert.Equal(3, up.Code);
        string logs = Path.Combine(Directory.GetDirectories(Path.Combine(cleave.Folder, ".cleave", "labs")).Single(), "logs");
        string[] lines = File.ReadAllLines(Path.Combine(logs, "b.log"));
        Assert.Equal(200_000, lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            Assert.EndsWith($" {i + 1}", lines[i], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Up_shows_what_was_printed_before_it_listened()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: 'seq 9000; echo the end; exec sleep 1000', ready: {log: the end}}}}");
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        up.Signal(Posix.SIGINT);
        Assert.Equal(130, await up.EndsAsync());
        string[] expected = [.. Enumerable.Range(1, 9000).Select(n => $"a | {n}"), "a | the end"];
        Assert.Equal(expected, Lines(up.Output).Where(l => l.StartsWith("a | ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_line_of_five_megabytes_costs_neither_bytes_nor_the_lab()
    {
        CleaveCommand cleave = NewLab(
            "{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: \"head -c 5000000 /dev/zero | tr '\\\\0' x; echo; echo after; exec sleep 1000\", ready: {log: ^after$}}}}");
        await cleave.OkAsync("up", "-d");
        string[] lines = [.. Lines(await cleave.OkAsync("logs")).Select(l => l["a | ".Length..])];
        Assert.Equal("after", lines[^1]);
        Assert.Equal(5_000_000, lines[..^1].Sum(l => l.Length));
        Assert.All(lines[..^1], l => Assert.DoesNotContain(l, c => c != 'x'));
        await cleave.OkAsync("down");
    }

    /// <summary>"node | text", whatever the prefix is padded to.</summary>
    private static string[] Lines(string output) =>
    [
        .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split(" | ", 2))
            .Select(p => $"{p[0].Trim()} | {p[1]}"),
    ];
}
