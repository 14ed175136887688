namespace Cleave.VirtualMachines;

/// <summary>A virtual machine to throw away, in which labs run; what makes it is installed on the host.</summary>
internal interface IMachine
{
    /// <summary>In a few words: "qemu".</summary>
    string By { get; }

    /// <summary>What is to be executed inside for Cleave.</summary>
    string Cleave { get; }

    /// <summary>Makes it and waits until it takes commands; false if it was there already.</summary>
    /// <exception cref="CleaveException">It cannot be made, and nothing of it is left.</exception>
    bool Up(Action<string> say, CancellationToken cancel);

    /// <summary>Runs a command inside, in a folder that is there under the same path, as root.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="command">An argument vector.</param>
    /// <param name="isTerminal">Whether it gets a terminal, with the user's keys; otherwise it gets an interrupt when we get one, and no input.</param>
    /// <param name="cancel">Interrupts it.</param>
    /// <returns>Its exit code.</returns>
    Task<int> RunAsync(string folder, IReadOnlyList<string> command, bool isTerminal, CancellationToken cancel);

    /// <summary>Takes it away with its disk; false if there was none.</summary>
    bool Down();
}
