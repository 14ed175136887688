using System.Collections.Immutable;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>The surroundings of a node's processes: what they see, what they are called, PID 1.</summary>
internal static class RoomPlan
{
    /// <summary>
    /// Where nss-resolve(8) and glibc, with nscd(8), would ask the host for names, past the lab's name server: as the machine's nsswitch.conf(5) may say.
    /// </summary>
    private static readonly string[] AskedByLibraries = ["/run/systemd/resolve/io.systemd.Resolve", "/run/nscd/socket"];

    public static void Add(
        LabTopology topology, PlanInputs inputs, HostsFiles hosts, ResolvFiles resolvers, Place at, Node node, ImmutableArray<Operation>.Builder plan)
    {
        plan.Add(new Operation.EnterRoom(at));
        plan.Add(new Operation.SetHostname(at, node.Hostname ?? node.Name));
        foreach ((string key, string value) in node.Sysctls.Where(s => LabPlan.IsOfIpc(s.Key)))
        {
            plan.Add(new Operation.SetIpcSysctl(at, key, value));
        }

        // Before there are volumes, so that one which has the runtime directory in it shows it covered.
        var volumes = new VolumePlan(topology, inputs, at, node);
        plan.AddRange(ControlPlan.Before(inputs, at, node, volumes.NextSlot));
        bool isCovered = node.Mounts.Any(m => m is NodeMount.Host);
        if (isCovered)
        {
            CoverRuntimeDirectory();
        }

        plan.AddRange(volumes.Before());
        plan.AddRange(volumes.OfAll());
        plan.Add(new Operation.MountSysfs(at));
        plan.Add(new Operation.ReplaceFile(at, "/etc/hosts", hosts.For(node)));
        plan.Add(new Operation.ReplaceFile(at, "/etc/resolv.conf", resolvers.For(node)) { Optional = true });
        foreach (string socket in AskedByLibraries)
        {
            plan.Add(new Operation.ReplaceFile(at, socket, "") { Optional = true }); // nobody listens there
        }

        if (!isCovered && !node.Control && !volumes.Hides(inputs.RuntimeDirectory))
        {
            CoverRuntimeDirectory();
        }

        plan.AddRange(volumes.Own());
        plan.AddRange(ControlPlan.After(inputs, at, node, volumes.NextSlot));
        plan.Add(new Operation.StartInit(at));

        void CoverRuntimeDirectory() => plan.Add(new Operation.MountTmpfs(at, inputs.RuntimeDirectory, "0700", null));
    }
}
