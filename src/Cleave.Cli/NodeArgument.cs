using System.CommandLine;

namespace Cleave.Cli;

/// <summary>The arguments and options that take nodes: made here, so that all of them complete nodes.</summary>
internal static class NodeArgument
{
    public static Argument<string> One(string description) => new("NODE") { Description = description };

    /// <summary>Several, at least one or any number.</summary>
    public static Argument<string[]> Many(string name, string description, bool required) =>
        new(name) { Description = description, Arity = required ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore };

    public static Option<string[]> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NODE",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };
}
