using System.Collections.Immutable;
using System.CommandLine;
using Cleave.Cli;
using Cleave.Control;

namespace Cleave.Tests.Cli;

public class CommandLineTests
{
    private static readonly string[] Verbs =
    [
        "up", "down", "ps", "logs", "exec", "shell", "net-exec", "isolate", "split", "disjoint", "cut", "mend", "heal", "status", "check", "test", "plan", "validate",
    ];

    [Fact]
    public void Every_verb_there_should_be_is_there_once()
    {
        string[] names = [.. Commands.Create().Subcommands.Select(c => c.Name)];

        Assert.Empty(Verbs.Except(names));
        Assert.Distinct(names);
    }

    [Fact]
    public void Every_verb_option_and_argument_says_what_it_is_for()
    {
        foreach (Command command in All(Commands.Create()))
        {
            IEnumerable<Symbol> symbols = [command, .. command.Options, .. command.Arguments];
            Assert.All(symbols, s => Assert.False(string.IsNullOrWhiteSpace(s.Description), $"{command.Name} {s.Name} has no description"));
        }
    }

    [Theory]
    [InlineData("cut a,b --to c --one-way")]
    [InlineData("cut a b --to c d --network lan --lab x")]
    [InlineData("mend a --to b")]
    [InlineData("split a,b b,c")]
    [InlineData("isolate a b")]
    [InlineData("heal")]
    [InlineData("test -s one -s two --json")]
    [InlineData("plan x.yaml")]
    public void Lines_as_in_the_manual_are_understood(string line) => Assert.Empty(Commands.Create().Parse(line.Split(' ')).Errors);

    [Theory]
    [InlineData("cut a")]
    [InlineData("isolate")]
    [InlineData("exec web")]
    [InlineData("heal now")]
    [InlineData("upp")]
    public void Lines_with_something_missing_or_too_much_are_not(string line) =>
        Assert.NotEmpty(Commands.Create().Parse(ProgramVerb.Separate(Commands.Create(), line.Split(' '))).Errors);

    [Theory]
    [InlineData("exec web ping -c 1 db", "exec web -- ping -c 1 db")]
    [InlineData("exec web -- ping -c 1", "exec web -- ping -c 1")]
    [InlineData("exec -- web ping -c 1", "exec -- web ping -c 1")]
    [InlineData("exec -T web ls -T", "exec -T web -- ls -T")]
    [InlineData("exec --lab exec web ls --lab x", "exec --lab exec web -- ls --lab x")]
    [InlineData("exec --lab=x web ls", "exec --lab=x web -- ls")]
    [InlineData("exec web sh -c -- x", "exec web -- sh -c -- x")]
    [InlineData("net-exec web ip -4 addr", "net-exec web -- ip -4 addr")]
    [InlineData("exec -e A=1 --env B=2 -w /tmp web env -i", "exec -e A=1 --env B=2 -w /tmp web -- env -i")]
    [InlineData("shell web -T", "shell web -T")]
    [InlineData("exec --help", "exec --help")]
    [InlineData("exec --lab", "exec --lab")]
    [InlineData("exec", "exec")]
    [InlineData("logs web exec", "logs web exec")]
    public void Options_of_a_program_are_told_apart_from_those_of_exec(string line, string separated) =>
        Assert.Equal(separated.Split(' '), ProgramVerb.Separate(Commands.Create(), line.Split(' ')));

    [Theory]
    [InlineData("exec web ping -c 1 db", "ping -c 1 db")]
    [InlineData("exec -- web ping -c 1 db", "ping -c 1 db")]
    [InlineData("exec --lab x -T web sh -c -- y --lab z", "sh -c -- y --lab z")]
    public void A_program_gets_its_arguments_as_they_are(string line, string program)
    {
        ParseResult parsed = Commands.Create().Parse(ProgramVerb.Separate(Commands.Create(), line.Split(' ')));

        Assert.Empty(parsed.Errors);
        Assert.Equal("web", parsed.GetRequiredValue<string>("NODE"));
        Assert.Equal(program.Split(' '), parsed.GetRequiredValue<string[]>("PROGRAM"));
    }

    [Fact]
    public void Of_several_exit_codes_the_worst_counts()
    {
        int[] worstFirst = [130, 5, 4, 1, 3, 0];
        for (int i = 0; i < worstFirst.Length; i++)
        {
            Assert.Equal(worstFirst[i], ExitCodes.Worst(worstFirst.Skip(i).Reverse()));
            Assert.Equal(worstFirst[i], ExitCodes.Worst(worstFirst.Skip(i)));
        }

        Assert.Equal(0, ExitCodes.Worst([]));
    }

    [Fact]
    public void The_matrix_has_senders_as_rows_and_receivers_as_columns()
    {
        Assert.Equal(
            """
            lan   a  long  c
            a     -  x     .
            long  .  -     .
            c     .  .     -

            """, PairMatrix.Draw("lan", ["a", "long", "c"], (from, to) => (from, to) == ("a", "long") ? "x" : "."));
    }

    [Fact]
    public void The_matrix_of_a_network_without_nodes_is_its_name() => Assert.Equal("lan\n", PairMatrix.Draw("lan", [], (_, _) => "."));

    [Fact]
    public void The_summary_has_a_line_a_scenario_and_the_values_side_by_side()
    {
        string text = Summarise(
            new ScenarioResult("good", Verdict.Passed, null, 1.24, Saved(("report", """{"hits": 12, "lost": 0, "nested": {"a": [1]}}"""), ("who", "n1\nn2"))),
            new ScenarioResult("bad", Verdict.Failed, "cleave.yaml:3:1: no\nlast lines", 0.5, Saved(("report", """{"lost": 7}"""))),
            new ScenarioResult("worse", Verdict.Error, null, 0, Saved()));

        Assert.Equal(
            """

                           good        bad  worse
            report.hits    12          -    -
            report.lost    0           7    -
            report.nested  {"a": [1]}  -    -
            who            n1          -    -

            PASSED  good (1.2 s)
            FAILED  bad (0.5 s)
                    cleave.yaml:3:1: no
                    last lines
            ERROR   worse (0.0 s)

            """, text);
    }

    [Fact]
    public void The_summary_takes_whatever_a_step_has_saved()
    {
        string text = Summarise(
            new ScenarioResult("s", Verdict.Passed, null, 0, Saved(
                ("twice", """{"a": 1, "a": 2}"""), ("broken", "{\"a\": "), ("empty", ""), ("long", new string('x', 100)), ("lines", """{"a": "one\ntwo"}"""))));

        Assert.Contains("twice.a  2\n", text, StringComparison.Ordinal);
        Assert.Contains("broken   {\"a\":\n", text, StringComparison.Ordinal);
        Assert.Contains($"long     {new string('x', 59)}…\n", text, StringComparison.Ordinal);
        Assert.Contains("lines.a  one\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("two\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_nearest_lab_file_upwards_is_found()
    {
        DirectoryInfo top = Directory.CreateTempSubdirectory("cleave-test-");
        try
        {
            string deep = top.CreateSubdirectory("a/b/c").FullName;
            Assert.Null(LabFiles.Search(deep));

            File.WriteAllText(Path.Combine(top.FullName, "cleave.yaml"), "");
            Assert.Equal(Path.Combine(top.FullName, "cleave.yaml"), LabFiles.Search(deep));

            File.WriteAllText(Path.Combine(top.FullName, "a", "b", "cleave.yaml"), "");
            Assert.Equal(Path.Combine(top.FullName, "a", "b", "cleave.yaml"), LabFiles.Search(deep));
            Assert.Equal(Path.Combine(top.FullName, "cleave.yaml"), LabFiles.Search(Path.Combine(top.FullName, "a")));
        }
        finally
        {
            top.Delete(recursive: true);
        }
    }

    private static IEnumerable<Command> All(Command command) => [command, .. command.Subcommands.SelectMany(All)];

    private static string Summarise(params ScenarioResult[] results)
    {
        var output = new StringWriter { NewLine = "\n" };
        Summary.Print(results, output);
        return output.ToString();
    }

    private static ImmutableSortedDictionary<string, string> Saved(params (string Name, string Value)[] saved) =>
        saved.ToImmutableSortedDictionary(s => s.Name, s => s.Value);
}
