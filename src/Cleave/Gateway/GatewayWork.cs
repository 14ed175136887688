using System.Runtime.InteropServices;
using Cleave.Linux;
using Cleave.Registry;

namespace Cleave.Gateway;

/// <summary>The right of one command at a time to change the user's gateway: a lock on the runtime directory, which the kernel drops with the process.</summary>
public sealed class GatewayWork : IDisposable
{
    private readonly Descriptor _lock;

    private GatewayWork(Descriptor @lock) => _lock = @lock;

    /// <summary>Takes it.</summary>
    /// <exception cref="CleaveException">Another command has it.</exception>
    public static GatewayWork Begin()
    {
        string folder = RuntimeDirectory.Ensure();
        Descriptor file = Descriptor.Open(folder, Libc.O_RDONLY);
        if (Libc.flock(file.Fd, Libc.LOCK_EX | Libc.LOCK_NB) == 0)
        {
            return new GatewayWork(file);
        }

        int errno = Marshal.GetLastPInvokeError();
        file.Dispose();
        throw errno == Libc.EAGAIN
            ? new CleaveException("another cleave gateway create or destroy of yours is at work: wait for its end")
            : new LinuxException($"lock {folder}", errno);
    }

    /// <summary>Runs what makes a gateway; if a step fails, all that has been made is undone.</summary>
    /// <exception cref="MachineException">A step failed.</exception>
    public void Create(GatewayPlan plan)
    {
        if (Run(plan, goOn: false) is not { } failure)
        {
            return;
        }

        bool mends = !plan.Steps.OfType<GatewayStep.StartHolder>().Any();
        string? left = mends
            ? Run(new GatewayPlan([.. plan.Steps.Reverse().Select(s => s.Undo).OfType<GatewayStep>().Where(u => u is not GatewayStep.StopHolder)], [], []), goOn: true)
            : Run(GatewayPlan.Destroy(GatewaySurvey.Look(FirewallSight.BySudo)), goOn: true);
        throw new MachineException($"{failure}\nwhat had been made was undone{(left is null || mends ? "" : $", but: {left}")}");
    }

    /// <summary>Runs what takes a gateway away, all of it, whatever fails.</summary>
    /// <exception cref="MachineException">A step failed.</exception>
    public void Destroy(GatewayPlan plan)
    {
        if (Run(plan, goOn: true) is { } failure)
        {
            throw new MachineException($"{failure}\nthe rest was taken away; cleave gateway status says what is left");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    /// <returns>What failed, or null.</returns>
    private string? Run(GatewayPlan plan, bool goOn)
    {
        ObjectDisposedException.ThrowIf(_lock.IsClosed, this);
        string sudo = FirewallLook.IsRoot ? "" : "sudo ";
        string? pid = null;
        string? failure = null;
        foreach (GatewayStep step in plan.Steps)
        {
            string text = step.Command(sudo);
            (int code, string output, string errors) = HostCommand.Shell(step is GatewayStep.StartHolder ? text + " && echo $pid" : text, pid);
            if (code != 0)
            {
                failure ??= $"this failed with exit code {code}:\n  {text.Replace("\n", "\n  ", StringComparison.Ordinal)}\n{errors}".TrimEnd();
                if (!goOn)
                {
                    return failure;
                }
            }

            pid = step is GatewayStep.StartHolder ? output : pid;
        }

        return failure;
    }
}
