using System.Diagnostics;
using System.Globalization;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests.Storm;

/// <summary>One lab of a storm: started, used and struck at random moments; then everything must be gone, and the next command must work.</summary>
internal sealed class Round(CleaveCommand cleave, string runtime, Random random, Trouble trouble) : IDisposable
{
    public const string Lab =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1, run: [sleep, "1001"]}
          b: {ip: 172.23.0.2, run: "sleep 1002 & sleep 1003; wait", restart: always}
          c: {ip: 172.23.0.3, run: "trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done", ready: {log: up}, stop: {grace: 1s}}
          d: {ip: 172.23.0.4, run: [sleep, "1004"], start: manual}
          e: {ip: 172.23.0.5}
        scenarios:
          s:
            - expect: {from: e, to: a, is: reachable}
              within: 5s
            - during: {isolate: {nodes: a, traffic: none}}
              steps: [{run: sleep 0.2, node: e}, {restart: b}]
            - expect: {from: e, to: a, is: reachable}
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45); // of a machine that is busy with other things, too

    private static readonly string[] Starters = ["up", "up", "up -d", "test", "up --only a,c", "up --keep-going"];

    private static readonly string[] Uses =
    [
        "isolate b", "split a,b b,c", "heal", "cut a --to e --one-way", "check", "status", "ps", "ps --processes", "logs", "exec e -- true", "exec a -- sh -c 'sleep 0.3; echo x'",
        "net-exec a -- ip link", "restart b", "kill b", "pause a", "resume a", "stop c", "start c", "up --only d --lab $(ls $XDG_RUNTIME_DIR/cleave | grep -v lock | head -1)", "down --all",
    ];

    private readonly List<(string Line, CleaveCommand.Background Command)> _commands = [];
    private readonly List<string> _story = [];
    private readonly List<Task> _continuations = [];
    private CleaveCommand.Background? _holder;

    /// <summary>How many processes have been killed.</summary>
    public int Kills { get; private set; }

    /// <summary>How many were stopped and continued.</summary>
    public int Stops { get; private set; }

    /// <summary>Whether the command that was to start the lab failed, though nobody had killed anything.</summary>
    public bool HasBitten => Kills == 0 && _commands[0].Command.Process is { HasExited: true, ExitCode: not 0 };

    /// <summary>What was done, in order.</summary>
    public string Story => $"{trouble}: {string.Join("; ", _story)}";

    /// <summary>Runs it; returns what was found wrong.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        var weather = await PrepareAsync();
        Start(weather.Starter, Starters[random.Next(Starters.Length)]);
        for (int steps = random.Next(3, 9); steps > 0; steps--)
        {
            await Pause(random.Next(4) == 0 ? 900 : 250);
            if (random.Next(100) < 55)
            {
                Strike();
            }
            else
            {
                Start(weather.Others, Uses[random.Next(Uses.Length)]);
            }
        }

        await Task.WhenAll(_continuations);
        List<string> wrong = [];
        await DownAsync(weather, wrong);
        await AwaitCommandsAsync(wrong);
        LetGoOfMounts();
        await AwaitEndAsync(wrong);
        await ExpectNothingAsync(wrong);
        return wrong;
    }

    public void Dispose()
    {
        _commands.ForEach(c => c.Command.Dispose());
        _holder?.Dispose();
    }

    private async Task<Weather> PrepareAsync()
    {
        if (trouble == Trouble.FullDisk)
        {
            _holder = cleave.StartShell(Weather.Holder(random, runtime));
            await _holder.SeesAsync("held");
        }

        var weather = Weather.Of(trouble, random, cleave.Folder);
        _story.Add(weather.Starter);
        return weather;
    }

    private void Start(string prefix, string line)
    {
        _story.Add(line);
        _commands.Add((line, cleave.StartShell($"exec {prefix} \"$CLEAVE\" {line}")));
    }

    /// <summary>A signal to one process: first a kind is drawn, so that the one lab host is as often hit as the many sleeps.</summary>
    private void Strike()
    {
        var kinds = Running().GroupBy(Kind).OrderBy(g => g.Key).ToList();
        if (kinds.Count == 0)
        {
            return;
        }

        var kind = kinds[random.Next(kinds.Count)];
        string victim = kind.ElementAt(random.Next(kind.Count()));
        int pid = int.Parse(victim.Split(':')[0], CultureInfo.InvariantCulture);
        int signal = random.Next(100) switch { < 62 => Posix.SIGKILL, < 86 => Posix.SIGSTOP, < 93 => Posix.SIGTERM, _ => Posix.SIGINT };
        if (Posix.Kill(pid, signal) != 0)
        {
            return;
        }

        _story.Add($"{signal} to {kind.Key}");
        Kills += signal == Posix.SIGKILL ? 1 : 0;
        if (signal == Posix.SIGSTOP)
        {
            Stops++;
            _continuations.Add(ContinueAsync(pid, random.Next(50, 700)));
        }
    }

    /// <summary>All that belongs to labs; not what holds the small file systems.</summary>
    private IEnumerable<string> Running() => MachineState.MarkedProcesses(runtime).Where(p => !p.Contains("sleep 1000", StringComparison.Ordinal));

    private static async Task ContinueAsync(int pid, int after)
    {
        await Task.Delay(after);
        _ = Posix.Kill(pid, Posix.SIGCONT);
    }

    private static string Kind(string process) =>
        process.Contains("unshare --user --keep-caps", StringComparison.Ordinal) ? "unshare"
        : process.Contains(" lab-host", StringComparison.Ordinal) ? "lab host"
        : process.Contains($"/{CleaveCommand.Name} ", StringComparison.Ordinal) ? "command"
        : process.Contains("cleave-init", StringComparison.Ordinal) ? "init"
        : process.Contains("sleep 100", StringComparison.Ordinal) ? "program"
        : "other";

    private async Task ExpectOkAsync(Weather weather, string line, List<string> wrong)
    {
        using CleaveCommand.Background command = cleave.StartShell($"exec {weather.Others} \"$CLEAVE\" {line}");
        if (!await EndsAsync(command))
        {
            wrong.Add($"{line} hangs; it said: {command.Output}\n{Where()}");
        }
        else if (command.Process.ExitCode != 0)
        {
            wrong.Add($"{line} ended with {command.Process.ExitCode}: {command.Output}");
        }
    }

    /// <summary>
    /// More than once, since a command that was stopped at its very beginning makes its lab only now; and until all processes have ended, since the
    /// strace that a command ran under may have been killed and not the command.
    /// </summary>
    private async Task DownAsync(Weather weather, List<string> wrong)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            await ExpectOkAsync(weather, "down --all", wrong);
            await Task.WhenAny(Task.WhenAll(_commands.Select(c => c.Command.Process.WaitForExitAsync())), Task.Delay(1000));
        }
        while (wrong.Count == 0 && Running().Any() && Stopwatch.GetElapsedTime(start) < Patience);
    }

    private async Task AwaitCommandsAsync(List<string> wrong)
    {
        foreach ((string line, CleaveCommand.Background command) in _commands)
        {
            if (!await EndsAsync(command))
            {
                wrong.Add($"{line} hangs; it said: {command.Output}\n{Where()}");
                command.Process.Kill();
            }
            else if (IsCrash(command.Output) || (command.Process.ExitCode is 134 or 139 && trouble != Trouble.LittleMemory))
            {
                wrong.Add($"{line} crashed with {command.Process.ExitCode}: {command.Output}");
            }
        }

        string labs = Path.Combine(cleave.Folder, ".cleave", "labs");
        foreach (string file in Directory.Exists(labs) ? Directory.GetFiles(labs, "lab-host.err", SearchOption.AllDirectories) : [])
        {
            string said = await File.ReadAllTextAsync(file);
            if (IsCrash(said))
            {
                wrong.Add($"the lab host crashed: {said}");
            }

            File.Delete(file);
        }
    }

    /// <summary>A runtime that ends for want of memory, by abort(3) or because it can load no assembly, is no crash of ours.</summary>
    private bool IsCrash(string said) => trouble != Trouble.LittleMemory && said.Contains("Unhandled exception", StringComparison.Ordinal);

    private void LetGoOfMounts()
    {
        _holder?.Dispose();
        _holder = null;
    }

    private async Task AwaitEndAsync(List<string> wrong)
    {
        long start = Stopwatch.GetTimestamp();
        while (MachineState.MarkedProcesses(runtime).Count > 0)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                wrong.Add($"processes are left:\n{Where()}");
                MachineState.KillMarked(runtime);
                return;
            }

            await Task.Delay(20);
        }
    }

    private async Task ExpectNothingAsync(List<string> wrong)
    {
        Outcome next = await cleave.RunAsync("ps", "--all");
        if (next.Code != 0 || next.Output.Split('\n').Length != 2)
        {
            wrong.Add($"ps --all afterwards: {next}");
        }

        string folder = Path.Combine(runtime, "cleave");
        string[] left = Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder) : [];
        if (left.Length > 0)
        {
            wrong.Add($"left in the runtime directory: {string.Join(", ", left)}");
            Array.ForEach(left, e => Process.Start("rm", ["-rf", e]).WaitForExit());
        }

        string labs = Path.Combine(cleave.Folder, ".cleave", "labs");
        string[] data = Directory.Exists(labs) ? Directory.GetDirectories(labs, "data", SearchOption.AllDirectories) : [];
        if (data.Length > 0)
        {
            wrong.Add($"left of the labs' data: {string.Join(", ", data)}");
            Array.ForEach(data, e => Process.Start("rm", ["-rf", e]).WaitForExit());
        }
    }

    /// <summary>What still runs, and where it waits.</summary>
    private string Where() => string.Join('\n', MachineState.MarkedProcesses(runtime).Select(p =>
    {
        string status = "";
        try
        {
            status = string.Join(' ', File.ReadLines($"/proc/{p.Split(':')[0]}/status").Where(l => l.StartsWith("State", StringComparison.Ordinal) || l.StartsWith("PPid", StringComparison.Ordinal)))
                + " " + File.ReadAllText($"/proc/{p.Split(':')[0]}/wchan");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile.
        }

        return $"  {p[..Math.Min(p.Length, 160)]} [{status.Replace('\t', ' ')}]";
    }));

    private static async Task<bool> EndsAsync(CleaveCommand.Background command)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await command.Process.WaitForExitAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return command.Process.HasExited; // what it started may have its output open
        }
    }

    private Task Pause(int most) => Task.Delay(random.Next(most));
}
