using System.Collections.Immutable;
using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary>What the verbs share that run a program in a lab: exec, shell, net-exec.</summary>
internal static class ProgramVerb
{
    private const string Program = "PROGRAM";

    /// <summary>A verb.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">Its help.</param>
    /// <param name="takesProgram">Whether the user names the program.</param>
    /// <param name="takesUser">Whether the user says whom it runs as.</param>
    /// <param name="order">What to run, from the node, the user's program, and whether there is a terminal; directory and variables are added to it.</param>
    public static Command Of(
        string name, string description, bool takesProgram, Func<string, ImmutableArray<string>, bool, ExecOrder> order, bool takesUser = true)
    {
        Option<string?> lab = RunningLabs.Option();
        var noTerminal = new Option<bool>("--no-terminal", "-T") { Description = "Pipes, even if standard input and output are a terminal" };
        var env = new Option<string[]>("--env", "-e")
        {
            Description = "A variable of its environment, by its NAME alone one of yours; may be given again",
            HelpName = "NAME=VALUE",
        };
        env.Validators.Add(result =>
        {
            foreach (string given in result.GetValueOrDefault<string[]>() ?? [])
            {
                if (Variable(given) is null)
                {
                    result.AddError($"--env takes NAME=VALUE, or the NAME of a variable of yours that is set, not '{given}'");
                }
            }
        });
        var dir = new Option<string?>("--dir", "-w") { Description = "Where it starts", HelpName = "DIR" };
        var user = new Option<string?>("--user", "-u") { Description = "Whom it runs as: a user's name or id, and behind a colon a group's; otherwise as the node's program", HelpName = "USER" };
        Argument<string> node = NodeArgument.Place();
        var program = new Argument<string[]>(Program) { Arity = ArgumentArity.ZeroOrMore, Description = "The program and its arguments" };
        var command = new Command(name, description) { lab, noTerminal, env, dir, node };
        if (takesUser)
        {
            command.Add(user);
        }

        if (takesProgram)
        {
            command.Add(program);

            // "Required argument missing" would leave open which, and where a shell is to be had.
            command.Validators.Add(result =>
            {
                if (result.GetValue(node) is { } given && result.GetValue(program) is null or [])
                {
                    result.AddError($"{name} wants a program: cleave {name} {given} -- PROGRAM; cleave shell {given} opens a shell");
                }
            });
        }

        command.SetAction(async (parsed, cancel) =>
        {
            bool terminal = !parsed.GetValue(noTerminal) && !Console.IsInputRedirected && !Console.IsOutputRedirected;
            ExecOrder asked = order(parsed.GetRequiredValue(node), takesProgram ? [.. parsed.GetRequiredValue(program)] : [], terminal);
            asked = asked with
            {
                Env = asked.Env.SetItems((parsed.GetValue(env) ?? []).Select(e => Variable(e)!.Value)),
                User = takesUser ? parsed.GetValue(user) : null,
                Dir = parsed.GetValue(dir) is { } given ? Path.Combine(asked.Dir ?? "", given) : asked.Dir,
            };
            using LabClient client = RunningLabs.Connect(parsed.GetValue(lab));
            return await ExecClient.RunAsync(client, asked, terminal, cancel);
        });
        return command;
    }

    /// <summary>Puts "--" before the program, so that its options are not taken for ours: <c>exec web ping -c 1 db</c> works, too.</summary>
    public static string[] Separate(Command root, string[] args)
    {
        if (args is not [var verb, ..] || root.Subcommands.FirstOrDefault(c => c.Name == verb) is not { } command
            || !command.Arguments.Any(a => a.Name == Program))
        {
            return args;
        }

        string[] takingValues = [.. command.Options.Where(o => o.Arity.MaximumNumberOfValues > 0 && o.ValueType != typeof(bool)).SelectMany(o => o.Aliases.Append(o.Name))];
        for (int i = 1; i < args.Length; i++)
        {
            if (args[i] == "--")
            {
                break;
            }

            if (takingValues.Contains(args[i]))
            {
                i++;
            }
            else if (!args[i].StartsWith('-'))
            {
                bool separated = i + 1 < args.Length && args[i + 1] == "--";
                return separated ? args : [.. args[..(i + 1)], "--", .. args[(i + 1)..]];
            }
        }

        return args;
    }

    private static KeyValuePair<string, string>? Variable(string given) => given.Split('=', 2) switch
    {
        [{ Length: > 0 } name, var value] => new(name, value),
        [{ Length: > 0 } name] when Environment.GetEnvironmentVariable(name) is { } ours => new(name, ours),
        _ => null,
    };
}
