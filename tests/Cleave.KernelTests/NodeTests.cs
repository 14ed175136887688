using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What a node sees: its own name, processes, files and interfaces, and the project where it lies.</summary>
public sealed class NodeTests : KernelTest
{
    private const string TwoNodes =
        """
        cleave: 1
        networks:
          lan: {subnet: 172.23.0.0/24}
          wan: {subnet: 10.9.0.0/16}
        nodes:
          a: {networks: {lan: 172.23.0.1, wan: 10.9.0.1}, run: [sleep, "1111"]}
          b: {networks: {lan: 172.23.0.2}, run: [sleep, "2222"]}
        """;

    [Fact]
    public async Task A_node_has_its_own_name_and_interfaces_and_knows_every_node_by_name()
    {
        string hostName = File.ReadAllText("/proc/sys/kernel/hostname");
        CleaveCommand cleave = NewLab(TwoNodes);
        await cleave.OkAsync("up", "-d");

        Assert.Equal("a a", await cleave.InAsync("a", "echo $(hostname) $(uname -n)"));
        Assert.Equal("b", await cleave.InAsync("b", "hostname"));
        Assert.Equal(hostName, File.ReadAllText("/proc/sys/kernel/hostname"));

        Assert.Equal("172.23.0.1 10.9.0.1 172.23.0.2", await cleave.InAsync("a", Addresses));
        Assert.Equal("172.23.0.1 172.23.0.2", await cleave.InAsync("b", Addresses));
        Assert.Equal("127.0.0.1", await cleave.InAsync("b", "getent ahostsv4 localhost | awk '{print $1}' | uniq"));

        Assert.Equal("eth0 eth1 lo", await cleave.InAsync("a", "echo $(ls /sys/class/net)"));
        Assert.Equal("eth0 lo", await cleave.InAsync("b", "echo $(ls /sys/class/net)"));
        await cleave.OkAsync("down");
    }

    private const string Addresses = "echo $(for name in a b; do getent ahostsv4 $name | awk '{print $1}' | uniq; done)";

    [Fact]
    public async Task A_node_has_its_own_temporary_files_shared_memory_and_message_queues()
    {
        CleaveCommand cleave = NewLab(TwoNodes, below: "/var/tmp");
        string file = $"cleave-test-{Guid.NewGuid():N}";
        await cleave.OkAsync("up", "-d");
        await cleave.InAsync("a", $"echo a >/tmp/{file} && echo a >/dev/shm/{file} && ipcmk -Q");

        Assert.Equal($"{file} {file} 1", await cleave.InAsync("a", Shared));
        Assert.Equal("0", await cleave.InAsync("b", Shared));
        Assert.False(File.Exists($"/tmp/{file}"));
        Assert.False(File.Exists($"/dev/shm/{file}"));

        // Any user id of the node may use them, and only the owner of a file may remove it.
        Assert.Equal("1777 1777", await cleave.InAsync("a", "echo $(stat -c %a /tmp /dev/shm)"));
        await cleave.OkAsync("down");
    }

    private const string Shared = "echo $(ls -A /tmp /dev/shm | grep -v :) $(ipcs -q | grep -c ^0x)";

    [Fact]
    public async Task A_node_sees_only_its_own_processes_and_its_program_is_not_the_first_of_them()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        await cleave.OkAsync("up", "-d");

        string[] processes = (await cleave.InAsync("a", "for p in /proc/[0-9]*; do echo ${p#/proc/} $(tr '\\0' ' ' <$p/cmdline); done")).Split('\n');
        Assert.Single(processes, p => p.EndsWith(" sleep 1111", StringComparison.Ordinal));
        Assert.DoesNotContain(processes, p => p.StartsWith("1 sleep 1111", StringComparison.Ordinal));
        Assert.Single(processes, p => p.StartsWith("1 cleave-init", StringComparison.Ordinal));
        Assert.DoesNotContain(processes, p => p.Contains("2222", StringComparison.Ordinal) || p.Contains("lab-host", StringComparison.Ordinal));

        // All that is left are the shell that prints this, its child, and PID 1.
        Assert.InRange(processes.Length, 3, 4);
        await cleave.OkAsync("down");
    }

    [Theory]
    [InlineData("/tmp")]
    [InlineData("/var/tmp")]
    [InlineData("/dev/shm")]
    public async Task The_projects_folder_is_at_its_own_path_in_every_node(string below)
    {
        CleaveCommand cleave = NewLab(TwoNodes, below);
        File.WriteAllText(Path.Combine(cleave.Folder, "from-host"), "host\n");
        await cleave.OkAsync("up", "-d");
        Assert.Equal($"{cleave.Folder} host", await cleave.InAsync("a", "echo $PWD $(cat from-host); echo node >from-a"));
        Assert.Equal("node", await cleave.InAsync("b", $"cat {cleave.Folder}/from-a"));
        Assert.Equal("node\n", File.ReadAllText(Path.Combine(cleave.Folder, "from-a")));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Every_node_of_every_lab_has_a_data_folder_of_its_own_that_is_gone_afterwards()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        string[] labs = [(await cleave.OkAsync("up", "-d")).Trim(), (await cleave.OkAsync("up", "-d")).Trim()];
        var folders = new List<string>();
        foreach (string lab in labs)
        {
            foreach (string node in (string[])["a", "b"])
            {
                string said = await cleave.OkAsync("exec", "--lab", lab, node, "--", "sh", "-c", "echo mine >\"$CLEAVE_DATA/file\" && echo $CLEAVE_DATA");
                folders.Add(said.TrimEnd('\n'));
            }
        }

        Assert.Equal(4, folders.Distinct(StringComparer.Ordinal).Count());
        Assert.All(folders, f => Assert.Equal("mine\n", File.ReadAllText(Path.Combine(f, "file"))));

        await cleave.OkAsync("down", "--lab", labs[0]);
        Assert.All(folders[..2], f => Assert.False(Directory.Exists(f)));
        Assert.All(folders[2..], f => Assert.True(Directory.Exists(f)));
        await cleave.OkAsync("down");
        Assert.All(folders, f => Assert.False(Directory.Exists(f)));
    }

    /// <summary>Whoever reaches the control socket can end the lab, and every other lab of the user.</summary>
    [Theory]
    [InlineData("below /tmp")]
    [InlineData("elsewhere")]
    [InlineData("in the project")]
    [InlineData("in the project below /tmp")]
    [InlineData("below /dev/shm")]
    public async Task A_node_cannot_see_the_control_socket(string where)
    {
        CleaveCommand cleave = NewLab(TwoNodes, where == "in the project" ? "/var/tmp" : "/tmp");
        string runtime = where switch
        {
            "below /tmp" => Runtime,
            "below /dev/shm" => NewFolder("cleave-test-run-", "/dev/shm"),
            "elsewhere" => NewFolder("cleave-test-run-", "/var/tmp"),
            _ => Path.Combine(cleave.Folder, "run"),
        };
        Directory.CreateDirectory(runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        cleave.Environment["XDG_RUNTIME_DIR"] = runtime;
        string lab = (await cleave.OkAsync("up", "-d")).Trim();

        string list = $"ls -A {runtime}/cleave";
        Assert.Contains(lab, await cleave.InAsync("fabric", list), StringComparison.Ordinal);
        Assert.DoesNotContain(lab, (await cleave.RunAsync("exec", "a", "--", "sh", "-c", list)).ToString(), StringComparison.Ordinal);
        await cleave.OkAsync("down");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(runtime, "cleave")));
    }

    [Fact]
    public async Task A_node_starts_in_its_folder_with_the_users_environment_its_own_on_top()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a:
                ip: 172.23.0.1
                dir: sub/folder
                env: {BOTH: "the file's", ONLY_FILE: " $HOME "}
                run: 'echo "$PWD|$(pwd)|$BOTH|$ONLY_FILE|$ONLY_USER|$CLEAVE_LAB|$CLEAVE_NODE|$CLEAVE_NODES|"; exec sleep 1000'
                ready: {log: CLEAVE_NODES=|a=172}
              b: {ip: 172.23.0.2}
            """);
        Directory.CreateDirectory(Path.Combine(cleave.Folder, "sub", "folder"));
        cleave.Environment["BOTH"] = "the user's";
        cleave.Environment["ONLY_USER"] = "user";
        string lab = (await cleave.OkAsync("up", "-d")).Trim();

        string folder = Path.Combine(cleave.Folder, "sub", "folder");
        string expected = $"{folder}|{folder}|the file's| $HOME |user|{lab}|a|a=172.23.0.1 b=172.23.0.2|";
        Assert.Contains(expected, await cleave.OkAsync("logs", "a"), StringComparison.Ordinal);
        Assert.Equal(
            $"{folder} the file's user {lab} a",
            await cleave.InAsync("a", "echo $PWD $BOTH $ONLY_USER $CLEAVE_LAB $CLEAVE_NODE"));
        Assert.Equal($"{cleave.Folder} the user's b", await cleave.InAsync("b", "echo $PWD $BOTH $ONLY_FILE $CLEAVE_NODE"));
        await cleave.OkAsync("down");
    }

    /// <summary>A project may be a web application, and configure it by the files and variables that the lab host's own web server would read.</summary>
    [Fact]
    public async Task The_configuration_of_a_web_project_is_not_the_lab_hosts()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: [sleep, '1000']}}}");
        cleave.Write("appsettings.json", """{"Kestrel": {"Endpoints": {"Web": {"Url": "http://127.0.0.1:5999"}}}}""");
        cleave.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:5998";
        await cleave.OkAsync("up", "-d");

        // Nothing listens there but who answers for names, at 172.23.0.254:53.
        Assert.Equal("FE0017AC:0035", await cleave.InAsync("fabric", "tail -q -n +2 /proc/net/tcp /proc/net/tcp6 | while read -r number address rest; do echo $address; done"));
        Assert.Equal("http://127.0.0.1:5998", await cleave.InAsync("a", "echo $ASPNETCORE_URLS"));
        await cleave.OkAsync("down");
    }

    /// <summary>The file refers to the variable, and the shell of the node reads it: whatever is in it stays one word.</summary>
    [Fact]
    public async Task A_variable_of_the_user_reaches_a_shell_line_as_it_is()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a:
                ip: 172.23.0.1
                run: |
                  printf '%s|' "${env.GREETING}" "${env.NOT_SET:-a default}" '$${env.GREETING}' >out
                  exec sleep 1000
                env: {COPY: "<${env.GREETING}>"}
            """);
        const string Greeting = "a  b\"; touch broken; $(touch broken) 'c' \\ ü";
        cleave.Environment["GREETING"] = Greeting;
        await cleave.OkAsync("up", "-d");
        string file = Path.Combine(cleave.Folder, "out");
        await Wait.UntilAsync(() => File.Exists(file) && File.ReadAllText(file).EndsWith("}|", StringComparison.Ordinal), () => "nothing was written");
        Assert.Equal($"{Greeting}|a default|${{env.GREETING}}|", File.ReadAllText(file));
        Assert.Equal($"<{Greeting}>", await cleave.InAsync("a", "printenv COPY"));
        Assert.False(File.Exists(Path.Combine(cleave.Folder, "broken")));
        await cleave.OkAsync("down");
    }
}
