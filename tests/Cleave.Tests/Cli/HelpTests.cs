using System.CommandLine;
using Cleave.Cli;

namespace Cleave.Tests.Cli;

public class HelpTests
{
    public static TheoryData<string> Verbs() => [.. Commands.Create().Subcommands.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Of_a_line_that_begins_with_a_verb_only_that_is_made_and_it_is_the_same(string verb)
    {
        Command only = Assert.Single(Commands.CreateFor([verb, "--help"]).Subcommands);
        Command among = Commands.Create().Subcommands.Single(c => c.Name == verb);

        Assert.Equal(among.Name, only.Name);
        Assert.Equal(Ask([verb, "--help"], Commands.Create()), Ask([verb, "--help"], Commands.CreateFor([verb, "--help"])));
    }

    [Fact]
    public void Of_any_other_line_all_verbs_are_made()
    {
        foreach (string[] args in (string[][])[[], ["--help"], ["upp"], ["--lab", "x", "ps"]])
        {
            Assert.Equal(Commands.Create().Subcommands.Count, Commands.CreateFor(args).Subcommands.Count);
        }
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("-?")]
    public void Help_names_every_verb_once_on_a_line_that_is_not_too_long(string option)
    {
        string[] lines = Ask([option], Commands.Create()).Split('\n');
        foreach (string verb in Verbs().Select(v => v.Data))
        {
            string line = Assert.Single(lines, l => l.StartsWith($"  {verb} ", StringComparison.Ordinal));
            Assert.True(line.Length <= 130, line);
            Assert.False(line.EndsWith('.') || line.EndsWith(',') || line.EndsWith(':'), line);
        }

        Assert.Contains(lines, l => l.StartsWith("  isolate NODE...  ", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("  plan [FILE]  ", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("  --version  ", StringComparison.Ordinal));
    }

    /// <summary>Also where an argument is missing, which without --help is a mistake.</summary>
    [Theory]
    [InlineData("isolate", "Cut each of the nodes off")]
    [InlineData("cut", "--one-way")]
    [InlineData("exec", "PROGRAM")]
    public void Help_of_a_verb_is_given_whatever_else_is_missing(string verb, string says)
    {
        Assert.NotEmpty(Commands.CreateFor([verb]).Parse([verb]).Errors);
        Assert.Contains(says, Ask([verb, "--help"], Commands.CreateFor([verb])), StringComparison.Ordinal);
    }

    private static string Ask(string[] args, Command root)
    {
        ParseResult parsed = root.Parse(args);
        Assert.Empty(parsed.Errors);
        var output = new StringWriter();
        Assert.Equal(0, parsed.Invoke(new InvocationConfiguration { Output = output }));
        return output.ToString();
    }
}
