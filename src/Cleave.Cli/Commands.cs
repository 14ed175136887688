using System.CommandLine;
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

    private static readonly (string Name, Func<Command> Create)[] Verbs =
    [
        ("up", UpCommand.Create),
        ("down", DownCommand.Create),
        ("ps", PsCommand.Create),
        ("port", PortCommand.Create),
        ("logs", LogsCommand.Create),
        ("exec", ExecCommand.Create),
        ("shell", ShellCommand.Create),
        ("net-exec", NetExecCommand.Create),
        ("start", StartCommand.Create),
        ("stop", StopCommand.Create),
        ("restart", RestartCommand.Create),
        ("kill", KillCommand.Create),
        ("pause", PauseCommand.Create),
        ("resume", ResumeCommand.Create),
        ("isolate", IsolateCommand.Create),
        ("split", SplitCommand.Create),
        ("disjoint", DisjointCommand.Create),
        ("partial", PartialCommand.Create),
        ("halves", HalvesCommand.Create),
        ("minority-third", MinorityThirdCommand.Create),
        ("bridge", BridgeCommand.Create),
        ("ring", RingCommand.Create),
        ("cut", CutCommand.Create),
        ("dns", DnsCommand.Create),
        ("mend", MendCommand.Create),
        ("heal", HealCommand.Create),
        ("status", StatusCommand.Create),
        ("check", CheckCommand.Create),
        ("test", TestCommand.Create),
        ("runs", RunsCommand.Create),
        ("report", ReportCommand.Create),
        ("plan", PlanCommand.Create),
        ("graph", GraphCommand.Create),
        ("validate", ValidateCommand.Create),
        ("init", InitCommand.Create),
        ("schema", SchemaCommand.Create),
        ("doctor", DoctorCommand.Create),
        ("gateway", GatewayCommand.Create),
        ("vm", VmCommand.Create),
        ("completion", CompletionCommand.Create),
        ("peer", PeerCommand.Create),
    ];

    /// <summary>All verbs: for help, completion, and what is no verb.</summary>
    public static Command Create()
    {
        Command root = Root();
        foreach ((_, Func<Command> create) in Verbs)
        {
            root.Add(create());
        }

        return root;
    }

    /// <summary>Only the verb that the command line begins with, if it is one: making the others takes a third of the time in which <c>cleave ps</c> answers.</summary>
    public static Command CreateFor(string[] args)
    {
        if (args is [var first, ..])
        {
            foreach ((string name, Func<Command> create) in Verbs)
            {
                if (name == first)
                {
                    Command root = Root();
                    root.Add(create());
                    return root;
                }
            }
        }

        return Create();
    }

    // Not a RootCommand, which would take the name of the program's file for ours.
    private static Command Root() => new("cleave", About)
    {
        // Not HelpOption, which looks at the terminal when it is made, asked for help or not: half of an empty program's time.
        new Option<bool>("--help", "-h", "-?") { Description = "Show help", Recursive = true, Action = new Help() },
        new VersionOption { Action = new SayVersion() },
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
