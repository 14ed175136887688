using Cleave.Linux;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>A command that the lab itself runs in a node: of <c>setup</c>, or one that says whether the node is ready.</summary>
internal static class NodeCommand
{
    /// <summary>Runs it to its end; it is killed when that is cancelled.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="command">What to run.</param>
    /// <param name="user">Whom it runs as; null: the lab's root.</param>
    /// <param name="output">Takes what it prints.</param>
    /// <param name="cancel">Kills it.</param>
    /// <exception cref="LinuxException">It cannot be executed.</exception>
    public static async Task<ExitStatus> RunAsync(
        RunningLab lab, string node, Command command, NodeUser? user, PipeReader.Sink output, CancellationToken cancel)
    {
        (Descriptor read, Descriptor write) = Descriptor.Pipe();
        Child child;
        using (write)
        {
            try
            {
                child = lab.StartAs(user, node, r => r with { Output = write, Error = write }, NodeRunner.Argv(command), null);
            }
            catch
            {
                read.Dispose();
                throw;
            }
        }

        lab.Output.Read(read, output);
        await using CancellationTokenRegistration kill = cancel.Register(() => lab.Children.Signal(child, Libc.SIGKILL, group: true));
        ExitStatus status = await child.Exit;
        await lab.Output.CatchUpAsync();
        cancel.ThrowIfCancellationRequested();
        return status;
    }
}
