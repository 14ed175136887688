using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Cleave.Cli;

/// <summary>
/// Help: of a verb as System.CommandLine writes it; of cleave itself one line a verb, which is also what its general writer is slow at.
/// </summary>
internal sealed class Help : SynchronousCommandLineAction
{
    private const int LongLine = 100;

    public override bool Terminating => true;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Parent is not null)
        {
            return new HelpAction().Invoke(parseResult);
        }

        Write(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output);
        return ExitCodes.Ok;
    }

    internal static void Write(Command root, TextWriter output)
    {
        var rows = new List<(string Left, string Right)>();
        foreach (Command verb in root.Subcommands)
        {
            if (!verb.Hidden)
            {
                rows.Add((Synopsis(verb), FirstSentence(verb.Description ?? "")));
            }
        }

        foreach (Option option in root.Options)
        {
            rows.Add((string.Join(", ", [option.Name, .. option.Aliases]), option.Description ?? ""));
        }

        int width = 0;
        foreach ((string left, _) in rows)
        {
            width = Math.Max(width, left.Length);
        }

        output.WriteLine($"{root.Description}\n\nUsage: {root.Name} VERB [options]; {root.Name} VERB --help says all about a verb.\n");
        foreach ((string left, string right) in rows)
        {
            output.WriteLine($"  {left.PadRight(width)}  {right}");
        }
    }

    private static string Synopsis(Command verb)
    {
        string text = verb.Name;
        foreach (Argument argument in verb.Arguments)
        {
            if (!argument.Hidden)
            {
                string name = argument.HelpName ?? argument.Name;
                string several = argument.Arity.MaximumNumberOfValues > 1 ? "..." : "";
                text += argument.Arity.MinimumNumberOfValues == 0 ? $" [{name}{several}]" : $" {name}{several}";
            }
        }

        return text;
    }

    /// <summary>Up to the first full stop, semicolon, colon or bracket, or the end of the line; of a long one up to the first comma.</summary>
    private static string FirstSentence(string description)
    {
        string line = description.Split('\n')[0];
        for (int i = 0; i < line.Length - 1; i++)
        {
            if (line[i..(i + 2)] is ". " or "; " or ": " or " (")
            {
                line = line[..i];
                break;
            }
        }

        line = line.TrimEnd('.', ':');
        return line.Length > LongLine && line.Contains(',', StringComparison.Ordinal) ? line[..line.IndexOf(',', StringComparison.Ordinal)] : line;
    }
}
