namespace Cleave;

/// <summary>Something a user can mend: the message says what happened, to what, and what to do about it.</summary>
public class CleaveException : Exception
{
    /// <summary>With a message for the user.</summary>
    public CleaveException(string message)
        : base(message)
    {
    }

    /// <summary>With a message for the user and the cause.</summary>
    public CleaveException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>What the user asked for does not fit: an unknown name, for instance. Exit code 2.</summary>
public sealed class InputException(string message) : CleaveException(message);

/// <summary>This machine lacks something a lab needs; the message names it and the remedy. Exit code 4 of <c>cleave test</c>.</summary>
public sealed class MachineException(string message) : CleaveException(message);
