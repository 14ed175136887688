using System.Diagnostics;
using System.Security.Cryptography;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What goes through <c>cleave exec</c>: bytes, streams, exit codes.</summary>
public sealed class ExecTests : KernelTest
{
    private const string OneNode = "{cleave: 1, nodes: {a: {ip: 172.23.0.1}}}";

    [Fact]
    public async Task The_exit_code_is_the_programs()
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        foreach ((string[] program, int code) in new (string[], int)[]
            {
                (["true"], 0),
                (["sh", "-c", "exit 42"], 42),
                (["sh", "-c", "exit 255"], 255),
                (["sh", "-c", "kill -TERM $$"], 143),
                (["no-such-program"], 127),
                (["./no-such-file"], 127),
                (["./cleave.yaml"], 126),
                (["/tmp"], 126),
            })
        {
            Outcome outcome = await cleave.RunAsync(["exec", "a", "--", .. program]);
            Assert.True(outcome.Code == code, $"{string.Join(' ', program)}, expected {code}: {outcome}");
            Assert.True(code is not (126 or 127) || outcome.Errors.Contains(program[0], StringComparison.Ordinal), outcome.ToString());
        }

        Outcome unknown = await cleave.RunAsync("exec", "c", "--", "true");
        Assert.True(unknown.Code == 2 && unknown.Errors.Contains("'c'", StringComparison.Ordinal), unknown.ToString());
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Variables_and_directory_can_be_given_and_command_lines_may_be_long()
    {
        CleaveCommand cleave = NewLab(OneNode);
        Directory.CreateDirectory(Path.Combine(cleave.Folder, "below"));
        cleave.Environment["FROM_UP"] = "up";
        await cleave.OkAsync("up", "-d");
        cleave.Environment["FROM_UP"] = "now";
        cleave.Environment["OURS"] = "our own";
        const string Show = "echo $FROM_UP, $OURS, $GIVEN, $(pwd)";
        Assert.Equal($"up, , , {cleave.Folder}", await Exec());
        Assert.Equal($"up, our own, a=b c, {cleave.Folder}/below", await Exec("-e", "OURS", "--env", "GIVEN=a=b c", "-w", "below"));
        Assert.Equal("now, , , /usr", await Exec("--dir", "/usr", "-e", "FROM_UP"));
        Outcome unset = await cleave.RunAsync("exec", "-e", "NOT_SET", "a", "true");
        Assert.True(unset.Code == 2 && unset.Errors.Contains("'NOT_SET'", StringComparison.Ordinal), unset.ToString());

        string[] words = [.. Enumerable.Range(0, 8).Select(n => new string((char)('a' + n), 100_000))];
        Assert.Equal(string.Join(' ', words) + "\n", await cleave.OkAsync(["exec", "a", "echo", .. words]));
        await cleave.OkAsync("down");

        async Task<string> Exec(params string[] options) => (await cleave.OkAsync(["exec", .. options, "a", "sh", "-c", Show])).Trim();
    }

    [Fact]
    public async Task Standard_output_and_error_stay_apart()
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        Outcome outcome = await cleave.RunAsync("exec", "a", "--", "sh", "-c", "echo out; echo err >&2; echo out; exit 7");
        Assert.Equal(new Outcome(7, "out\nout\n", "err\n"), outcome);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Input_and_output_are_complete_however_slow_the_reader_is()
    {
        CleaveCommand cleave = NewLab(OneNode);
        byte[] bytes = RandomNumberGenerator.GetBytes(5_000_000);
        File.WriteAllBytes(Path.Combine(cleave.Folder, "input"), bytes);
        string sum = Convert.ToHexStringLower(SHA256.HashData(bytes));
        await cleave.OkAsync("up", "-d");

        Assert.Equal(sum, await Sum(cleave, "\"$CLEAVE\" exec a -- cat <input"));
        Assert.Equal(sum, await Sum(cleave, "\"$CLEAVE\" exec a -- sha256sum <input", already: true));

        // The program has long ended when the reader takes the first byte.
        Assert.Equal(sum, await Sum(cleave, "\"$CLEAVE\" exec a -- cat input | (sleep 2; cat)"));

        string big = await Sum(cleave, "\"$CLEAVE\" exec a -- head -c 50000000 /dev/zero");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(new byte[50_000_000])), big);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_program_that_does_not_read_its_input_does_not_wait_for_it()
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        Outcome outcome = await cleave.ShellAsync("head -c 10000000 /dev/zero | \"$CLEAVE\" exec a -- sh -c 'exit 9'");
        Assert.True(outcome.Code == 9, outcome.ToString());

        // Input that stays open does not either.
        long start = Stopwatch.GetTimestamp();
        using CleaveCommand.Background exec = cleave.StartInBackground("exec", "a", "--", "sh", "-c", "echo done; exit 5");
        Assert.Equal(5, await exec.EndsAsync());
        Assert.Contains("done", exec.Output, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 100);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_process_left_in_the_background_does_not_keep_exec_waiting()
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        Outcome outcome = await cleave.RunAsync("exec", "a", "--", "sh", "-c", "sleep 1000 & echo started; exit 4");
        Assert.Equal(new Outcome(4, "started\n", ""), outcome);
        await cleave.OkAsync("down");
        Assert.Empty(MachineState.MarkedProcesses(Runtime));
    }

    [Fact]
    public async Task Many_run_at_once()
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        Outcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            cleave.RunAsync("exec", "a", "--", "sh", "-c", $"seq {i} 5000 | cksum; exit {i}")));
        for (int i = 0; i < outcomes.Length; i++)
        {
            Outcome expected = await cleave.RunAsync("sh", ["-c", $"seq {i} 5000 | cksum; exit {i}"], null);
            Assert.Equal(expected, outcomes[i]);
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task The_fabric_is_a_place_to_run_programs_in()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1}, b: {ip: 172.23.0.2}}}");
        await cleave.OkAsync("up", "-d");
        string links = await cleave.OkAsync("exec", "fabric", "--", "ip", "-br", "link");
        Assert.Equal(["br1", "lo", "p1", "p2"], links.Split('\n').Where(l => l.Length > 0).Select(l => l.Split(' ', '@')[0]).Order(StringComparer.Ordinal));
        await cleave.OkAsync("down");
    }

    private static async Task<string> Sum(CleaveCommand cleave, string line, bool already = false)
    {
        Outcome outcome = await cleave.ShellAsync(already ? line : $"{{ {line}; echo $? >code; }} | sha256sum");
        Assert.True(outcome is { Code: 0, Errors: "" }, outcome.ToString());
        Assert.True(already || File.ReadAllText(Path.Combine(cleave.Folder, "code")) == "0\n");
        return outcome.Output.Split(' ')[0];
    }

    [Fact]
    public async Task A_command_line_as_long_as_a_script_reaches_the_program()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1}}}");
        await cleave.OkAsync("up", "-d");
        string script = new('x', 120_000); // execve(2) takes 128 KiB for one argument
        Assert.Equal("240000\n", await cleave.OkAsync("exec", "a", "--", "sh", "-c", "printf %s \"$@\" | wc -c", "sh", script, script));
        await cleave.OkAsync("down");
    }
}
