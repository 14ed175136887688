using System.Collections.Immutable;
using System.CommandLine;
using Cleave.Control;
using Cleave.Host;
using Cleave.Namespaces;
using Cleave.Planning;
using Cleave.Topology;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave up</c>: starts a lab, and shows its logs until it ends.</summary>
internal static class UpCommand
{
    internal sealed record Options(
        string? File, string? Lab, bool Detach, bool KeepGoing, ImmutableArray<string> Only, ImmutableArray<string> Exclude, GatewayChoice? Gateway, JsonOption? Json)
    {
        /// <summary>Whether the user has chosen some of the programs.</summary>
        public bool Chooses => Only.Length + Exclude.Length > 0;
    }

    public static Command Create()
    {
        Option<string?> file = LabFiles.Option();
        var lab = new Option<string?>("--lab")
        {
            Description = "Start the chosen programs in this lab, which runs; otherwise in that of $CLEAVE_LAB, or in a new one",
            HelpName = "ID",
            CompletionSources = { Completions.Labs },
        };
        var detach = new Option<bool>("--detach", "-d") { Description = "Return when all nodes are ready; the lab runs on until cleave down" };
        var keepGoing = new Option<bool>("--keep-going") { Description = "Do not end the lab when a program ends by itself" };
        Option<string[]> only = Chosen("--only", "Start only the programs of these; the other nodes are there, their programs not");
        Option<string[]> exclude = Chosen("--exclude", "Do not start the programs of these");
        Option<string?> gateway = GatewayOption.Create();
        var json = new JsonOption(() => ControlJson.Default.LabStatus, () => ControlJson.Default.LabEvent);
        var command = new Command(
            "up",
            """
            Start a lab: every node in a network namespace of its own, its program running in it.
            In the foreground it shows the logs, and the lab ends with Ctrl-C or with the first program that ends by itself,
            whose exit code becomes its own. Several labs of one file can run at once, with the same addresses.
            With --lab and --only or --exclude it joins a lab that runs: it starts the chosen programs there, and they end with it, while
            the lab runs on. Example, in a second terminal: cleave up --only web --lab shop-1a2b
            """)
        {
            file, lab, detach, keepGoing, only, exclude, gateway, json,
        };
        command.SetAction((parsed, _) =>
            RunAsync(new Options(
                parsed.GetValue(file),
                parsed.GetValue(lab),
                parsed.GetValue(detach),
                parsed.GetValue(keepGoing),
                NodeArgument.Split(parsed.GetValue(only) ?? []),
                NodeArgument.Split(parsed.GetValue(exclude) ?? []),
                GatewayWords.Read(parsed.GetValue(gateway)),
                json.IsGiven(parsed) ? json : null)));
        return command;
    }

    private static Option<string[]> Chosen(string name, string description) => new(name)
    {
        Description = description + " (nodes or tags, with commas, or given again)",
        HelpName = "NODE,TAG",
        CompletionSources = { Completions.Nodes, Completions.Tags },
    };

    /// <summary>The nodes whose programs the user does not want.</summary>
    /// <exception cref="InputException">A word is neither a node nor a tag.</exception>
    private static ImmutableArray<string> NotStarted(LabTopology topology, Options options)
    {
        ImmutableArray<int> started = NodeTargets.Chosen(topology, options.Only, options.Exclude);
        return [.. topology.Nodes.Where((n, i) => n.Run is not null && !started.Contains(i)).Select(n => n.Name)];
    }

    private static async Task<int> RunAsync(Options options)
    {
        if (UpInLab.Find(options) is { } running)
        {
            return await UpInLab.RunAsync(running, options);
        }

        if (LabFiles.Read(options.File) is not var (topology, text))
        {
            return ExitCodes.WrongInput;
        }

        LabFiles.WarnOfSize(topology);
        using var signals = new UserSignals(); // up to here there is nothing to undo
        var start = new LabOptions(HostCommand()) { Detached = options.Detach, Supervise = !options.KeepGoing, NotStarted = NotStarted(topology, options), Gateway = options.Gateway };
        try
        {
            await using Lab lab = await Lab.StartAsync(topology, text, start, signals.First);
            signals.Watch(lab);
            return options.Detach ? await ReadyAsync(lab, topology, signals, options.Json) : await WatchAsync(lab, topology, signals, options.Json);
        }
        catch (CleaveException) when (signals.Received)
        {
            return ExitCodes.Interrupted; // it was killed before we had spoken to it
        }
    }

    /// <summary>The program that becomes the lab host: this one.</summary>
    internal static ImmutableArray<string> HostCommand()
    {
        // Started as "dotnet Cleave.Cli.dll", the process is dotnet, and the first argument of the runtime is us.
        string self = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(self) == "dotnet"
            ? [self, Path.GetFullPath(Environment.GetCommandLineArgs()[0]), LabHost.Verb]
            : [self, LabHost.Verb];
    }

    private static async Task<int> WatchAsync(Lab lab, LabTopology topology, UserSignals signals, JsonOption? json)
    {
        string[] nodes = [.. topology.Nodes.Select(n => n.Name)];
        Terminal terminal = json is null ? Terminal.ForOutput(nodes) : Terminal.ForErrors(nodes);
        terminal.Say($"lab {lab.Record.Id}");
        SayIds(lab.Ids, terminal);
        SayUplink(lab.Uplink, terminal);
        bool announced = false;
        await foreach (LabEvent happened in lab.Client.EventsAsync(CancellationToken.None))
        {
            if (json is null)
            {
                terminal.Write(happened);
            }
            else
            {
                json.Print(happened);
            }

            announced |= happened is { Kind: EventKind.Lab, Node: null } && happened.Text.StartsWith("ending: ", StringComparison.Ordinal);
        }

        int code = await lab.WaitForEndAsync(CancellationToken.None);
        if (!announced)
        {
            terminal.Say($"the lab host was killed, or broke (exit code {code}); what is known is in {lab.Record.State}/logs");
            code = ExitCodes.Own;
        }

        return signals.Received ? ExitCodes.Interrupted : code;
    }

    private static async Task<int> ReadyAsync(Lab lab, LabTopology topology, UserSignals signals, JsonOption? json)
    {
        var terminal = Terminal.ForErrors(topology.Nodes.Select(n => n.Name));
        SayIds(lab.Ids, terminal); // first: where nodes fail, it may be the reason
        SayUplink(lab.Uplink, terminal);
        LabStatus status;
        try
        {
            status = await lab.Client.WaitUntilReadyAsync(CancellationToken.None);
        }
        catch (CleaveException e)
        {
            terminal.Say(e.Message);
            terminal.Say($"its logs: {lab.Record.State}/logs");
            await lab.StopAsync();
            return signals.Received ? ExitCodes.Interrupted : ExitCodes.Failed;
        }

        if (signals.Received)
        {
            await lab.StopAsync(); // it came just when the last node became ready
            return ExitCodes.Interrupted;
        }

        if (json is null)
        {
            Console.Out.WriteLine(status.Id);
        }
        else
        {
            json.Print(status);
        }

        return ExitCodes.Ok;
    }

    /// <summary>Says how the nodes reach the internet, if they do.</summary>
    internal static void SayUplink(Uplink? uplink, Terminal terminal)
    {
        if (uplink is not null)
        {
            terminal.Say($"internet by {uplink.By}");
        }
    }

    private static void SayIds(IdMapKind ids, Terminal terminal)
    {
        if (ids == IdMapKind.Single)
        {
            terminal.Say(
                "one user id exists in this lab, so programs that change theirs (nginx's `user www-data`, su, sshd) fail there;\n" +
                "for more: sudo apt install uidmap, and a range for you in /etc/subuid and /etc/subgid (see usermod --add-subuids)");
        }
    }
}
