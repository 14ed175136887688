using System.Text.RegularExpressions;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>docs/first-mistakes.md: each is made as a newcomer makes it, and the message is the one that mends it.</summary>
public sealed partial class FirstMistakesTests : KernelTest
{
    public static TheoryData<string> Titles() => new(Sections().Keys);

    [Theory]
    [MemberData(nameof(Titles))]
    public async Task Each_ends_in_a_message_that_mends_it(string title)
    {
        string section = Sections()[title];
        if (section.Contains("python3", StringComparison.Ordinal))
        {
            Tool.Require("python3", "python3");
        }

        var cleave = new CleaveCommand(NewFolder("cleave-test-", "/var/tmp"), Runtime);
        if (Block(section, "yaml") is { } yaml)
        {
            cleave.Write("cleave.yaml", yaml);
        }

        string said = "";
        foreach (string command in Block(section, "sh")!.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Outcome outcome = await cleave.RunAsync(command.Split(' ')[1..]);
            said += outcome.Output + outcome.Errors;
        }

        int from = 0;
        foreach (string line in Block(section, "text")!.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (string part in line.Split('…', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                int at = said.IndexOf(part, from, StringComparison.Ordinal);
                Assert.True(at >= 0, $"expected '{part}' in:\n{said[from..]}\n--- all:\n{said}");
                from = at + part.Length;
            }
        }
    }

    private static Dictionary<string, string> Sections()
    {
        string page = File.ReadAllText(Path.Combine(CleaveCommand.Repository, "docs", "first-mistakes.md"));
        return Section().Matches(page).ToDictionary(m => m.Groups["title"].Value, m => m.Groups["body"].Value);
    }

    private static string? Block(string section, string kind) =>
        Regex.Match(section, $"^```{kind}\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline) is { Success: true } found ? found.Groups[1].Value : null;

    [GeneratedRegex(@"^## (?<title>[^\n]+)\n(?<body>.*?)(?=^## |\z)", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Section();
}
