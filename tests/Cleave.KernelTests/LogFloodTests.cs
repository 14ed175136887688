using System.Globalization;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>
/// Programs that print more than anyone can read: the files are complete, and the lab host's memory stays bounded. CLEAVE_LOG_MEGABYTES and
/// CLEAVE_LINE_MEGABYTES in the environment raise the sizes (1024 and 100 are what users have met).
/// </summary>
public sealed class LogFloodTests(ITestOutputHelper output) : KernelTest
{
    /// <summary>MB that a lab host may take: it has a runtime and a web server in it.</summary>
    private const int MostMemory = 350;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(9)] // short lines cost most
    [InlineData(999)]
    public async Task A_flood_of_lines_is_in_the_file_to_the_last_one(int length)
    {
        long lines = (long)Setting("CLEAVE_LOG_MEGABYTES", 8) * 1_000_000 / (length + 1);
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, limits: {log: 8G}, run: "seq -f %0{{length}}.0f {{lines}}; echo the end; exec sleep 1000", ready: {log: ^the end$, within: 600s} }
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up", "-d");
        await Wait.UntilAsync(() => Task.FromResult(up.Process.HasExited), () => "it does not print to the end", Patience);
        Assert.True(await up.EndsAsync() == 0, up.Output);
        int memory = HighestMemory();
        output.WriteLine($"{lines} lines of {length}: the lab host took {memory} MB at most");
        await cleave.OkAsync("down");

        long number = 0;
        foreach (string line in File.ReadLines(LogOf(cleave)).Take((int)lines))
        {
            number++;
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            Assert.True(
                line.Length - space - 1 == length && long.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture) == number,
                $"line {number} is {line}");
        }

        Assert.Equal(lines, number);
        Assert.EndsWith(" the end", File.ReadLines(LogOf(cleave)).Last(), StringComparison.Ordinal);
        Assert.InRange(memory, 1, MostMemory);
    }

    [Fact]
    public async Task A_line_without_end_is_in_the_file_to_the_last_byte()
    {
        long bytes = (long)Setting("CLEAVE_LINE_MEGABYTES", 10) * 1_000_000;
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, limits: {log: 8G}, run: "head -c {{bytes}} /dev/zero | tr '\\0' x; echo; echo the end; exec sleep 1000", ready: {log: ^the end$, within: 600s} }
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await Wait.UntilAsync(
            () => Task.FromResult(up.Output.Contains("all nodes are ready", StringComparison.Ordinal)), () => up.Output[..Math.Min(2000, up.Output.Length)], Patience);
        int memory = HighestMemory();
        output.WriteLine($"a line of {bytes} bytes: the lab host took {memory} MB at most");
        up.Signal(Posix.SIGINT);
        Assert.Equal(130, await up.EndsAsync());
        AssertNothingIsLeft();

        long found = 0;
        foreach (string line in File.ReadLines(LogOf(cleave)).SkipLast(1))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            Assert.Equal(-1, line.AsSpan(space + 1).IndexOfAnyExcept('x'));
            found += line.Length - space - 1;
        }

        Assert.Equal(bytes, found);
        Assert.InRange(memory, 1, MostMemory);
    }

    /// <summary>What a program has printed by the time it is told to end, and what it says then, is in its log.</summary>
    [Theory]
    [InlineData("down")]
    [InlineData("Ctrl-C")]
    public async Task Nothing_printed_before_the_end_is_lost(string end)
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: "trap 'echo goodbye $n; echo $n >count; exit' TERM; n=0; while :; do n=$((n + 1)); echo line $n; done"}
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        await Wait.UntilAsync(() => new FileInfo(LogOf(cleave)).Length > 100_000, () => "it prints nothing");
        if (end == "down")
        {
            await cleave.OkAsync("down");
        }
        else
        {
            up.Signal(Posix.SIGINT);
        }

        await up.EndsAsync();
        int count = int.Parse(File.ReadAllText(Path.Combine(cleave.Folder, "count")), CultureInfo.InvariantCulture);
        string[] texts = [.. File.ReadLines(LogOf(cleave)).Select(l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..])];

        // Between the number and its line the shell may be told: then that line is not printed.
        string[] numbers = [.. Enumerable.Range(1, texts.Length - 1).Select(n => $"line {n}")];
        Assert.Equal([.. numbers, $"goodbye {count}"], texts);
        Assert.InRange(texts.Length - 1, count - 1, count);
    }

    /// <summary>A stopped terminal must stop neither the program nor what it logs; what was printed meanwhile is shown, or said not to be.</summary>
    [Fact]
    public async Task A_stopped_up_goes_on_where_it_was_and_says_what_it_left_out()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: "echo up; until [ -e go ]; do sleep 0.05; done; seq 200000; touch done; until [ -e on ]; do sleep 0.05; done; echo afterwards; exec sleep 1000", ready: {log: up}}
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        up.Signal(Posix.SIGSTOP);
        cleave.Write("go", "");
        await Wait.UntilAsync(() => File.Exists(Path.Combine(cleave.Folder, "done")), () => "the program does not go on while up is stopped");
        up.Signal(Posix.SIGCONT);
        await up.SeesAsync(" lines not shown here; the log files have them");
        cleave.Write("on", "");
        await up.SeesAsync("| afterwards");
        up.Signal(Posix.SIGINT);
        Assert.Equal(130, await up.EndsAsync());
        Assert.Equal(200_002, File.ReadLines(LogOf(cleave)).Count());
        AssertNothingIsLeft();
    }

    private static string LogOf(CleaveCommand cleave) =>
        Path.Combine(Directory.GetDirectories(Path.Combine(cleave.Folder, ".cleave", "labs")).Single(), "logs", "a.log");

    /// <summary>In MB, of the lab host.</summary>
    private int HighestMemory()
    {
        string line = File.ReadLines($"/proc/{MachineState.LabHost(Runtime)}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }
}
