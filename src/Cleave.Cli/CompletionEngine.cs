using System.CommandLine;
using System.CommandLine.Completions;

namespace Cleave.Cli;

/// <summary>
/// Completes a word of a command line from the tree of commands: verbs, options, and what the completion sources of arguments and options say. No
/// verb needs code of its own for that.
/// </summary>
internal static class CompletionEngine
{
    /// <summary>The word on the command line by which shells ask. Not for users.</summary>
    public const string Verb = "complete";

    /// <summary>What the last word can become. Nothing where the shell's own completion of files is right.</summary>
    /// <param name="root">All verbs.</param>
    /// <param name="line">The words after <c>cleave</c>; the last is the one to complete, and may be empty.</param>
    public static IReadOnlyList<string> Complete(Command root, IReadOnlyList<string> line)
    {
        (List<string> before, string word) = Words(line);
        Command command = root;
        Option? open = null; // an option whose value comes next
        int arguments = 0;
        bool literal = false;
        foreach (string known in before)
        {
            if (open is not null)
            {
                open = null;
            }
            else if (!literal && known == "--")
            {
                literal = true;
            }
            else if (!literal && known.StartsWith('-'))
            {
                open = TakesValue(Find(command, known)) ? Find(command, known) : null;
            }
            else if (arguments == 0 && command.Subcommands.FirstOrDefault(c => c.Name == known) is { } verb)
            {
                command = verb;
            }
            else
            {
                arguments++;
            }
        }

        CompletionContext context = root.Parse(before).GetCompletionContext();
        if (open is not null)
        {
            return Values(open, open.ValueType, context, word);
        }

        if (!literal && word.StartsWith('-'))
        {
            if (word.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && Find(command, word[..equals]) is { } option)
            {
                return [.. Values(option, option.ValueType, context, word[(equals + 1)..]).Select(v => word[..(equals + 1)] + v)];
            }

            IEnumerable<string> names = command.Options.Concat(root.Options.Where(o => o.Recursive))
                .Where(o => !o.Hidden).SelectMany(o => o.Aliases.Append(o.Name)).Where(n => n.StartsWith('-')).Distinct();
            return Matching(names.Where(n => word == "-" || n.StartsWith("--", StringComparison.Ordinal) == word.StartsWith("--", StringComparison.Ordinal)), word);
        }

        IEnumerable<string> verbs = arguments == 0 ? command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name) : [];
        Argument? argument = command.Arguments.ElementAtOrDefault(arguments)
            ?? (command.Arguments.LastOrDefault() is { Arity.MaximumNumberOfValues: > 1 } last ? last : null);
        return [.. Matching(verbs, word), .. argument is null ? [] : Values(argument, argument.ValueType, context, word)];
    }

    /// <summary>bash hands <c>--lab=x</c> over as three words.</summary>
    private static (List<string> Before, string Word) Words(IReadOnlyList<string> line)
    {
        var words = new List<string>();
        foreach ((int i, string word) in line.Index())
        {
            bool separates = word == "=" && i > 0 && line[i - 1].StartsWith("--", StringComparison.Ordinal);
            if (!separates || i == line.Count - 1)
            {
                words.Add(separates ? "" : word);
            }
        }

        return words.Count == 0 ? ([], "") : (words[..^1], words[^1]);
    }

    private static Option? Find(Command command, string name) => command.Options.FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name));

    private static bool TakesValue(Option? option) => option is { Arity.MaximumNumberOfValues: > 0 } && option.ValueType != typeof(bool);

    /// <summary>Of a list with commas the last part is completed, with what is not in it yet.</summary>
    private static string[] Values(Symbol symbol, Type type, CompletionContext context, string word)
    {
        string[] all = [.. symbol.GetCompletions(context).Select(c => c.Label)];
        int comma = type == typeof(string[]) ? word.LastIndexOf(',') : -1;
        string head = word[..(comma + 1)];
        return [.. Matching(all.Except(head.Split(',')), word[(comma + 1)..]).Select(v => head + v)];
    }

    private static string[] Matching(IEnumerable<string> candidates, string word) =>
        [.. candidates.Where(c => c.StartsWith(word, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
