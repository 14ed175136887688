using System.Buffers;
using System.Text;
using Cleave.Control;
using Cleave.Host;
using Cleave.Linux;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <content>Steps that run a command.</content>
internal sealed partial class ScenarioRunner
{
    private const int LongestOutput = 1024 * 1024;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    private async Task RunCommandAsync(Step.Run step, CancellationToken cancel)
    {
        string node = Try(step, () => Resolve(step.Node));
        if (step.Within is not { } within)
        {
            Finish(step, node, await RunOnceAsync(step, node, cancel));
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(within);
        CommandOutcome? last = null;
        try
        {
            while (true)
            {
                last = await RunOnceAsync(step, node, limit.Token);
                if (last.Status.ShellCode == 0)
                {
                    Finish(step, node, last);
                    return;
                }

                await Task.Delay(RetryPause, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            string seen = last is null ? "it has not ended once" : $"its last end was {Describe(last)}";
            throw Failed(step, $"expected `{step.Command}` on {node} to succeed within {Duration.Format(within)}; {seen}");
        }
    }

    private void Finish(Step.Run step, string node, CommandOutcome outcome)
    {
        if (outcome.Status.ShellCode != 0)
        {
            throw Failed(step, $"`{step.Command}` on {node} ended with {Describe(outcome)}");
        }

        if (step.Save is { } name)
        {
            _saved[name] = outcome.Output.TrimEnd('\n');
        }
    }

    private static string Describe(CommandOutcome outcome)
    {
        string[] lines = [.. (outcome.Output + outcome.Errors).Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(10)];
        return $"{outcome.Status}; {(lines.Length == 0 ? "it printed nothing" : "it printed:\n" + string.Join('\n', lines.Select(l => "    " + l)))}";
    }

    private async Task<CommandOutcome> RunOnceAsync(Step.Run step, string node, CancellationToken cancel)
    {
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
                    NodeRunner.Argv(step.Command),
                    node == "fabric" ? _lab.Topology.Directory : null);
            }
            catch (LinuxException e)
            {
                throw Failed(step, e.Message);
            }
        }

        var output = new Capture(_lab, step.Save is null);
        var errors = new Capture(_lab, publish: true);
        _lab.Output.Read(outputRead, output.Write);
        _lab.Output.Read(errorRead, errors.Write);
        await using CancellationTokenRegistration kill = cancel.Register(() => _lab.Children.Signal(child, Libc.SIGKILL, group: true));
        ExitStatus status = await child.Exit;
        cancel.ThrowIfCancellationRequested();

        // A process it left in the background may hold the pipes open for ever.
        await Task.WhenAny(Task.WhenAll(output.Ended, errors.Ended), Task.Delay(DrainLimit, cancel));
        return new CommandOutcome(status, output.Text, errors.Text);
    }

    private SpawnRequest WithSaved(SpawnRequest request)
    {
        var env = new Dictionary<string, string>(request.Env, StringComparer.Ordinal);
        foreach ((string name, string value) in _saved)
        {
            env[$"CLEAVE_SAVE_{name}"] = value;
        }

        return request with { Env = env };
    }

    private sealed record CommandOutcome(ExitStatus Status, string Output, string Errors);

    /// <summary>Keeps what a command prints, up to a limit, and shows it line by line where wanted.</summary>
    private sealed class Capture
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ArrayBufferWriter<byte> _bytes = new();
        private readonly LineSplitter? _lines;

        public Capture(RunningLab lab, bool publish) =>
            _lines = publish ? new LineSplitter(l => lab.Hub.Publish(EventKind.Step, null, l)) : null;

        public Task Ended => _ended.Task;

        public string Text
        {
            get
            {
                lock (_bytes)
                {
                    return Encoding.UTF8.GetString(_bytes.WrittenSpan);
                }
            }
        }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            _lines?.Write(bytes);
            lock (_bytes)
            {
                _bytes.Write(bytes[..Math.Min(bytes.Length, LongestOutput - _bytes.WrittenCount)]);
            }

            if (bytes.IsEmpty)
            {
                _ended.TrySetResult();
            }
        }
    }
}
