using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>Reads the verb <c>run</c> and what goes with it.</summary>
internal static class CommandReader
{
    public static Step.Run? Run(ScenarioReading reading, MapEntry verb, StepDraft step) =>
        Read(reading, verb.Value) is { } command ? new(step.At, step.Name, command, step.Node, step.Within, step.Save) : null;

    /// <summary>A command of a step, which may refer to what earlier steps saved.</summary>
    public static Command? Read(ScenarioReading reading, YamlNode value)
    {
        SavedValues.Check(reading.File, value, reading.Saved);
        return reading.File.Command(value);
    }

    public static string? Save(ScenarioReading reading, YamlNode value)
    {
        const string Expected = "a name of letters, digits and '_' that does not start with a digit";
        if (reading.File.Text(value, Expected) is not { } name)
            return null;
        if (SavedValues.IsName(name))
            return name;
        reading.File.Mistakes.Add(value.At, $"{Quote.Text(name)} cannot name what is saved: expected {Expected}");
        return null;
    }
}
