using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>A node's program starts as a child of the user's shell does: what .NET changes in its own process must not be inherited.</summary>
public sealed class ProcessStartTests : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1, run: 'sh ./probe >node; echo done; exec sleep 1000', ready: {log: done}}
        """;

    // The same script runs on the host and in a node. What ought to differ (PIDs, memory, times, namespaces) is left out.
    private const string Probe =
        """
        grep -E '^(Umask|TracerPid|Sig(Pnd|Blk|Ign|Cgt)|ShdPnd|Cap(Inh|Amb)|NoNewPrivs|Seccomp|Speculation|THP|Cpus_allowed|Mems_allowed)' /proc/self/status
        cat /proc/self/limits
        echo umask $(umask)
        echo priority, nice and policy $(awk '{print $18, $19, $41}' /proc/self/stat)
        echo oom $(cat /proc/self/oom_score_adj)
        echo personality $(cat /proc/self/personality)
        echo timer slack $(cat /proc/self/timerslack_ns)
        echo descriptors $(ls /proc/self/fd)
        """;

    [Theory]
    [InlineData("ulimit -Sn 777; umask 027")]
    [InlineData("ulimit -Sn 1999; ulimit -Sc 0; ulimit -Hs 16384; ulimit -Ss 4096; umask 077; renice -n 5 $$ >/dev/null")]
    [InlineData("ulimit -Hn 3000; ulimit -Sn 3000; umask 0")]
    public async Task A_program_starts_with_the_signals_limits_and_mask_of_a_shells_child(string settings)
    {
        CleaveCommand cleave = NewLab(Lab);
        File.WriteAllText(Path.Combine(cleave.Folder, "probe"), Probe);

        // The shell stays the parent of cleave: its limits are those that count.
        Outcome outcome = await cleave.ShellAsync(
            $"{settings}; sh ./probe </dev/null >host; \"$CLEAVE\" up -d && \"$CLEAVE\" exec a -- sh ./probe </dev/null >exec; exit $?");
        Assert.True(outcome.Code == 0, outcome.ToString());
        string host = File.ReadAllText(Path.Combine(cleave.Folder, "host"));
        Assert.Contains("Max open files", host, StringComparison.Ordinal);
        Assert.Contains("SigIgn", host, StringComparison.Ordinal);
        Assert.Equal(host, File.ReadAllText(Path.Combine(cleave.Folder, "node")));
        Assert.Equal(host, File.ReadAllText(Path.Combine(cleave.Folder, "exec")));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_program_leads_a_session_of_its_own_and_reads_from_nowhere()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a:
                ip: 172.23.0.1
                run: [sh, -c, 'echo "pid $$ stat $(cut -d" " -f1,5-8 /proc/$$/stat) stdin $(readlink /proc/$$/fd/0)"; echo end; exec sleep 1000']
                ready: {log: end}
            """);
        await cleave.OkAsync("up", "-d");
        string line = (await cleave.OkAsync("logs", "a")).Split('\n').Single(l => l.Contains("pid ", StringComparison.Ordinal));
        string[] words = line[line.IndexOf("pid ", StringComparison.Ordinal)..].Split(' ');

        // pid, and from proc_pid_stat(5): pid, process group, session, terminal, foreground group of the terminal.
        string pid = words[1];
        Assert.NotEqual("1", pid);
        Assert.Equal($"pid {pid} stat {pid} {pid} {pid} 0 -1 stdin /dev/null", string.Join(' ', words));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_mask_that_shuts_others_out_does_not_make_the_nodes_files_unreadable()
    {
        CleaveCommand cleave = NewLab("cleave: 1\nnodes: {a: {ip: 172.23.0.1}}\n");
        string deeper = Path.Combine(cleave.Folder, "deeper");
        Directory.CreateDirectory(deeper);
        File.Move(Path.Combine(cleave.Folder, "cleave.yaml"), Path.Combine(deeper, "cleave.yaml"));

        Outcome outcome = await cleave.ShellAsync("cd deeper && umask 077 && \"$CLEAVE\" up -d");
        Assert.True(outcome.Code == 0, outcome.ToString());

        // Whatever user id a program changes to, it finds the other nodes, and the way to the project below the node's own /tmp.
        string modes = $"echo $(stat -c %a /etc/hosts {cleave.Folder} {deeper})";
        Assert.Equal($"644 755 {Mode(deeper)}", (await cleave.OkAsync("exec", "--lab", outcome.Output.Trim(), "a", "--", "sh", "-c", modes)).Trim());
        await cleave.OkAsync("down", "--all");
    }

    private static string Mode(string folder) => Convert.ToString((int)File.GetUnixFileMode(folder), 8);
}
