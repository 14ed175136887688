using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Cleave.Control;
using Cleave.Host;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <content>Steps that check something, once, until it holds or all the while, and steps that wait.</content>
internal sealed partial class ScenarioRunner
{
    private static readonly TimeSpan ReadyPause = TimeSpan.FromMilliseconds(20);

    private async Task ExpectAsync(Step.Expect step, long[] logsFrom, CancellationToken cancel)
    {
        Question question = Ask(step, step.Check, logsFrom);
        if (step.For is not { } length)
        {
            await UntilAsync(step, question, step.Within, cancel);
            return;
        }

        Moment began = Now();
        Look? violation = await Lookout.WhileAsync(
            question.LookAsync, l => !l.Holds, Lookout.Pause, question.AtOnce, Task.Delay(length, _lab.Clock, cancel), _lab.Clock, cancel);
        Record(step, $"{question.Expected} for {Duration.Format(length)}", violation is null, violation?.Describe());
        if (violation is not null)
        {
            throw Failed(step, $"expected {question.Expected} for {Duration.Format(length)}; {After(violation.At.Since - began.Since)} {violation.Describe()}", violation);
        }
    }

    private Task WaitRunAsync(Step.WaitRun step, long[] logsFrom, CancellationToken cancel) =>
        UntilAsync(step, Ask(step, step.Check, logsFrom), step.Within, cancel);

    private async Task UntilAsync(Step step, Question question, TimeSpan? within, CancellationToken cancel)
    {
        Moment began = Now();
        Look? last = within is { } limit
            ? await Lookout.UntilAsync(question.LookAsync, l => l.Holds, limit, question.IsCommand, _lab.Clock, cancel)
            : await question.LookAsync(cancel);
        Record(step, question.Expected, last);
        if (last is { Holds: true })
        {
            return;
        }

        string expected = $"expected {question.Expected}{(within is { } time ? $" within {Duration.Format(time)}" : "")}; {After(Now().Since - began.Since)} ";
        throw last is null
            ? Failed(step, expected + "it has not ended once", Now(), question.Nodes)
            : Failed(step, expected + last.Describe(), last);
    }

    private async Task AlwaysAsync(Step.Always step, long[] logsFrom, CancellationToken cancel)
    {
        // Never, without a count: of none.
        Check check = step.IsNever && step.Check.Count is null ? step.Check with { Count = new CheckCount(1, null) } : step.Check;
        Question question = Ask(step, check, logsFrom);
        string expected = step.IsNever
            ? $"never {(step.Check.Count is null ? question with { Check = step.Check } : question).Expected}"
            : $"always {question.Expected}";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task steps = MeanwhileAsync(step.Steps, step.For, logsFrom, stop.Token);
        Look? violation;
        try
        {
            violation = await Lookout.WhileAsync(
                question.LookAsync, l => l.Holds == step.IsNever, step.Every, question.AtOnce, steps, _lab.Clock, cancel);
        }
        finally
        {
            await stop.CancelAsync();
            await steps.ContinueWith(static t => t.Exception, TaskScheduler.Default); // thrown on already, or of no interest any more
        }

        Record(step, expected, violation is null, violation?.Describe());
        if (violation is not null)
        {
            throw Failed(step, $"expected {expected}; {violation.Describe()}", violation);
        }
    }

    private async Task MeanwhileAsync(ImmutableArray<Step> steps, TimeSpan? atLeast, long[] logsFrom, CancellationToken cancel)
    {
        Task time = atLeast is { } length ? Task.Delay(length, _lab.Clock, cancel) : Task.CompletedTask;
        await RunAllAsync(steps, logsFrom, cancel);
        await time;
    }

    /// <summary>By what nodes are now: one that was ready once may have been stopped since.</summary>
    private async Task WaitReadyAsync(Step.WaitReady step, CancellationToken cancel)
    {
        ImmutableArray<int> nodes = Nodes(step, step.Nodes);
        long start = _lab.Clock.GetTimestamp();
        while (nodes.Where(n => !IsReady(_nodes[n])).ToArray() is { Length: > 0 } others)
        {
            if (_lab.Clock.GetElapsedTime(start) >= step.Within)
            {
                string states = string.Join(", ", others.Select(n => $"{Name(n)} is {_nodes[n].Status.State.ToString().ToLowerInvariant()}"));
                throw Failed(step, $"expected {CheckSentence.Names(step.Nodes)} to be ready within {Duration.Format(step.Within)}; {states}", Now(), [.. others]);
            }

            await Task.Delay(ReadyPause, _lab.Clock, cancel);
        }
    }

    private static bool IsReady(NodeRunner node) =>
        node.Node.Run is null || node.Status is { State: NodeState.Ready } || (node.Node.Job && node.Status is { State: NodeState.Ended, ExitCode: 0 });

    private async Task WaitLogAsync(Step.WaitLog step, long[] logsFrom, CancellationToken cancel)
    {
        ImmutableArray<int> nodes = Nodes(step, step.Nodes);
        string text = Try(step, () => ResolvePattern(step.Pattern));
        var pattern = new Regex(text, RegexOptions.CultureInvariant);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(step.Within);
        Task<string>[] lines = [.. nodes.Select(n => _nodes[n].Log.WaitForAsync(pattern.IsMatch, logsFrom[n], limit.Token))];
        try
        {
            await Task.WhenAll(lines);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            ImmutableArray<int> silent = [.. nodes.Where((_, i) => !lines[i].IsCompletedSuccessfully)];
            throw Failed(
                step,
                $"expected a line that matches /{text}/ in the log of {Quote.Choices([.. silent.Select(Name)], "and")} within {Duration.Format(step.Within)}, saw none",
                Now(),
                silent);
        }
    }

    private static string After(TimeSpan time) => $"after {time.TotalSeconds:0.0} s";
}
