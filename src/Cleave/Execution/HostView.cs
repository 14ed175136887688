using Cleave.Linux;
using Cleave.Namespaces;

namespace Cleave.Execution;

/// <summary>
/// What a program sees that has a node's network and otherwise the host: every mount as the lab host has it, /sys excepted, which belongs to a network
/// namespace and would show other interfaces (ip-netns(8) does the same).
/// </summary>
internal static class HostView
{
    /// <summary>Moves the calling thread there. Only on the namespace thread.</summary>
    /// <param name="network">The node's network namespace, or null for the fabric.</param>
    public static void Enter(Descriptor? network)
    {
        if (network is not null)
        {
            NamespaceThread.JoinNetwork(network);
        }

        NamespaceThread.Unshare(Libc.CLONE_NEWNS, "a mount namespace");
        NodeMounts.MountPrivate();
        NodeMounts.MountSysfs();
    }
}
