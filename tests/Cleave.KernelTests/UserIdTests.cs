using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Which user ids a lab has: all for root, the subordinate ones where the user has them, otherwise one.</summary>
public sealed class UserIdTests : KernelTest
{
    private const string OneNode = "{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: exec sleep 1000}}}";

    [Fact]
    public async Task A_node_has_all_ids_the_user_may_use()
    {
        SkipWithoutSubordinateIds();
        CleaveCommand cleave = NewLab(OneNode);
        Outcome up = await cleave.RunAsync("up", "-d");
        Assert.True(up is { Code: 0, Errors: "" }, up.ToString());
        string map = Words(await cleave.InAsync("a", "cat /proc/self/uid_map"));
        if (Posix.IsRoot)
        {
            Assert.Equal(Words(File.ReadAllText("/proc/self/uid_map")), map);
        }
        else
        {
            string user = (await cleave.ShellAsync("id -u")).Output.Trim();
            Assert.Matches($@"^0 {user} 1 1 \d+ \d+$", map);
        }

        // What a server does that starts as root and works as another user.
        Assert.Equal("1 2", await cleave.InAsync("a", "touch /tmp/f && chown 1:2 /tmp/f && stat -c '%u %g' /tmp/f"));
        Assert.Equal("33 33", await cleave.InAsync("a", "setpriv --reuid 33 --regid 33 --clear-groups sh -c 'echo $(id -u) $(id -g)'"));

        // And it finds the other nodes, and what it may write to.
        Assert.Contains("172.23.0.1", await cleave.InAsync("a", "setpriv --reuid 33 --regid 33 --clear-groups sh -c 'touch /tmp/mine && cat /etc/hosts'"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Theory]
    [InlineData("up", "-d")]
    [InlineData("up", null)]
    public async Task Without_newuidmap_there_is_one_id_and_up_says_so(string verb, string? option)
    {
        Assert.SkipWhen(Posix.IsRoot, "root has all ids, newuidmap or not");
        CleaveCommand cleave = NewLab(OneNode);
        cleave.Environment["PATH"] = PathWithout("newuidmap", "newgidmap");
        using CleaveCommand.Background up = cleave.StartInBackground([verb, .. option is null ? Array.Empty<string>() : [option]]);
        await up.SeesAsync("one user id exists in this lab");
        await up.SeesAsync("sudo apt install uidmap");
        if (option is not null)
        {
            Assert.Equal(0, await up.EndsAsync());
        }
        else
        {
            await up.SeesAsync("all nodes are ready");
        }

        Assert.Matches(@"^0 \d+ 1$", Words(await cleave.InAsync("a", "cat /proc/self/uid_map")));
        Assert.Equal("0", await cleave.InAsync("a", "touch /tmp/f && chown 0:0 /tmp/f && id -u"));
        Outcome chown = await cleave.RunAsync("exec", "a", "--", "sh", "-c", "LC_ALL=C chown 1 /tmp/f");
        Assert.NotEqual(0, chown.Code);
        Assert.Contains("Invalid argument", chown.Errors, StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task The_one_id_is_told_of_above_all_when_a_node_fails_for_it()
    {
        Assert.SkipWhen(Posix.IsRoot, "root has all ids, newuidmap or not");
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: 'touch /tmp/f; chown 1 /tmp/f || exit 9', ready: {tcp: 80}}}}");
        cleave.Environment["PATH"] = PathWithout("newuidmap", "newgidmap");
        Outcome up = await cleave.RunAsync("up", "-d");
        Assert.Equal(1, up.Code);
        Assert.Contains("a ended with exit code 9", up.Errors, StringComparison.Ordinal);
        Assert.Contains("one user id exists in this lab", up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_other_ids_are_gone_when_the_lab_is()
    {
        SkipWithoutSubordinateIds();
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        string data = await LeaveFilesAsync(cleave);
        await cleave.OkAsync("down");
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task Files_of_other_ids_of_a_killed_lab_are_swept_by_the_next_command()
    {
        SkipWithoutSubordinateIds();
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        string data = await LeaveFilesAsync(cleave);
        string host = MachineState.MarkedProcesses(Runtime).First(p => p.EndsWith($"/{CleaveCommand.Name} lab-host ", StringComparison.Ordinal)
            && !p.Contains("unshare", StringComparison.Ordinal));
        Assert.Equal(0, Posix.Kill(int.Parse(host.Split(':')[0]), Posix.SIGKILL));
        await Wait.UntilAsync(() => MachineState.MarkedProcesses(Runtime).Count == 0, () => "it still runs");
        Assert.True(Directory.Exists(data));
        if (!Posix.IsRoot)
        {
            // Who cannot sweep it can still work, and does not forget it.
            var without = new CleaveCommand(cleave.Folder, Runtime);
            without.Environment["PATH"] = PathWithout("newuidmap", "newgidmap");
            await without.OkAsync("ps", "--all");
            Assert.True(Directory.Exists(data));
        }

        await cleave.OkAsync("ps", "--all");
        Assert.False(Directory.Exists(data));
    }

    /// <summary>A folder that the user himself can neither enter nor remove.</summary>
    private static async Task<string> LeaveFilesAsync(CleaveCommand cleave)
    {
        string data = await cleave.InAsync(
            "a", "mkdir -p $CLEAVE_DATA/x/y && touch $CLEAVE_DATA/x/y/z && chmod 700 $CLEAVE_DATA/x && chown -R 33:33 $CLEAVE_DATA/x && echo $CLEAVE_DATA");
        Assert.True(Directory.Exists(Path.Combine(data, "x")));
        Assert.True(Posix.IsRoot || !Directory.Exists(Path.Combine(data, "x", "y")));
        return data;
    }

    private static void SkipWithoutSubordinateIds()
    {
        Assert.SkipUnless(Posix.IsRoot || OnPath("newuidmap"), "newuidmap is missing (package uidmap)");
        Assert.SkipUnless(
            Posix.IsRoot || (File.Exists("/etc/subuid") && File.ReadLines("/etc/subuid").Any(l => l.StartsWith(Environment.UserName + ":", StringComparison.Ordinal))),
            "the user has no subordinate ids in /etc/subuid");
    }

    private static bool OnPath(string program) => Tool.Folders().Any(f => File.Exists(Path.Combine(f, program)));

    private static string Words(string text) => string.Join(' ', text.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
