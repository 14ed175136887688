using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Labs that are controlled from inside.</summary>
public sealed class ControlTests : KernelTest
{
    private const string Yaml =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1, control: true, dir: /}
          b: {ip: 172.23.0.2}
        """;

    [Theory]
    [InlineData("below /tmp")]
    [InlineData("covered")]
    public async Task Cleave_works_in_a_node_with_control_and_steers_this_lab_alone(string where)
    {
        CleaveCommand cleave = NewLab(where == "covered" ? Yaml.Replace("dir: /}", "dir: /, tmpfs: /mnt, volumes: ['/:/mnt/host']}", StringComparison.Ordinal) : Yaml, "/var/tmp");
        string runtime = where == "below /tmp" ? Runtime : NewFolder("cleave-test-run-", "/var/tmp");
        cleave.Environment["XDG_RUNTIME_DIR"] = runtime;
        string lab = (await cleave.OkAsync("up", "-d")).Trim();
        string other = (await cleave.OkAsync("up", "-d")).Trim();

        Assert.Equal("172.23.0.2", await InAsync(cleave, lab, "a", "$CLEAVE exec b -- sh -c 'echo 172.23.0.2' && $CLEAVE isolate b >/dev/null"));
        Assert.Contains("isolate b", await cleave.OkAsync("status", "--lab", lab), StringComparison.Ordinal);
        Assert.DoesNotContain("isolate b", await cleave.OkAsync("status", "--lab", other), StringComparison.Ordinal);
        Assert.Contains("isolate b", await InAsync(cleave, lab, "a", "$CLEAVE status"), StringComparison.Ordinal);
        await InAsync(cleave, lab, "a", "$CLEAVE heal");
        Assert.DoesNotContain("isolate b", await cleave.OkAsync("status", "--lab", lab), StringComparison.Ordinal);

        // At its own path, and nothing else of the runtime directory.
        Assert.Equal(lab, await InAsync(cleave, lab, "a", $"ls -A {runtime}/cleave"));
        Assert.Equal("no", await InAsync(cleave, lab, "a", $"rm -f {runtime}/cleave/{lab}/control 2>/dev/null || echo no"));
        Assert.Contains(lab, await InAsync(cleave, lab, "a", "$CLEAVE ps"), StringComparison.Ordinal);
        Outcome elsewhere = await cleave.RunAsync("exec", "--lab", lab, "a", "--", "sh", "-c", $"$CLEAVE status --lab {other}");
        Assert.True(elsewhere.Code == 2 && elsewhere.Errors.Contains($"no lab '{other}' is running", StringComparison.Ordinal), elsewhere.ToString());

        // A node without control sees neither.
        Assert.Equal("no", await InAsync(cleave, lab, "b", $"[ -n \"$(ls -A {runtime}/cleave 2>/dev/null)\" ] || echo no"));
        Outcome without = await cleave.RunAsync("exec", "--lab", lab, "b", "--", "sh", "-c", "$CLEAVE status");
        Assert.True(without.Code == 2 && without.Errors.Contains($"no lab '{lab}' is running", StringComparison.Ordinal), without.ToString());

        await cleave.OkAsync("down", "--all");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(runtime, "cleave")));
    }

    [Fact]
    public async Task A_lab_can_be_ended_from_inside()
    {
        CleaveCommand cleave = NewLab(Yaml);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        await cleave.RunAsync("exec", "a", "--", "sh", "-c", "$CLEAVE down");
        Assert.Equal(0, await up.EndsAsync());
        await up.SeesAsync("ended by cleave down");
    }

    [Fact]
    public async Task A_node_without_control_is_refused_though_it_uncovers_the_socket_or_hides_in_namespaces_of_its_own()
    {
        CleaveCommand cleave = NewLab(Yaml, "/var/tmp");
        string runtime = NewFolder("cleave-test-run-", "/var/tmp");
        cleave.Environment["XDG_RUNTIME_DIR"] = runtime;
        await cleave.OkAsync("up", "-d");
        string uncover = $"umount {runtime}/cleave && XDG_RUNTIME_DIR={runtime} $CLEAVE isolate a";
        foreach (string line in (string[])[uncover, $"unshare --user --map-root-user --pid --fork --net --mount --mount-proc sh -c '{uncover.Replace($"umount {runtime}/cleave && ", "", StringComparison.Ordinal)}'"])
        {
            Outcome outcome = await cleave.RunAsync("exec", "b", "--", "sh", "-c", line);
            Assert.True(outcome.Code != 0 && outcome.Errors.Contains("node b does not control the lab; 'control: true' in the lab file lets it", StringComparison.Ordinal), outcome.ToString());
            await cleave.InAsync("b", $"umount {runtime}/cleave 2>/dev/null || true"); // what the second finds
        }

        Assert.DoesNotContain("isolate", await cleave.OkAsync("status"), StringComparison.Ordinal);
        await cleave.OkAsync("isolate", "b"); // from outside
        await cleave.InAsync("fabric", "$CLEAVE heal"); // and from the fabric
        Assert.DoesNotContain("isolate", await cleave.OkAsync("status"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task The_user_of_a_node_with_control_may_steer_the_lab_and_root_there_but_nobody_else()
    {
        Assert.SkipUnless(
            Posix.IsRoot || (Tool.Folders().Any(f => File.Exists(Path.Combine(f, "newuidmap")))
                && File.Exists("/etc/subuid") && File.ReadLines("/etc/subuid").Any(l => l.StartsWith(Environment.UserName + ":", StringComparison.Ordinal))),
            "the user has no subordinate ids (package uidmap, /etc/subuid)");
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, control: true, user: "33:33", dir: /}
              b: {ip: 172.23.0.2, user: "33:33", dir: /}
            """, "/var/tmp");
        string runtime = NewFolder("cleave-test-run-", "/var/tmp");
        cleave.Environment["XDG_RUNTIME_DIR"] = runtime;
        string lab = (await cleave.OkAsync("up", "-d")).Trim();

        // The program may lie where that user cannot go, so the socket is asked by what every Debian has.
        Tool.Require("python3", "python3");
        const string Ask =
            """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX)
            s.connect(sys.argv[1])
            s.sendall(b"GET /lab HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            print(os.getuid(), s.makefile("rb").readline().split()[1].decode())
            """;
        string own = $"/tmp/cleave-33/{lab}/control";
        string roots = $"{runtime}/cleave/{lab}/control";
        Assert.Equal("/tmp/cleave-33", await InAsync(cleave, lab, "a", "echo $CLEAVE_RUNTIME"));
        Assert.Equal("33 200", await PythonAsync(null, own));
        Assert.Equal("0 200", await PythonAsync("root", own));
        Assert.Equal("0 200", await PythonAsync("root", roots));
        Assert.StartsWith("PermissionError", await PythonAsync(null, roots), StringComparison.Ordinal);
        Assert.StartsWith("PermissionError", await PythonAsync("34", own), StringComparison.Ordinal);
        Assert.Equal("", await InAsync(cleave, lab, "b", "ls -d /tmp/cleave-33 2>/dev/null || true"));

        // Were the folders open to all, the lab host would still look at who asks.
        Assert.Equal("", (await cleave.OkAsync("exec", "-u", "root", "a", "--", "sh", "-c", $"chmod 755 /tmp/cleave-33; mount -o remount,bind,rw /tmp/cleave-33/{lab}; chmod 666 {own}")).Trim());
        Assert.Equal("34 403", await PythonAsync("34", own));
        await cleave.OkAsync("down");

        async Task<string> PythonAsync(string? user, string socket)
        {
            string[] who = user is null ? [] : ["-u", user];
            Outcome outcome = await cleave.RunAsync(["exec", .. who, "a", "--", Tool.Python, "-c", Ask, socket]);
            return outcome.Code == 0 ? outcome.Output.Trim() : outcome.Errors.Trim().Split('\n')[^1];
        }
    }

    private static async Task<string> InAsync(CleaveCommand cleave, string lab, string node, string line)
    {
        Outcome outcome = await cleave.RunAsync("exec", "--lab", lab, node, "--", "sh", "-c", line);
        Assert.True(outcome.Code == 0, $"{line}: {outcome}");
        return outcome.Output.TrimEnd('\n');
    }
}
