using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Cleave.Cli;
using Cleave.KernelTests.Harness;
using Cleave.Registry;

namespace Cleave.KernelTests;

/// <summary>What docs/debugging.md says is done, line by line.</summary>
public sealed class DebuggingTests : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        nodes:
          web: {ip: 172.23.0.1, run: 'while :; do sleep 0.1; ping -c 1 -W 1 172.23.0.2 >/dev/null; done'}
          db: {ip: 172.23.0.2}
        """;

    /// <summary>Each line of the page, the tool that it needs with its package, and what it shows; those without an output cannot be tried.</summary>
    private static readonly (string Line, string Tool, string? Shows)[] Lines =
    [
        ("cleave ps -p", "sh", "COMMAND"),
        ("cleave ps -p --json", "sh", "host_pid"),
        ("strace -f -p PID", "strace", "wait4("),
        ("gdb -p PID", "gdb", "[Inferior 1 (process"),
        ("perf record -p PID -o /tmp/perf.data sleep 1", "perf", null), // what perf may see is the machine's to say
        ("ls /proc/PID/root/tmp", "sh", "of-web"),
        ("nsenter -t PID -U -n ip addr", "nsenter", "172.23.0.1/24"),
        ("cleave exec web -- strace -f -p N", "strace", "wait4("),
        ("cleave exec web -- gdb -p N", "gdb", "[Inferior 1 (process"),
        ("cleave exec web -- ss -tlnp", "ss", "Local Address"),
        ("cleave net-exec web -- ip addr", "ip", "172.23.0.1/24"),
        ("cleave exec web -- dotnet-trace collect -p N", "dotnet-trace", null), // the sockets are looked for below
        ("dotnet-trace collect --diagnostic-port /proc/PID/root/tmp/dotnet-diagnostic-N-KEY-socket,connect", "dotnet-trace", null),
        ("cleave exec web -- tcpdump -n -i eth0", "tcpdump", "172.23.0.1 > 172.23.0.2: ICMP echo request"),
        ("cleave exec fabric -- tcpdump -n -i p1", "tcpdump", "172.23.0.1 > 172.23.0.2: ICMP echo request"),
        ("cleave exec fabric -- tcpdump -n -i br1 -U -w - >packets.pcap", "tcpdump", ""),
        ("cleave exec fabric -- nft list ruleset", "nft", "table bridge cleave"),
    ];

    [Fact]
    public void Every_line_of_the_page_is_here() => Assert.Equal(
        File.ReadLines(Path.Combine(CleaveCommand.Repository, "docs", "debugging.md")).Where(l => l.StartsWith("    ", StringComparison.Ordinal)).Select(l => l.Trim()),
        Lines.Select(l => l.Line));

    public static TheoryData<string> Tools() => [.. Lines.Where(l => l.Shows is not null).Select(l => l.Tool).Distinct()];

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task The_lines_of_the_page_do_what_it_says(string tool)
    {
        Tool.Require(tool, tool);
        CleaveCommand cleave = NewLab(Lab);
        string bin = Directory.CreateDirectory(Path.Combine(cleave.Folder, "bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "cleave"), CleaveCommand.Program);
        cleave.Environment["PATH"] = $"{bin}:/usr/sbin:{Environment.GetEnvironmentVariable("PATH")}";
        await cleave.OkAsync("up", "-d");
        await cleave.InAsync("web", "touch /tmp/of-web");
        LabProcess program = (await ProcessesAsync(cleave)).Single(p => p.Node == "web" && p.Command is ["sh", "-c", ..]);
        foreach ((string line, _, string? shows) in Lines.Where(l => l.Tool == tool && l.Shows is not null))
        {
            string typed = line.Replace("PID", $"{program.HostPid}", StringComparison.Ordinal)
                .Replace("-p N", $"-p {program.NodePid}", StringComparison.Ordinal);

            // Tracers and gdb go on until they are told to stop.
            string script = tool switch
            {
                "gdb" => $"echo detach | {typed} 2>&1",
                "strace" or "tcpdump" => $"{{ {typed.Replace(" -- ", " -- timeout -s INT 3 ", StringComparison.Ordinal)}; }} 2>&1",
                _ => $"{typed} 2>&1",
            };
            if (script.StartsWith("{ strace", StringComparison.Ordinal))
            {
                script = "timeout -s INT 3 " + typed + " 2>&1";
            }

            Outcome outcome = await cleave.ShellAsync(script);
            Assert.True(outcome.Output.Contains(shows!, StringComparison.Ordinal), $"{typed}: {outcome}");
        }

        if (tool == "tcpdump")
        {
            Assert.True(new FileInfo(Path.Combine(cleave.Folder, "packets.pcap")).Length > 24, "no packet is in the file");
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task The_diagnostic_socket_of_a_dotnet_program_is_where_the_page_says()
    {
        CleaveCommand cleave = NewLab(
            $"""
            cleave: 1
            nodes:
              web: {"{"}ip: 172.23.0.1, run: [{CleaveCommand.Program}, peer]{"}"}
              db: {"{"}ip: 172.23.0.2, run: [{CleaveCommand.Program}, peer]{"}"}
            """);
        await cleave.OkAsync("up", "-d");
        LabProcess program = (await ProcessesAsync(cleave)).Single(p => p.Node == "web" && p.Command is [_, "peer"]);
        string pattern = $"dotnet-diagnostic-{program.NodePid}-*-socket";
        string found = "";
        await Wait.UntilAsync(
            () => (found = Directory.GetFiles($"/proc/{program.HostPid}/root/tmp", pattern).SingleOrDefault() ?? "").Length > 0,
            () => $"no {pattern} in /proc/{program.HostPid}/root/tmp");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(found), TestContext.Current.CancellationToken);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Ps_lists_every_process_with_its_node_and_its_numbers()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {b: {ip: 172.23.0.1, run: 'sleep 71 & exec sleep 72'}, a: {ip: 172.23.0.2}}}");
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background exec = cleave.StartInBackground("exec", "a", "--", "sh", "-c", "(sleep 73 & echo started); exec sleep 74");
        using CleaveCommand.Background beside = cleave.StartInBackground("net-exec", "a", "--", "sh", "-c", "echo started; exec sleep 75");
        using CleaveCommand.Background fabric = cleave.StartInBackground("exec", "fabric", "--", "sh", "-c", "echo started; exec sleep 76");
        await Task.WhenAll(exec.SeesAsync("started"), beside.SeesAsync("started"), fabric.SeesAsync("started"));
        string[] expected = ["fabric 76 -", "b 71 in", "b 72 in", "a 73 in", "a 74 in", "a 75 -"];
        LabProcess[] sleeps = [];
        await Wait.UntilAsync(
            async () => (sleeps = [.. (await ProcessesAsync(cleave)).Where(p => p.Command is ["sleep", ['7', _]])]).Length == expected.Length,
            () => string.Join('\n', sleeps.Select(s => s.ToString())));
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            sleeps.Select(s => $"{s.Node} {s.Command[1]} {(s.NodePid is null ? "-" : "in")}").Order(StringComparer.Ordinal));
        Assert.All(sleeps, s =>
        {
            Assert.Equal($"sleep\0{s.Command[1]}\0", File.ReadAllText($"/proc/{s.HostPid}/cmdline"));
            string[] numbers = File.ReadLines($"/proc/{s.HostPid}/status").First(l => l.StartsWith("NSpid:", StringComparison.Ordinal)).Split('\t')[2..];
            Assert.Equal(numbers, s.NodePid is { } inside ? [$"{s.Pid}", $"{inside}"] : [$"{s.Pid}"]);
        });
        string text = await cleave.OkAsync("ps", "--processes");
        Assert.All(sleeps, s => Assert.Contains(
            text.Split('\n'), l => l.StartsWith(s.Node!, StringComparison.Ordinal) && l.Contains($" {s.HostPid.ToString(CultureInfo.InvariantCulture)} ", StringComparison.Ordinal) && l.EndsWith($"sleep {s.Command[1]}", StringComparison.Ordinal)));
        await cleave.OkAsync("down");
    }

    private static async Task<LabProcess[]> ProcessesAsync(CleaveCommand cleave) =>
        [.. JsonSerializer.Deserialize(await cleave.OkAsync("ps", "-p", "--json"), CliJson.Default.ProcessList)!.Processes];
}
