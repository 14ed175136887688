using System.Collections.Immutable;

namespace Cleave.Scenarios;

/// <summary>
/// A step did not do what it should; the message says what was expected, what was seen, when, and where the step stands, and shows the last log
/// lines of the nodes concerned.
/// </summary>
/// <param name="message">For the user.</param>
/// <param name="nodes">The numbers of the nodes concerned, the first to look at first.</param>
internal sealed class StepFailedException(string message, ImmutableArray<int> nodes) : CleaveException(message)
{
    public ImmutableArray<int> Nodes => nodes;
}
