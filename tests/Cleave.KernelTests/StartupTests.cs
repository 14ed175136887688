using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What each of these assemblies needs to start takes as long as an empty program, or several times that.</summary>
public sealed class StartupTests : KernelTest
{
    private static readonly string[] Heavy =
        ["System.Net.Http", "System.Net.Sockets", "System.Text.RegularExpressions", "Microsoft.AspNetCore", "Microsoft.Extensions.Hosting", "YamlDotNet", "System.Diagnostics.Process"];

    [Fact]
    public async Task Commands_of_one_question_load_nothing_heavy()
    {
        CleaveCommand cleave = NewLab("cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, run: [sleep, infinity]}\n  b: {ip: 172.23.0.2}\n");
        _ = await LoadedAsync(cleave, "--version"); // or there is nothing to see
        await cleave.OkAsync("up", "-d");
        foreach (string[] verb in (string[][])[["--help"], ["--version"], ["ps"], ["ps", "--all"], ["isolate", "a"], ["heal"], ["status"]])
        {
            string[] loaded = await LoadedAsync(cleave, verb);
            Assert.Contains("System.CommandLine", loaded);
            Assert.True(!loaded.Intersect(Heavy).Any(), $"cleave {string.Join(' ', verb)} loads {string.Join(", ", loaded.Intersect(Heavy))}");
        }

        // The same look finds them where they are needed.
        Assert.Contains("System.Net.Http", await LoadedAsync(cleave, "check"));
        Assert.Contains("YamlDotNet", await LoadedAsync(cleave, "validate"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Where_nothing_may_be_executed_from_memory_a_shell_does_what_PID_1_does()
    {
        if (!Posix.IsRoot || !File.Exists("/proc/sys/vm/memfd_noexec"))
        {
            Assert.Skip("needs root and vm.memfd_noexec of Linux 6.3, or the machine cannot be made one that forbids it");
        }

        CleaveCommand cleave = NewLab("cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, run: [sleep, '1111']}\n");
        const string Forbidden =
            "echo 2 >/proc/sys/vm/memfd_noexec && \"$CLEAVE\" up -d && \"$CLEAVE\" exec a -- sh -c 'tr \"\\0\" \" \" </proc/1/cmdline' && \"$CLEAVE\" down";
        Outcome outcome = await cleave.RunAsync("unshare", ["-pf", "--kill-child", "--mount-proc", "sh", "-c", Forbidden], null);
        Assert.True(outcome.Code == 0, $"{outcome}");
        Assert.Contains("sleep infinity", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lab_says_where_the_time_of_its_start_went()
    {
        CleaveCommand cleave = NewLab("cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, run: [sleep, '1111'], ready: {run: sleep 0.3}}\n");
        var began = Stopwatch.StartNew();
        await cleave.OkAsync("up", "-d");
        double most = began.Elapsed.TotalMilliseconds + 10; // a process's start is known to 10 ms
        using var status = JsonDocument.Parse(await cleave.OkAsync("ps", "--json"));
        var phases = status.RootElement.GetProperty("startup").EnumerateArray().ToDictionary(p => p.GetProperty("phase").GetString()!, p => p.GetProperty("ms").GetDouble());
        Assert.Equal(
            ["command", "control socket", "folders", "lab host", "machine", "names", "network", "plan", "programs", "ready", "rooms", "user namespace"],
            phases.Keys.Order(StringComparer.Ordinal));
        Assert.All(phases.Values, ms => Assert.InRange(ms, 0, most));
        Assert.InRange(phases.Values.Sum(), 300, most);
        Assert.InRange(phases["ready"] + phases["control socket"], 250, most);
        await cleave.OkAsync("down");
    }

    /// <summary>The runtime's own trace of what it loads.</summary>
    private static async Task<string[]> LoadedAsync(CleaveCommand cleave, params string[] verb)
    {
        const string Loader = "Microsoft-Windows-DotNETRuntime:0x8:4";
        string trace = Path.Combine(cleave.Folder, "trace");
        Outcome outcome = await cleave.RunAsync(
            "env", ["DOTNET_EnableEventPipe=1", $"DOTNET_EventPipeOutputPath={trace}", $"DOTNET_EventPipeConfig={Loader}", CleaveCommand.Program, .. verb], null);
        Assert.True(outcome.Code == 0, $"{string.Join(' ', verb)}: {outcome}");
        Assert.SkipUnless(File.Exists(trace), "needs a program with the runtime's own traces; this one is native, and loads nothing");
        byte[] bytes = await File.ReadAllBytesAsync(trace, TestContext.Current.CancellationToken);
        return [.. Heavy.Append("System.CommandLine").Where(name => bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(name + ", Version=")) >= 0)];
    }
}
