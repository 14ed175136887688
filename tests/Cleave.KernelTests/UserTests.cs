using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Programs that run as another user than the lab's root.</summary>
public sealed class UserTests : KernelTest
{
    private const string Me = "echo $(id -u):$(id -g) $(id -G) $HOME $USER $LOGNAME";

    [Fact]
    public async Task All_that_is_the_nodes_runs_as_its_user_and_setup_as_root()
    {
        RequireIds();
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            nodes:
              a:
                ip: 172.23.0.1
                user: www-data
                env: {EXTRA: "1"}
                dir: /
                volumes: ["data:/srv"]
                setup: ['echo "setup $(id -u)"']
                run: 'echo "run $({{Me}})"; echo again >/dev/stdout; touch /srv/f; exec sleep 1000'
                ready: {run: 'test $(id -u) = 33'}
              b: {ip: 172.23.0.2, user: "4242:4", dir: /}
              c: {ip: 172.23.0.3}
            scenarios:
              s:
                - {expect: {run: 'test $(id -u) = 33', node: a} }
                - {run: 'test $(id -u) = 0'}
            """);
        await cleave.OkAsync("up", "-d");
        string logs = await cleave.OkAsync("logs", "a");
        Assert.Contains("| setup 0\n", logs, StringComparison.Ordinal);
        Assert.Contains("| run 33:33 33 /var/www www-data www-data\n", logs, StringComparison.Ordinal);
        Assert.Contains("| again\n", logs, StringComparison.Ordinal);
        Assert.Equal("33:33 33 /var/www www-data www-data", await cleave.InAsync("a", Me));
        Assert.Equal("4242:4 4 /", await cleave.InAsync("b", Me));
        string home = (await cleave.ShellAsync("echo $HOME")).Output.Trim();
        Assert.Equal($"0 {home}", await cleave.InAsync("c", "echo $(id -u) $HOME"));

        // What is its own is in data of its own, and another can look in.
        Assert.Equal("33:33 33:33 33:33", await cleave.InAsync("a", "echo $(stat -c %u:%g /srv /srv/f) $(stat -c %u:%g /proc/self/fd/1 -L)"));
        Assert.Equal("0", (await cleave.OkAsync("exec", "-u", "root", "a", "--", "id", "-u")).Trim());
        Assert.Equal("1:2", (await cleave.OkAsync("exec", "--user", "1:2", "a", "--", "sh", "-c", "echo $(id -u):$(id -g)")).Trim());
        Assert.Equal("33", (await cleave.ShellAsync("echo id -u | SHELL=/bin/sh \"$CLEAVE\" shell a")).Output.Trim());
        Outcome unknown = await cleave.RunAsync("exec", "-u", "www-dta", "a", "--", "id");
        Assert.True(unknown.Code == 2 && unknown.Errors.Contains("did you mean 'www-data'?", StringComparison.Ordinal), unknown.ToString());
        Outcome unmapped = await cleave.RunAsync("exec", "-u", "4294967294", "a", "--", "id");
        Assert.True(Posix.IsRoot || (unmapped.Code == 2 && unmapped.Errors.Contains("nothing can run as user id 4294967294", StringComparison.Ordinal)), unmapped.ToString());

        // Root's processes in the node are ended, too.
        await cleave.OkAsync("kill", "a");
        await cleave.OkAsync("down");
        await cleave.OkAsync("test");
    }

    [Fact]
    public async Task The_terminal_of_an_exec_belongs_to_the_user()
    {
        RequireIds();
        Tool.Require("script", "bsdutils");
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, user: www-data, dir: /}}}");
        await cleave.OkAsync("up", "-d");

        // Its input stays open: when it ends, script(1) types an end of file of its own, which the terminal echoes amid what we look for.
        Outcome seen = await cleave.ShellAsync("mkfifo in && script -qec '\"$CLEAVE\" exec a -- sh -c \"stat -L -c %u \\$(tty); echo to the terminal >\\$(tty); echo to the other >/dev/tty\"' /dev/null 3<>in <&3");
        Assert.EndsWith("33\nto the terminal\nto the other\n", seen.Output.Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_server_works_as_the_user_with_its_configuration_and_data_in_volumes()
    {
        RequireIds();
        Tool.Require("nginx", "nginx");
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              web:
                ip: 172.23.0.1
                user: www-data
                dir: /
                volumes: ["./conf:/mnt:ro", "data:/srv"]
                run: nginx -e stderr -c /mnt/nginx.conf
                ready: {http: ":8000/"}
              client: {ip: 172.23.0.2}
            """);
        Directory.CreateDirectory(Path.Combine(cleave.Folder, "conf"));
        cleave.Write(
            "conf/nginx.conf",
            """
            daemon off; pid /srv/pid; error_log stderr; worker_processes 1;
            events { worker_connections 32; }
            http {
                access_log /dev/stdout; client_body_temp_path /srv/b; proxy_temp_path /srv/p; fastcgi_temp_path /srv/f; uwsgi_temp_path /srv/u; scgi_temp_path /srv/s;
                server { listen 8000; location / { return 200 "served\n"; } }
            }
            """);
        await cleave.OkAsync("up", "-d");
        Assert.Equal("served", (await cleave.OkAsync("exec", "client", "--", "bash", "-c", "exec 3<>/dev/tcp/web/8000; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; tail -1 <&3")).Trim());
        string processes = await cleave.InAsync("web", "ps -eo user:20,comm | grep nginx | sort -u");
        Assert.Equal("www-data nginx", string.Join(' ', processes.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains("GET / HTTP", await cleave.OkAsync("logs", "web"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Where_the_id_does_not_exist_nothing_is_made_and_the_remedy_is_said()
    {
        Assert.SkipWhen(Posix.IsRoot, "root has all ids");
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, user: www-data}}, scenarios: {s: [heal]}}");
        cleave.Environment["PATH"] = PathWithout("newuidmap", "newgidmap");
        foreach ((string[] verb, int code) in ((string[], int)[])[(["up", "-d"], 125), (["test"], 4)])
        {
            Outcome outcome = await cleave.RunAsync(verb);
            Assert.Equal(code, outcome.Code);
            Assert.Contains("node a cannot run as www-data (user id 33): in this lab there is only user id 0", outcome.Errors, StringComparison.Ordinal);
            Assert.Contains("sudo apt install uidmap", outcome.Errors, StringComparison.Ordinal);
            Assert.Contains("or start the lab as root", outcome.Errors, StringComparison.Ordinal);
            AssertNothingIsLeft();
        }
    }

    private static void RequireIds()
    {
        Assert.SkipUnless(
            Posix.IsRoot || (Tool.Folders().Any(f => File.Exists(Path.Combine(f, "newuidmap")))
                && File.Exists("/etc/subuid") && File.ReadLines("/etc/subuid").Any(l => l.StartsWith(Environment.UserName + ":", StringComparison.Ordinal))),
            "the user has no subordinate ids (package uidmap, /etc/subuid)");
        Assert.SkipUnless(File.ReadLines("/etc/passwd").Any(l => l.StartsWith("www-data:x:33:33:", StringComparison.Ordinal)), "there is no user www-data");
    }
}
