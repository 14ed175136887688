using System.Text;
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

    /// <summary>The runtime's own trace of what it loads.</summary>
    private static async Task<string[]> LoadedAsync(CleaveCommand cleave, params string[] verb)
    {
        const string Loader = "Microsoft-Windows-DotNETRuntime:0x8:4";
        string trace = Path.Combine(cleave.Folder, "trace");
        Outcome outcome = await cleave.RunAsync(
            "env", ["DOTNET_EnableEventPipe=1", $"DOTNET_EventPipeOutputPath={trace}", $"DOTNET_EventPipeConfig={Loader}", CleaveCommand.Program, .. verb], null);
        Assert.True(outcome.Code == 0, $"{string.Join(' ', verb)}: {outcome}");
        byte[] bytes = await File.ReadAllBytesAsync(trace, TestContext.Current.CancellationToken);
        return [.. Heavy.Append("System.CommandLine").Where(name => bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(name + ", Version=")) >= 0)];
    }
}
