using System.CommandLine;
using System.CommandLine.Completions;
using Cleave.Cli;

namespace Cleave.Tests.Cli;

public class CompletionTests
{
    private static readonly Command Root = new("cleave")
    {
        new Command("see")
        {
            new Argument<string>("WHO") { CompletionSources = { "anna", "bert" } },
            new Argument<string[]>("WHOM") { CompletionSources = { "anna", "bert", "carl" }, Arity = ArgumentArity.ZeroOrMore },
            new Option<string>("--colour", "-c") { CompletionSources = { "red", "green" } },
            new Option<string[]>("--also") { CompletionSources = { "one", "two" } },
            new Option<bool>("--quiet", "-q"),
            new Option<bool>("--secret") { Hidden = true },
        },
        new Command("seek"),
        new Command("hidden") { Hidden = true },
    };

    [Theory]
    [InlineData("", "see seek")]
    [InlineData("se", "see seek")]
    [InlineData("x", "")]
    [InlineData("see ", "anna bert")]
    [InlineData("see a", "anna")]
    [InlineData("see anna ", "anna bert carl")]
    [InlineData("see anna bert c", "carl")]
    [InlineData("see anna bert,", "bert,anna bert,carl")]
    [InlineData("see anna anna,bert,c", "anna,bert,carl")]
    [InlineData("see -", "--also --colour --quiet -c -q")]
    [InlineData("see --c", "--colour")]
    [InlineData("see --colour ", "green red")]
    [InlineData("see -c r", "red")]
    [InlineData("see --colour=", "--colour=green --colour=red")]
    [InlineData("see --colour =", "green red")]
    [InlineData("see --colour = r", "red")]
    [InlineData("see --also one,", "one,two")]
    [InlineData("see --colour red ", "anna bert")]
    [InlineData("see -q ", "anna bert")]
    [InlineData("see -q anna --colour red b", "bert")]
    [InlineData("see -- ", "anna bert")]
    [InlineData("see -- -", "")]
    [InlineData("seek ", "")]
    public void Words_are_completed_from_the_tree_of_commands(string line, string expected) =>
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), CompletionEngine.Complete(Root, line.Split(' ')));

    [Fact]
    public void Every_verb_is_completed() =>
        Assert.Equal(Commands.Create().Subcommands.Where(c => !c.Hidden).Select(c => c.Name).Order(StringComparer.Ordinal), CompletionEngine.Complete(Commands.Create(), [""]));

    [Fact]
    public void Whatever_takes_a_node_a_lab_a_network_or_a_scenario_completes_it()
    {
        var all =
            from verb in Commands.Create().Subcommands
            from symbol in verb.Arguments.Cast<Symbol>().Concat(verb.Options)
            select (Verb: verb.Name, Symbol: symbol, Takes: symbol is Option o ? o.HelpName ?? "" : symbol.Name);
        var nodes = all.Where(s => s.Takes.Split(',', '.').Any(w => w is "NODE" or "NODES" or "CLUSTER")).ToList();

        Assert.True(nodes.Count >= 10, $"only {nodes.Count} take nodes");
        Assert.All(nodes, s => Assert.True(
            Sources(s.Symbol).Contains(Completions.Nodes) || Sources(s.Symbol).Contains(Completions.Places), $"{s.Verb} {s.Symbol.Name} does not complete nodes"));
        Has("--lab", Completions.Labs, 10);
        Has("--network", Completions.Networks, 2);
        Has("--scenario", Completions.Scenarios, 1);
        Has("RUN", Completions.Runs, 1);

        void Has(string option, Func<CompletionContext, IEnumerable<CompletionItem>> source, int atLeast)
        {
            var those = all.Where(s => s.Symbol.Name == option).ToList();
            Assert.True(those.Count >= atLeast);
            Assert.All(those, s => Assert.True(Sources(s.Symbol).Contains(source), $"{s.Verb} {option} is not completed"));
        }
    }

    private static List<Func<CompletionContext, IEnumerable<CompletionItem>>> Sources(Symbol symbol) =>
        symbol is Option option ? option.CompletionSources : ((Argument)symbol).CompletionSources;
}
