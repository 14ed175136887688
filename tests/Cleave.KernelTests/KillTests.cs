using System.Globalization;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Kill -9 at random moments. CLEAVE_KILLS and CLEAVE_SEED in the environment make longer runs, and the same one again.</summary>
public sealed class KillTests(ITestOutputHelper output) : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1, run: [sleep, "1001"]}
          b: {ip: 172.23.0.2, run: "sleep 1002 & sleep 1003; wait"}
          c: {ip: 172.23.0.3}
        """;

    private enum Moment
    {
        Starting,
        Running,
        Ending,
    }

    private enum Victim
    {
        Command,
        Unshare,
        LabHost,
        Init,
        Program,
    }

    [Fact]
    public async Task Nothing_is_left_after_100_kills_at_random_moments()
    {
        int kills = Setting("CLEAVE_KILLS", 100);
        int seed = Setting("CLEAVE_SEED", Random.Shared.Next());
        output.WriteLine($"CLEAVE_SEED={seed}");
        var random = new Random(seed);
        CleaveCommand cleave = NewLab(Lab);
        for (int i = 0; i < kills; i++)
        {
            var moment = (Moment)random.Next(3);
            var victim = (Victim)random.Next(5);
            bool stoppedExec = moment != Moment.Starting && random.Next(3) == 0;
            string story = $"seed {seed}, kill {i}: {victim} while {moment}{(stoppedExec ? ", an exec being stopped" : "")}";
            await KillAsync(cleave, moment, victim, stoppedExec, random, story);
        }
    }

    private async Task KillAsync(CleaveCommand cleave, Moment moment, Victim victim, bool stoppedExec, Random random, string story)
    {
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        CleaveCommand.Background? exec = null;
        try
        {
            if (moment == Moment.Starting)
            {
                await Task.Delay(random.Next(500)); // the random moment itself
            }
            else
            {
                await up.SeesAsync("all nodes are ready");
            }

            if (stoppedExec)
            {
                exec = cleave.StartInBackground("exec", "c", "--", "sh", "-c", "echo inside; sleep 1004");
                await exec.SeesAsync("inside");
                exec.Signal(Posix.SIGSTOP);
            }

            Task<Outcome>? down = null;
            if (moment == Moment.Ending)
            {
                down = cleave.RunAsync("down", "--all");
                await Task.Delay(random.Next(400));
            }

            Kill(victim, up);
            if (victim is Victim.Init or Victim.Program or Victim.Command && moment == Moment.Starting)
            {
                // It may have been too early to find one: the lab is to end anyway.
                up.Process.Kill();
            }

            if (down is not null)
            {
                await down;
            }

            await up.EndsAsync();
            int? living = exec?.Process.Id;
            await Wait.UntilAsync(
                () => Left(living).Count == 0,
                () => $"{story}; processes are left:\n{string.Join('\n', Left(living))}\nup said:\n{up.Output}");
        }
        finally
        {
            exec?.Dispose();
        }

        Outcome next = await cleave.RunAsync("ps", "--all");
        Assert.True(next.Code == 0 && next.Output.Split('\n').Length == 2, $"{story}; the next command: {next}");
        string[] entries = Directory.Exists(Path.Combine(Runtime, "cleave")) ? Directory.GetFileSystemEntries(Path.Combine(Runtime, "cleave")) : [];
        Assert.True(entries.Length == 0, $"{story}; left in the runtime directory: {string.Join(", ", entries)}");
    }

    private IReadOnlyList<string> Left(int? except) =>
        [.. MachineState.MarkedProcesses(Runtime).Where(p => except is null || !p.StartsWith($"{except}:", StringComparison.Ordinal))];

    private void Kill(Victim victim, CleaveCommand.Background up)
    {
        if (victim == Victim.Command)
        {
            up.Process.Kill();
            return;
        }

        string[] all = [.. MachineState.MarkedProcesses(Runtime)];
        string[] fitting = [.. all.Where(p => victim switch
        {
            Victim.Unshare => p.Contains(": unshare ", StringComparison.Ordinal),
            Victim.LabHost => p.Contains($"/{CleaveCommand.Name} lab-host", StringComparison.Ordinal) && !p.Contains("unshare", StringComparison.Ordinal),
            Victim.Init => p.Contains("cleave-init", StringComparison.Ordinal),
            _ => p.Contains("sleep 100", StringComparison.Ordinal),
        })];
        if (fitting.Length > 0)
        {
            _ = Posix.Kill(int.Parse(fitting[0].Split(':')[0], CultureInfo.InvariantCulture), Posix.SIGKILL);
        }
        else
        {
            up.Process.Kill();
        }
    }
}
