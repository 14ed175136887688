using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Cleave.Cli;

/// <summary>All verbs, in the order in which one meets them.</summary>
internal static class Commands
{
    private const string About =
        """
        Cleave runs the nodes of a distributed system in network namespaces of their own, with the addresses that a
        checked-in file gives them, cuts the network between them, and leaves nothing behind. No root, no Docker.

          cleave up                          start the lab of ./cleave.yaml, and watch its logs
          cleave isolate db                  in a second terminal: db is alone now
          cleave check                       who reaches whom, in fact
          cleave heal                        everyone reaches everyone again
          cleave exec web -- curl http://db:8000/
          cleave test                        run the file's scenarios, each in a lab of its own
        """;

    // Not a RootCommand, which would take the name of the program's file for ours.
    public static Command Create() => new("cleave", About)
    {
        new HelpOption { Recursive = true },
        new VersionOption { Action = new SayVersion() },
        UpCommand.Create(),
        DownCommand.Create(),
        PsCommand.Create(),
        LogsCommand.Create(),
        ExecCommand.Create(),
        ShellCommand.Create(),
        NetExecCommand.Create(),
        StartCommand.Create(),
        StopCommand.Create(),
        RestartCommand.Create(),
        KillCommand.Create(),
        PauseCommand.Create(),
        ResumeCommand.Create(),
        IsolateCommand.Create(),
        SplitCommand.Create(),
        DisjointCommand.Create(),
        CutCommand.Create(),
        MendCommand.Create(),
        HealCommand.Create(),
        StatusCommand.Create(),
        CheckCommand.Create(),
        TestCommand.Create(),
        PlanCommand.Create(),
        ValidateCommand.Create(),
        InitCommand.Create(),
        SchemaCommand.Create(),
        DoctorCommand.Create(),
        CompletionCommand.Create(),
        PeerCommand.Create(),
    };

    private sealed class SayVersion : SynchronousCommandLineAction
    {
        public override bool Terminating => true;

        public override int Invoke(ParseResult parseResult)
        {
            Console.Out.WriteLine($"cleave {CleaveVersion.Describe(CleaveVersion.Current)}");
            return ExitCodes.Ok;
        }
    }
}
