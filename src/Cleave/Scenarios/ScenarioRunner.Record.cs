using System.Collections.Concurrent;
using Cleave.Control;
using Cleave.Faults;
using Cleave.Runs;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <content>What is recorded of a scenario besides its steps, and what is drawn.</content>
internal sealed partial class ScenarioRunner
{
    private readonly ConcurrentDictionary<Location, int> _drawn = new();

    private void Record(Step step, string expected, Look? last)
    {
        bool holds = last is { Holds: true };
        Record(step, expected, holds, holds ? null : last is null ? "it has not ended once" : last.Describe());
    }

    private void Record(Step step, string expected, bool holds, string? seen) =>
        _lab.Hub.Publish(new LabEvent(default, EventKind.Check, null, $"{(holds ? "held" : "did not hold")}: {expected}")
        {
            Check = new CheckMark(step.At.ToString(), expected, holds, seen),
        });

    /// <summary>
    /// With chance in place. What a step draws depends on the seed, on where it stands and on how many times it has been carried out, and on nothing that
    /// runs beside it: the same seed gives the same schedule.
    /// </summary>
    private Fault Draw(Step step, Fault fault) => _lab.Order.Run is { } run
        ? fault.Drawn(() => Seeds.Draw(run.Seed, _scenario.Name, step.At, _drawn.AddOrUpdate(step.At, 0, (_, n) => n + 1)))
        : fault;
}
