using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary><c>cleave net-exec</c>: a node's network, and otherwise the host.</summary>
public sealed class NetExecTests : KernelTest
{
    private const string TwoNodes = "{cleave: 1, nodes: {a: {ip: 172.23.0.1}, b: {ip: 172.23.0.2}}}";

    [Fact]
    public async Task It_has_the_nodes_network_and_the_hosts_files_and_name()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        string below = Path.Combine(cleave.Folder, "below");
        Directory.CreateDirectory(below);
        string elsewhere = NewFolder("cleave-test-else-", "/tmp"); // what a node does not see
        File.WriteAllText(Path.Combine(elsewhere, "file"), "the host's\n");
        string lab = (await cleave.OkAsync("up", "-d")).Trim();
        var outside = new CleaveCommand(below, Runtime);
        outside.Environment["FROM_THE_USER"] = "as now";

        Assert.Equal("172.23.0.1/24", await In("a", "ip -4 -o addr show dev eth0 | awk '{print $4}'"));
        Assert.Equal("eth0\nlo", await In("a", "ls /sys/class/net"));
        Assert.Equal("br1\nlo\np1\np2", await In("fabric", "ls /sys/class/net"));
        Assert.Equal("br1\nlo\np1\np2", (await cleave.OkAsync("exec", "fabric", "--", "ls", "/sys/class/net")).Trim());
        Assert.Equal(File.ReadAllText("/etc/hosts").TrimEnd('\n'), await In("a", "cat /etc/hosts"));
        Assert.Equal("the host's", await In("a", $"cat {elsewhere}/file"));
        Assert.Equal((await cleave.ShellAsync("hostname")).Output.Trim(), await In("a", "hostname"));
        Assert.Equal(below, await In("a", "pwd"));
        Assert.Equal("/usr", (await outside.OkAsync("net-exec", "-w", "/usr", "a", "pwd")).Trim());
        Assert.Equal($"as now, {lab}, a, a=172.23.0.1 b=172.23.0.2", await In("a", "echo $FROM_THE_USER, $CLEAVE_LAB, $CLEAVE_NODE, $CLEAVE_NODES"));
        Assert.Contains("lab-host", await In("a", "tr '\\0' ' ' </proc/1/cmdline"), StringComparison.Ordinal);

        // A node sees none of that.
        Assert.Equal("a", await cleave.InAsync("a", "hostname"));
        Assert.Equal("gone", await cleave.InAsync("a", $"cat {elsewhere}/file 2>/dev/null || echo gone"));

        // What it mounts is its own.
        Assert.Equal("", await In("a", "mount -t tmpfs none /mnt && touch /mnt/here"));
        Assert.Equal("gone", await In("a", "ls /mnt/here 2>/dev/null || echo gone"));

        // And what it writes is the user's.
        Assert.Equal("", await In("a", "echo written >file"));
        Assert.Equal((await cleave.ShellAsync("id -u")).Output, (await cleave.ShellAsync("stat -c %u below/file")).Output);
        await cleave.OkAsync("down");

        async Task<string> In(string place, string line) => (await outside.OkAsync("net-exec", "--lab", lab, place, "sh", "-c", line)).TrimEnd('\n');
    }

    [Fact]
    public async Task Cuts_hold_for_it_and_exit_codes_and_streams_come_through()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        await cleave.OkAsync("up", "-d");
        string[] ping = ["net-exec", "a", "ping", "-c", "1", "-W", "1", "172.23.0.2"];
        Assert.Equal(0, (await cleave.RunAsync(ping)).Code);
        await cleave.OkAsync("isolate", "b");
        Assert.Equal(1, (await cleave.RunAsync(ping)).Code);
        Assert.Equal(new Outcome(9, "in\n", "err\n"), await cleave.RunAsync(CleaveCommand.Program, ["net-exec", "a", "sh", "-c", "cat; echo err >&2; exit 9"], "in\n"));
        Assert.Equal(127, (await cleave.RunAsync("net-exec", "a", "no-such-program")).Code);
        Assert.Equal(2, (await cleave.RunAsync("net-exec", "c", "true")).Code);
        await cleave.OkAsync("down");
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("fabric", false)]
    public async Task It_ends_with_the_lab_however_that_ends(string place, bool killed)
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background command = cleave.StartInBackground("net-exec", place, "sh", "-c", "trap '' TERM HUP; echo running; while :; do sleep 1; done");
        await command.SeesAsync("running");
        if (killed)
        {
            int host = MachineState.MarkedProcesses(Runtime).Where(p => p.Contains(" lab-host", StringComparison.Ordinal)
                && !p.Contains("unshare", StringComparison.Ordinal)).Select(p => int.Parse(p.Split(':')[0])).Single();
            Assert.Equal(0, Posix.Kill(host, Posix.SIGKILL));
        }
        else
        {
            await cleave.OkAsync("down");
        }

        Assert.Equal(killed ? 125 : 137, await command.EndsAsync());
        await Wait.UntilAsync(
            () => MachineState.MarkedProcesses(Runtime).Count == 0, () => string.Join('\n', MachineState.MarkedProcesses(Runtime)));
    }
}
