using System.Text;
using System.Text.RegularExpressions;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>
/// examples/from-scratch: a terminal shows what its READMEs say it shows. CLEAVE_UPDATE_DOCS=1 writes into them what it shows now.
/// </summary>
public sealed partial class CourseTests : CourseTest
{
    private const string Update = "CLEAVE_UPDATE_DOCS";

    public static TheoryData<string> Readmes() =>
        [.. Directory.GetFiles(Path.Combine(CleaveCommand.Repository, Course), "README.md", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(CleaveCommand.Repository, f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Readmes))]
    public async Task A_terminal_shows_what_the_readme_says(string readme)
    {
        RequireTools(readme);
        string file = Path.Combine(CleaveCommand.Repository, readme);
        string page = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        Assert.All(Fence().Matches(page), f => Assert.True(f.Groups["kind"].Value is "console" or "yaml" or "mermaid", f.Value)); // all of it is held to something
        Assert.All(Fence().Matches(page).Where(f => f.Groups["kind"].Value == "yaml"), f => Assert.Contains(
            f.Groups["text"].Value, File.ReadAllText(Path.Combine(Path.GetDirectoryName(file)!, "cleave.yaml")), StringComparison.Ordinal));

        string[] commands = [.. Consoles(page).SelectMany(f => Command().Matches(f.Value)).Select(c => c.Value)];
        var script = new StringBuilder("PATH=$PWD:$PATH\n");
        foreach (string command in commands)
        {
            script.Append("printf '\\001'\n{\n").Append(Line().Replace(Shell(command), "")).Append("\n} 2>&1 </dev/null\n");
        }

        string root = Clone(Course);
        var cleave = new CleaveCommand(root, Runtime);
        cleave.Write("terminal.sh", script.ToString());
        Outcome outcome = await cleave.RunAsync("env", ["--default-signal", "sh", Path.Combine(root, "terminal.sh")], null);
        string[] outputs = outcome.Output.Split('\x01')[1..];
        Assert.True(outputs.Length == commands.Length && outcome.Errors.Length == 0, $"{outcome}");
        int next = 0;
        string picture = page.Contains("```mermaid", StringComparison.Ordinal) ? await cleave.OkAsync("graph", Path.GetDirectoryName(readme)!, "--format", "mermaid") : "";
        string shown = Fence().Replace(page, f => f.Groups["kind"].Value switch
        {
            "console" => Command().Replace(f.Value, c => Prompt(c.Value) + Normal(outputs[next++].Replace(root, "/home/me/cleave", StringComparison.Ordinal))),
            "mermaid" => $"```mermaid\n{picture}```",
            _ => f.Value,
        });
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 } && shown != page)
        {
            await File.WriteAllTextAsync(file, shown, TestContext.Current.CancellationToken);
        }

        Assert.True(shown == page, $"{readme} says otherwise (run this test with {Update}=1, and look at git diff); a terminal shows:\n{shown}");
        await cleave.OkAsync("down", "--all");
    }

    private static IEnumerable<Match> Consoles(string page) => Fence().Matches(page).Where(f => f.Groups["kind"].Value == "console");

    /// <summary>A command as it stands on a page: its lines, with the prompts.</summary>
    private static string Prompt(string command) => string.Concat(command.Split('\n').TakeWhile((l, i) => i == 0 || l.StartsWith("> ", StringComparison.Ordinal)).Select(l => l + "\n"));

    /// <summary>A command as the shell takes it.</summary>
    private static string Shell(string command) => string.Join('\n', Prompt(command).TrimEnd('\n').Split('\n').Select(l => l[2..]));

    /// <summary>Without what is another each time.</summary>
    private static string Normal(string output)
    {
        output = LabId().Replace(output, "$1-7a5e");
        output = PingTime().Replace(output, "time=0.05 ms");
        output = PingTotal().Replace(output, "time 0ms");
        output = PingStatistics().Replace(output, "rtt min/avg/max/mdev = 0.050/0.050/0.050/0.000 ms");
        output = Seconds().Replace(output, "(1.0 s)");
        return string.Concat(output.TrimEnd('\n').Split('\n').Where(l => output.Length > 0).Select(l => l.TrimEnd() + "\n"));
    }

    [GeneratedRegex(@"^```(?<kind>[a-z]*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Fence();

    /// <summary>From its prompt to the next one: the command and what is said to come of it.</summary>
    [GeneratedRegex(@"^\$ .*\n(?:(?!\$ |```).*\n)*", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"\s+$")]
    private static partial Regex Line();

    [GeneratedRegex(@"\b(0[1-6]-[a-z-]+)-[0-9a-f]{4}\b")]
    private static partial Regex LabId();

    [GeneratedRegex(@"time=[0-9.]+ ms")]
    private static partial Regex PingTime();

    [GeneratedRegex(@"time [0-9]+ms")]
    private static partial Regex PingTotal();

    [GeneratedRegex(@"rtt min/avg/max/mdev = .* ms")]
    private static partial Regex PingStatistics();

    [GeneratedRegex(@"\([0-9.]+ s\)")]
    private static partial Regex Seconds();
}
