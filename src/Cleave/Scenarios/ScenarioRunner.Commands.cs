using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Host;
using Cleave.Linux;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <content>Steps that run a command.</content>
internal sealed partial class ScenarioRunner
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    private async Task RunCommandAsync(Step.Run step, CancellationToken cancel)
    {
        string node = Try(step, () => OnePlace(step.Node));
        ImmutableArray<int> nodes = node == StepReader.Fabric ? [] : [Try(step, () => NodeTargets.Index(node, _lab.Topology))];
        if (step.Within is not { } within)
        {
            Finish(step, node, nodes, await OnceAsync(cancel));
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(within);
        CommandOutcome? last = null;
        try
        {
            while (true)
            {
                last = await OnceAsync(limit.Token);
                if (last.Status.ShellCode == 0)
                {
                    Finish(step, node, nodes, last);
                    return;
                }

                await Task.Delay(RetryPause, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            string seen = last is null ? "it has not ended once" : $"its last end was {Describe(last)}";
            throw Failed(step, $"expected `{step.Command}` on {node} to succeed within {Duration.Format(within)}; {seen}", Now(), nodes);
        }

        Task<CommandOutcome> OnceAsync(CancellationToken token) =>
            RunOnceAsync(step, step.Command, node, CommandOutput.MostSaved, l => _lab.Hub.Publish(EventKind.Step, null, l), token, silent: step.Save is not null);
    }

    private void Finish(Step.Run step, string node, ImmutableArray<int> nodes, CommandOutcome outcome)
    {
        if (outcome.Status.ShellCode != 0)
        {
            throw Failed(step, $"`{step.Command}` on {node} ended with {Describe(outcome)}", Now(), nodes);
        }

        Save(step, outcome, nodes);
    }

    private static string Describe(CommandOutcome outcome)
    {
        string[] lines = [.. outcome.Output.LastLines(), .. outcome.Errors.LastLines()];
        return $"{outcome.Status}; {(lines.Length == 0 ? "it printed nothing" : "it printed:\n" + string.Join('\n', lines.Select(l => "    " + l)))}";
    }

    /// <summary>Runs a command to its end; cancelled, it is killed with all that it has started and that has not left its process group.</summary>
    /// <param name="step">Whose command it is.</param>
    /// <param name="command">As it stands in the file.</param>
    /// <param name="node">A node's name, or the fabric.</param>
    /// <param name="limit">How many bytes of its output are kept.</param>
    /// <param name="line">Told of every line it prints, or null.</param>
    /// <param name="cancel">Kills it.</param>
    /// <param name="silent">True to tell of lines on standard error only.</param>
    private async Task<CommandOutcome> RunOnceAsync(
        Step step, Command command, string node, int limit, Action<string>? line, CancellationToken cancel, bool silent = false)
    {
        Command resolved = Try(step, () => Resolve(command));
        (Descriptor outputRead, Descriptor outputWrite) = Descriptor.Pipe();
        (Descriptor errorRead, Descriptor errorWrite) = Descriptor.Pipe();
        Child child;
        using (outputWrite)
        using (errorWrite)
        {
            try
            {
                child = _lab.StartIn(
                    node,
                    r => WithSaved(r) with { Output = outputWrite, Error = errorWrite },
                    NodeRunner.Argv(resolved),
                    node == StepReader.Fabric ? _lab.Topology.Directory : null);
            }
            catch (LinuxException e)
            {
                outputRead.Dispose();
                errorRead.Dispose();
                throw Failed(step, e.Message, Now(), []);
            }
        }

        var output = new CommandOutput(limit, silent ? null : line);
        var errors = new CommandOutput(0, line);
        _lab.Output.Read(outputRead, output.Write);
        _lab.Output.Read(errorRead, errors.Write);
        await using CancellationTokenRegistration kill = cancel.Register(() => _lab.Children.Signal(child, Libc.SIGKILL, group: true));
        ExitStatus status = await child.Exit;
        cancel.ThrowIfCancellationRequested();

        // A process it left in the background may hold the pipes open for ever.
        await Task.WhenAny(Task.WhenAll(output.Ended, errors.Ended), Task.Delay(DrainLimit, cancel));
        return new CommandOutcome(status, output, errors);
    }

    private SpawnRequest WithSaved(SpawnRequest request)
    {
        var env = new Dictionary<string, string>(request.Env, StringComparer.Ordinal);
        foreach ((string name, string value) in SavedVariables())
        {
            env[name] = value;
        }

        return request with { Env = env };
    }

    private sealed record CommandOutcome(ExitStatus Status, CommandOutput Output, CommandOutput Errors);
}
