namespace Cleave.Scenarios;

/// <summary>A step did not do what it should; the message says what was expected, what was seen, and where the step stands.</summary>
internal sealed class StepFailedException(string message) : CleaveException(message);
