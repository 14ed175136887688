using System.Text;
using Cleave.Control;
using Cleave.Host;
using Cleave.Registry;

namespace Cleave.Cli;

/// <summary><c>cleave up --only NODE --lab ID</c>: programs in a lab that runs, which end with this command.</summary>
internal static class UpInLab
{
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(3);

    /// <summary>The lab that is to be joined; null: a new one is to be started.</summary>
    /// <exception cref="InputException">No such lab runs, or the options do not go together.</exception>
    public static LabRecord? Find(UpCommand.Options options)
    {
        if (options.Lab is null)
        {
            // The variable says which lab is meant where one must be; up starts a new one if nothing speaks against it.
            bool meant = options.Chooses && options.File is null && Environment.GetEnvironmentVariable("CLEAVE_LAB") is { Length: > 0 };
            return meant ? RunningLabs.Find(null) : null;
        }

        LabRecord lab = RunningLabs.Find(options.Lab);
        return options switch
        {
            { File: not null } => throw new InputException($"--lab and --file do not go together: lab {lab.Id} has its file, {lab.File}"),
            { Chooses: false } => throw new InputException(
                $"lab {lab.Id} runs already: with --lab say which programs to start in it, with --only or --exclude; cleave logs -f --lab {lab.Id} shows what it prints"),
            _ => lab,
        };
    }

    public static async Task<int> RunAsync(LabRecord lab, UpCommand.Options options)
    {
        using var signals = new UserSignals();
        using var client = new LabClient(lab);
        using var giveUp = new CancellationTokenSource();
        Terminal terminal = options.Json is null && !options.Detach ? Terminal.ForOutput(LabRegistry.Nodes(lab)) : Terminal.ForErrors(LabRegistry.Nodes(lab));

        // In the background they are the lab's own once they are ready; until then an end is a failure.
        var order = new JoinOrder(options.Only, options.Exclude, options.Detach || !options.KeepGoing, Environment.ProcessId, FileHash(lab));
        try
        {
            using JoinClient join = await client.JoinAsync(order, signals.First);
            signals.Watch(() => _ = join.SayAsync(JoinWish.Leave), () =>
            {
                _ = join.SayAsync(JoinWish.Kill);
                giveUp.CancelAfter(KillLimit); // a lab host that is stopped answers nobody
            });
            JoinEnd? end = await ShowAsync(join, lab, options, terminal, giveUp.Token);
            return await FinishAsync(end, client, lab, options, terminal, signals.Received);
        }
        catch (OperationCanceledException) when (signals.Received)
        {
            return ExitCodes.Interrupted;
        }
    }

    /// <summary>Returns with the end of the join, or null if the lab host is gone.</summary>
    private static async Task<JoinEnd?> ShowAsync(JoinClient join, LabRecord lab, UpCommand.Options options, Terminal terminal, CancellationToken cancel)
    {
        await foreach (JoinNews news in join.NewsAsync(cancel))
        {
            switch (news)
            {
                case { Error: { } error }:
                    throw error.ToException();
                case { End: { } end }:
                    return end;
                case { Begin: { } begin }:
                    SayBegin(begin, lab, terminal);
                    break;
                case { Ready: true } when options.Detach:
                    await join.SayAsync(JoinWish.Keep);
                    break;
                case { Event: { } happened } when !options.Detach && options.Json is { } json:
                    json.Print(happened);
                    break;
                case { Event: { } happened } when !options.Detach:
                    terminal.Write(happened);
                    break;
            }
        }

        return null;
    }

    private static void SayBegin(JoinBegin begin, LabRecord lab, Terminal terminal)
    {
        terminal.Say($"lab {lab.Id}: {string.Join(", ", begin.Nodes)} joined");
        if (begin.LeftAlone.Length > 0)
        {
            terminal.Say($"{string.Join(", ", begin.LeftAlone)} {(begin.LeftAlone.Length == 1 ? "runs already and is" : "run already and are")} left alone");
        }

        if (begin.FileChanged)
        {
            terminal.Say($"{lab.File} is not what it was when the lab was started; the lab goes by what it was (cleave down, then cleave up, takes the new one)");
        }
    }

    private static async Task<int> FinishAsync(
        JoinEnd? end, LabClient client, LabRecord lab, UpCommand.Options options, Terminal terminal, bool interrupted)
    {
        switch (end)
        {
            case null:
                terminal.Say($"the lab host was killed, or broke; what is known is in {lab.State}/logs");
                break;
            case { LabEnds: true }:
                terminal.Say(end.Reason);
                break;
            case { ExitCode: { } code }:
                terminal.Say($"ending: {end.Reason}");
                return interrupted ? ExitCodes.Interrupted : options.Detach ? ExitCodes.Failed : code;
        }

        if (interrupted)
        {
            return ExitCodes.Interrupted;
        }

        if (end is null or { LabEnds: true })
        {
            return ExitCodes.Own;
        }

        if (options.Json is { } json)
        {
            json.Print(await client.StatusAsync(CancellationToken.None));
        }
        else
        {
            Console.Out.WriteLine(lab.Id);
        }

        return ExitCodes.Ok;
    }

    private static string? FileHash(LabRecord lab)
    {
        try
        {
            return JoinSession.Hash(File.ReadAllText(lab.File, Encoding.UTF8));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
