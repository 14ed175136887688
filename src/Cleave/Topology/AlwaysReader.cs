using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>Reads the verbs <c>always</c> and <c>never</c>.</summary>
internal static class AlwaysReader
{
    private static readonly TimeSpan DefaultEvery = TimeSpan.FromMilliseconds(100);

    public static Step.Always? Always(ScenarioReading reading, MapEntry verb, StepDraft step) => Read(reading, verb, step, isNever: false);

    public static Step.Always? Never(ScenarioReading reading, MapEntry verb, StepDraft step) => Read(reading, verb, step, isNever: true);

    private static Step.Always? Read(ScenarioReading reading, MapEntry verb, StepDraft step, bool isNever)
    {
        if (!step.Present.ContainsKey("for") && !step.Present.ContainsKey("steps"))
            reading.File.Mistakes.Add(verb.Key.At, $"{Quote.Text(verb.Key.Value)} has no end: expected 'for' or 'steps' beside it");
        return ExpectReader.ReadCheck(reading, verb) is { } check
            ? new(step.At, step.Name, check, isNever, step.Every ?? DefaultEvery, step.For, step.Steps)
            : null;
    }
}
