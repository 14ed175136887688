using System.Collections.Immutable;
using System.CommandLine;

namespace Cleave.Cli;

/// <summary>The arguments and options that take nodes: made here, so that all of them complete nodes.</summary>
internal static class NodeArgument
{
    /// <summary>A node or the fabric: where a program can be run.</summary>
    public static Argument<string> Place() => new("NODE") { Description = "A node, or fabric", CompletionSources = { Completions.Places } };

    /// <summary>Several, at least one or any number.</summary>
    public static Argument<string[]> Many(string name, string description, bool required) =>
        new(name)
        {
            Description = description,
            Arity = required ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
            CompletionSources = { Completions.Nodes },
        };

    /// <summary>"a,b": the nodes of one argument.</summary>
    public static ImmutableArray<string> Split(string argument) => [.. argument.Split(',', StringSplitOptions.RemoveEmptyEntries)];

    public static ImmutableArray<string> Split(IEnumerable<string> arguments) => [.. arguments.SelectMany(a => Split(a))];

    public static Option<string[]> Option(string name, string description, bool required = true) => new(name)
    {
        Description = description,
        HelpName = "NODE",
        Required = required,
        AllowMultipleArgumentsPerToken = true,
        CompletionSources = { Completions.Nodes },
    };
}
