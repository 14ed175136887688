using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary><c>cleave vm</c>: with qemu for real where CLEAVE_VM says so, which takes minutes; multipass and lima by stand-ins that answer as their documentation says.</summary>
public sealed class VmTests : KernelTest
{
    // multipass 1.13: `info` of what is not there ends with 2 and that sentence; launch, mount, transfer and exec say nothing that we read.
    private const string Multipass =
        """
        #!/bin/sh
        echo "$*" >>"$STAND_IN/calls"
        case $1 in
        info)
            [ -e "$STAND_IN/$2" ] || { echo "info failed: instance \"$2\" does not exist" >&2; exit 2; }
            printf '{"errors":[],"info":{"%s":{"image_release":"24.04 LTS","ipv4":["10.0.2.15"],"mounts":{},"state":"%s"}}}\n' "$2" "$(cat "$STAND_IN/$2")" ;;
        launch) echo Running >"$STAND_IN/$3"; [ -z "${FAILS-}" ] || { echo "launch failed: Remote \"\" is unknown or unreachable." >&2; exit 2; } ;;
        start) echo Running >"$STAND_IN/$2" ;;
        delete) rm "$STAND_IN/$3" ;;
        exec) shift 2; while [ "$1" != -- ]; do shift; done; shift 2; case $* in *"cleave test"*) echo inside; exit 3 ;; esac ;;
        esac
        """;

    // limactl 1.0: `list` prints a line an instance, of none a warning; `start --name` makes one.
    private const string Lima =
        """
        #!/bin/sh
        echo "$*" >>"$STAND_IN/calls"
        case $1 in
        list) for f in "$STAND_IN"/vm-*; do [ ! -e "$f" ] || echo "${f##*/vm-} $(cat "$f")"; done; [ -e "$f" ] || echo 'time="2026-01-02T12:00:00Z" level=warning msg="No instance found."' >&2 ;;
        start) for a; do case $a in --name=*) n=${a#--name=} ;; esac; done; echo Running >"$STAND_IN/vm-${n-$3}"; [ -z "${FAILS-}" ] || { echo 'level=fatal msg="no space left on device"' >&2; exit 1; } ;;
        delete) rm "$STAND_IN/vm-$3" ;;
        shell) case $* in *"cleave test"*) echo inside; exit 3 ;; esac ;;
        esac
        """;

    [Theory]
    [InlineData("multipass", "multipass", Multipass, "launch --name cleave --memory 1024M --disk 4096M", "exec cleave --working-directory F -- sudo /usr/local/bin/cleave test -f F/cleave.yaml")]
    [InlineData("lima", "limactl", Lima, "start --tty=false --name=cleave --memory=1 --disk=4 --mount=F:w template://debian-12", "shell --workdir F cleave sudo /usr/local/bin/cleave test -f F/cleave.yaml")]
    public async Task A_machine_of_another_program_is_made_once_used_and_taken_away(string backend, string tool, string standIn, string made, string used)
    {
        CleaveCommand cleave = NewLab(LabText.Of("a").Yaml(), "/var/tmp");
        string folder = NewFolder("cleave-test-vm-", "/var/tmp");
        string program = Path.Combine(folder, tool);
        File.WriteAllText(program, standIn);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        cleave.Environment["STAND_IN"] = folder;
        cleave.Environment["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
        string[] Calls() => [.. File.ReadAllLines(Path.Combine(folder, "calls")).Select(l => l.Replace(cleave.Folder, "F", StringComparison.Ordinal))];

        Assert.Equal("cleave vm: there is no cleave\n", (await cleave.RunAsync("vm", "down")).Errors);
        cleave.Environment["FAILS"] = "1";
        Outcome failed = await cleave.RunAsync("vm", "up");
        Assert.Equal(4, failed.Code);
        Assert.Contains(tool == "limactl" ? "no space left on device" : "unknown or unreachable", failed.Errors, StringComparison.Ordinal);
        Assert.Equal("cleave vm: there is no cleave\n", (await cleave.RunAsync("vm", "down")).Errors); // nothing of it is left
        cleave.Environment.Remove("FAILS");

        Outcome test = await cleave.RunAsync("vm", "test", "--memory", "1G", "--disk", "4G");
        Assert.Equal((3, "inside\n"), (test.Code, test.Output));
        Assert.Contains($"cleave is up, by {backend}\n", test.Errors, StringComparison.Ordinal);
        Assert.Contains(made, Calls());
        Assert.Contains(used, Calls());
        Assert.Equal("cleave vm: cleave is up already\n", (await cleave.RunAsync("vm", "up")).Errors);
        Assert.Single(Calls(), c => c == made);
        Assert.Equal("cleave vm: cleave is gone\n", (await cleave.RunAsync("vm", "down")).Errors);
    }

    [Fact]
    public async Task A_machine_of_qemu_runs_labs_on_a_kernel_of_its_own_and_leaves_nothing()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CLEAVE_VM") is { Length: > 0 }, "takes minutes: ./build.sh test-vm runs it");
        CleaveCommand cleave = NewLab(LabText.Of("a", "b").Yaml() + "scenarios: {s: [{run: ping -c1 -W9 b, node: a}, {isolate: b}, {expect: {from: a, to: b, is: unreachable}}]}\n", "/var/tmp");
        string state = Path.Combine(Runtime, "cleave-vm");

        // An interrupt while it comes up leaves neither a process nor a folder.
        using (CleaveCommand.Background starting = cleave.StartInBackground("vm", "up"))
        {
            await Wait.UntilAsync(() => File.Exists(Path.Combine(state, "cleave", "pid")), () => starting.Output);
            starting.Signal(Posix.SIGINT);
            Assert.Equal(130, await starting.EndsAsync());
        }

        Assert.False(Directory.Exists(Path.Combine(state, "cleave")));

        await cleave.OkAsync("vm", "up", "--backend", "qemu");
        Assert.Contains("already", (await cleave.RunAsync("vm", "up", "--backend", "qemu")).Errors, StringComparison.Ordinal);
        Outcome inside = await cleave.RunAsync("vm", "shell", "--backend", "qemu", "--", "sh", "-c",
            "uname -r; ip netns add x && ip netns exec x tc qdisc add dev lo root netem delay 1ms && echo has netem; touch /etc/of-the-disk new; echo to stderr >&2; exit 7");
        Assert.True(inside.Code == 7, $"{inside}");
        Assert.Matches("^6[.].*-amd64\nhas netem\nto stderr\n$", inside.Output);
        Assert.False(File.Exists("/etc/of-the-disk"));
        Assert.True(File.Exists(Path.Combine(cleave.Folder, "new"))); // the project is shared

        Outcome shell = await cleave.RunAsync("script", ["-qec", $"stty rows 33 cols 99; '{CleaveCommand.Program}' vm shell --backend qemu", "/dev/null"], "tty; stty size; exit 5\n");
        Assert.True(shell.Code == 5 && shell.Output.Contains("/dev/hvc0\r\n33 99\r\n", StringComparison.Ordinal), $"{shell}");

        Outcome test = await cleave.RunAsync("vm", "test", "--backend", "qemu");
        Assert.True(test.Code == 0 && test.Output.Contains("passed", StringComparison.OrdinalIgnoreCase), $"{test}");

        // Ctrl-C ends what runs inside, and not the machine.
        using (CleaveCommand.Background running = cleave.StartInBackground("vm", "run", "--backend", "qemu"))
        {
            await Wait.UntilAsync(() => Task.FromResult(running.Output.Contains("all nodes are ready", StringComparison.Ordinal)), () => running.Output, TimeSpan.FromMinutes(3));
            running.Signal(Posix.SIGINT);
            await running.EndsAsync();
        }

        // Nothing of it runs on, but the command that looks.
        Assert.Equal("1\n", (await cleave.RunAsync("vm", "shell", "--backend", "qemu", "--", "sh", "-c", "ls /run/cleave-vm | grep -c command; ! ps ax | grep -q '[u]nshare.*cleave'")).Output);
        Assert.Contains("is gone", (await cleave.RunAsync("vm", "down", "--backend", "qemu")).Errors, StringComparison.Ordinal);
        Assert.Contains("there is no", (await cleave.RunAsync("vm", "down", "--backend", "qemu")).Errors, StringComparison.Ordinal);
        Directory.Delete(state);
    }
}
