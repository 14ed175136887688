using Cleave.Control;
using Cleave.Linux;
using Cleave.Planning;
using Cleave.Processes;
using Cleave.Uplinks;

namespace Cleave.Host;

/// <summary>The way out of the lab as its host sees it: who carries it, and whether it still does.</summary>
internal sealed class UplinkWatch
{
    private readonly RunningLab _lab;
    private volatile string? _trouble;

    private UplinkWatch(RunningLab lab, Uplink uplink) => (_lab, Uplink) = (lab, uplink);

    /// <summary>As the plan has it.</summary>
    public Uplink Uplink { get; }

    public UplinkStatus Status => new(
        Uplink.Gateway, Uplink.By, [.. Uplink.Addresses.Select(a => $"{a.Address}/{a.PrefixLength}")], Uplink.Resolvers, _trouble);

    /// <summary>
    /// Looks for the link, and for a program that the command which started the lab has left here for it; to be called before anything is started here,
    /// so that whatever else is our child is such a program.
    /// </summary>
    public static UplinkWatch? Begin(RunningLab lab, Uplink? uplink)
    {
        if (uplink is null)
        {
            return null;
        }

        var watch = new UplinkWatch(lab, uplink with { Index = (int)Libc.if_nametoindex(Uplink.LinkName) });
        foreach (LabProcess process in NodeProcesses.All().Where(p => p.Parent == Environment.ProcessId))
        {
            if (lab.Children.Adopt(process.Pid) is { } child)
            {
                _ = watch.WaitForEndAsync(child);
            }
        }

        return watch;
    }

    private async Task WaitForEndAsync(Child child)
    {
        ExitStatus status = await child.Exit;
        if (_lab.Ending.IsCancellationRequested || _lab.End.IsCompleted)
        {
            return;
        }

        string said = UserUplink.LastWords(Path.Combine(_lab.Order.Record.State, "logs", UserUplink.LogName));
        _trouble = $"{Uplink.By} has ended with {status}";
        _lab.Hub.Publish(
            EventKind.Lab, null, $"the internet is out of reach from now on: {_trouble}{(said.Length > 0 ? $":\n{said}" : "")}; the lab itself is not concerned");
    }
}
