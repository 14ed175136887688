using System.CommandLine;
using System.Runtime.InteropServices;
using Cleave.Control;
using Cleave.Host;
using Cleave.Namespaces;
using Cleave.Topology;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave up</c>: starts a lab, and shows its logs until it ends.</summary>
internal static class UpCommand
{
    private sealed record Options(string? File, bool Detach, bool KeepGoing);

    public static Command Create()
    {
        Option<string?> file = LabFiles.Option();
        var detach = new Option<bool>("--detach", "-d") { Description = "Return when all nodes are ready; the lab runs on until cleave down" };
        var keepGoing = new Option<bool>("--keep-going") { Description = "Do not end the lab when a program ends by itself" };
        var command = new Command(
            "up",
            """
            Start a lab: every node in a network namespace of its own, its program running in it.
            In the foreground it shows the logs, and the lab ends with Ctrl-C or with the first program that ends by itself,
            whose exit code becomes its own. Several labs of one file can run at once, with the same addresses.
            """)
        {
            file, detach, keepGoing,
        };
        command.SetAction((parsed, cancel) =>
            RunAsync(new Options(parsed.GetValue(file), parsed.GetValue(detach), parsed.GetValue(keepGoing)), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Options options, CancellationToken cancel)
    {
        if (LabFiles.Read(options.File) is not var (topology, text))
        {
            return ExitCodes.WrongInput;
        }

        using var signals = new UserSignals();
        var start = new LabOptions(HostCommand()) { Detached = options.Detach, Supervise = !options.KeepGoing };
        await using Lab lab = await Lab.StartAsync(topology, text, start, cancel);
        signals.Watch(lab);
        return options.Detach ? await ReadyAsync(lab, topology, signals) : await WatchAsync(lab, topology, signals);
    }

    /// <summary>The program that becomes the lab host: this one.</summary>
    internal static System.Collections.Immutable.ImmutableArray<string> HostCommand()
    {
        // Started as "dotnet Cleave.Cli.dll", the process is dotnet, and the first argument of the runtime is us.
        string self = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(self) == "dotnet"
            ? [self, Path.GetFullPath(Environment.GetCommandLineArgs()[0]), LabHost.Verb]
            : [self, LabHost.Verb];
    }

    private static async Task<int> WatchAsync(Lab lab, LabTopology topology, UserSignals signals)
    {
        var terminal = Terminal.ForOutput(topology.Nodes.Select(n => n.Name));
        terminal.Say($"lab {lab.Record.Id}");
        SayIds(lab.Ids, terminal);
        bool announced = false;
        await foreach (LabEvent happened in lab.Client.EventsAsync(CancellationToken.None))
        {
            terminal.Write(happened);
            announced |= happened is { Kind: EventKind.Lab, Node: null } && happened.Text.StartsWith("ending: ", StringComparison.Ordinal);
        }

        int code = await lab.WaitForEndAsync(CancellationToken.None);
        Registry.LabRegistry.Sweep();
        if (!announced)
        {
            terminal.Say($"the lab host was killed, or broke (exit code {code}); what is known is in {lab.Record.State}/logs");
            code = ExitCodes.Own;
        }

        return signals.Received ? ExitCodes.Interrupted : code;
    }

    private static async Task<int> ReadyAsync(Lab lab, LabTopology topology, UserSignals signals)
    {
        var terminal = Terminal.ForErrors(topology.Nodes.Select(n => n.Name));
        try
        {
            await lab.Client.WaitUntilReadyAsync(CancellationToken.None);
        }
        catch (CleaveException e)
        {
            terminal.Say(e.Message);
            terminal.Say($"its logs: {lab.Record.State}/logs");
            await lab.StopAsync();
            return signals.Received ? ExitCodes.Interrupted : ExitCodes.Failed;
        }

        SayIds(lab.Ids, terminal);
        Console.Out.WriteLine(lab.Record.Id);
        return ExitCodes.Ok;
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

/// <summary>Ctrl-C, TERM and HUP: the first asks the lab to end, the second kills it.</summary>
internal sealed class UserSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Lock _lock = new();
    private Lab? _lab;
    private int _count;

    public UserSignals() => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(s => PosixSignalRegistration.Create(s, context =>
        {
            context.Cancel = true;
            Act(Interlocked.Increment(ref _count));
        })),
    ];

    /// <summary>True once one has come.</summary>
    public bool Received => Volatile.Read(ref _count) > 0;

    /// <summary>Names the lab that they end; one that came before counts.</summary>
    public void Watch(Lab? lab)
    {
        lock (_lock)
        {
            _lab = lab;
        }

        if (Received)
        {
            Act(1);
        }
    }

    public void Dispose() => Array.ForEach(_registrations, r => r.Dispose());

    private void Act(int times)
    {
        Lab? lab;
        lock (_lock)
        {
            lab = _lab;
        }

        if (lab is null)
        {
            return;
        }

        if (times == 1)
        {
            _ = EndAsync(lab);
        }
        else
        {
            lab.Kill();
        }
    }

    private static async Task EndAsync(Lab lab)
    {
        try
        {
            await lab.Client.DownAsync(CancellationToken.None);
        }
        catch (CleaveException)
        {
            lab.Kill(); // it does not even answer
        }
    }
}
