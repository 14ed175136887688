using Cleave.Planning;

namespace Cleave.Execution;

/// <summary>An operation failed; everything done before it has been undone.</summary>
/// <param name="operation">Which.</param>
/// <param name="command">The same as a command.</param>
/// <param name="cause">Why.</param>
public sealed class ExecutionException(Operation operation, string command, Exception cause)
    : CleaveException($"the lab could not be made: {command}: {cause.Message}", cause)
{
    /// <summary>The operation that failed.</summary>
    public Operation Operation { get; } = operation;
}
