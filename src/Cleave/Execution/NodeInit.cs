using Cleave.Linux;
using Cleave.Processes;

namespace Cleave.Execution;

/// <summary>
/// PID 1 of a node: sleeps, and ignores SIGCHLD, so that the kernel reaps orphans for it. A node's program is never PID 1 itself, because PID 1 is
/// sent no signal it does not handle, and so would ignore TERM.
/// </summary>
internal static class NodeInit
{
    // /proc can be mounted only by a process inside the PID namespace.
    private const string Script =
        "mount -t proc -o nosuid,nodev,noexec proc /proc && echo ready && exec env --ignore-signal=CHLD sleep infinity >&- 2>&-";

    /// <summary>Starts it, on a thread that has unshared its PID namespace.</summary>
    /// <returns>The process, and a pipe for <see cref="AwaitReady"/>: many can start at the same time.</returns>
    /// <param name="children">Whose child it becomes.</param>
    /// <param name="env">Its environment, by which a person finds out whose it is.</param>
    /// <param name="program">The open file of <see cref="InitProgram"/>, or null to have a shell do the same.</param>
    public static (Child Init, Descriptor Says) Start(Children children, IReadOnlyDictionary<string, string> env, Descriptor? program)
    {
        (Descriptor says, Descriptor output) = Descriptor.Pipe();
        using (output)
        {
            var request = new SpawnRequest(program is null ? ["sh", "-c", Script] : [InitProgram.Name], env, "/")
            {
                Program = program is null ? null : InitProgram.PathOf(program),
                Output = output,
                Error = output,
            };
            return (children.Start(request), says);
        }
    }

    /// <summary>Waits until /proc is mounted.</summary>
    /// <exception cref="CleaveException">It could not be; the message has what was said.</exception>
    public static unsafe void AwaitReady(Descriptor says)
    {
        using (says)
        {
            byte* buffer = stackalloc byte[512];
            nint length = Libc.read(says.Fd, buffer, 512);
            string said = length switch
            {
                <= 0 => "it ended without a word",
                1 => new LinuxException("mount /proc", buffer[0]).Message, // InitProgram says the errno
                _ => System.Text.Encoding.UTF8.GetString(buffer, (int)length).Trim(),
            };
            if (said != "ready")
            {
                throw new CleaveException($"PID 1 of the node could not start: {said}");
            }
        }
    }
}
