using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary><c>cleave exec</c>: runs a program in a node.</summary>
internal static class ExecCommand
{
    private const string Name = "exec";

    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        var noTerminal = new Option<bool>("--no-terminal", "-T") { Description = "Pipes, even if standard input and output are a terminal" };
        var node = new Argument<string>("NODE") { Description = "A node, or fabric" };
        var program = new Argument<string[]>("PROGRAM")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "The program and its arguments",
        };
        var command = new Command(
            Name,
            """
            Run a program in a node: its network, its mounts, its processes. Exits with the program's own code; 125 to 127 are Cleave's: 125 it
            could not be run, 126 it cannot be executed, 127 it does not exist. Example: cleave exec web -- ping -c 1 db
            """)
        {
            lab, noTerminal, node, program,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            using LabClient client = RunningLabs.Connect(parsed.GetValue(lab));
            bool terminal = !parsed.GetValue(noTerminal) && !Console.IsInputRedirected && !Console.IsOutputRedirected;
            return await ExecClient.RunAsync(client, parsed.GetRequiredValue(node), parsed.GetRequiredValue(program), terminal, cancel);
        });
        return command;
    }

    /// <summary>Puts "--" before the program, so that its options are not taken for ours: <c>exec web ping -c 1 db</c> works, too.</summary>
    public static string[] SeparateProgram(string[] args)
    {
        if (args is not [Name, ..])
        {
            return args;
        }

        for (int i = 1; i < args.Length; i++)
        {
            if (args[i] == "--")
            {
                break;
            }

            if (args[i] == "--lab")
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
}
