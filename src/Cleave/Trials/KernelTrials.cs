using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Cleave.Doctor;
using Cleave.Execution;
using Cleave.Faults;
using Cleave.Host;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Netlink;
using Cleave.Netlink.Route;
using Cleave.Netlink.Sockets;
using Cleave.Netlink.Tables;
using Cleave.Planning;

namespace Cleave.Trials;

/// <summary>
/// Does to the kernel what a lab does, once each, in the namespaces it was started in, and prints how it went. A process of its own: what it has made
/// is gone with it.
/// </summary>
public static class KernelTrials
{
    /// <summary>The word on the command line by which <c>cleave</c> starts itself for this. Not for users.</summary>
    public const string Verb = "kernel-trials";

    private static readonly Interface Bridge = new("br1", 10);
    private static readonly Interface Port = new("p1", 11);
    private static readonly Interface OtherPort = new("p2", 12); // which is not there
    private static readonly Interface Inside = new("eth0", 12);
    private static readonly Interface Overlay = new("vx1", 13);
    private static readonly MacAddress BridgeMac = new(0x02_c0_00_00_00_00UL);
    private static readonly MacAddress PortMac = new(0x02_c2_00_00_00_01UL);
    private static readonly MacAddress InsideMac = new(0x02_c1_00_00_00_01UL);
    private static readonly IPAddress Address = new([172, 23, 0, 1]);
    private static readonly IPAddress Address6 = IPAddress.Parse("fd00:23::1");

    /// <summary>Tries everything; what needs something that failed is left out.</summary>
    /// <param name="nodes">How many network namespaces to make at once.</param>
    public static int Run(int nodes)
    {
        var trials = ImmutableSortedDictionary.CreateBuilder<Trial, Outcome>();

        // Namespaces are a thread's; and this one changes mounts, which takes a working directory of its own.
        var thread = new Thread(() => RunAll(trials, nodes));
        thread.Start();
        thread.Join();
        Console.Out.WriteLine(JsonSerializer.Serialize(trials.ToImmutable(), DoctorJson.Default.ImmutableSortedDictionaryTrialOutcome));
        return 0;
    }

    private static void RunAll(ImmutableSortedDictionary<Trial, Outcome>.Builder trials, int nodes)
    {
        TryNetwork(trials);
        Patiently(() => Try(trials, Trial.NodeNamespaces, () => MakeNamespaces(nodes)), trials);
        TryMounts(trials);
    }

    /// <summary>In the namespace we were started in, as in a lab's fabric.</summary>
    private static void TryNetwork(ImmutableSortedDictionary<Trial, Outcome>.Builder trials)
    {
        using NetlinkSocket route = NetlinkSocket.Open(NetlinkFamily.Route);
        Try(trials, Trial.RawIcmp, () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp).Dispose());
        bool bridge = Try(trials, Trial.Bridge, () => Send(
            route, null, new Operation.CreateBridge(Bridge, BridgeMac), new Operation.SetLinkUp(Place.Fabric, Bridge), new Operation.AddAddress(Place.Fabric, Bridge, Address, 24)));
        if (bridge)
        {
            TryCable(trials, route);
            Try(trials, Trial.IPv6, () => Send(route, null, new Operation.AddAddress(Place.Fabric, Bridge, Address6, 64)));
            Try(trials, Trial.Netem, () => QueueRequests.Try(route, Bridge.Index, QueueRequests.Netem));
            Try(trials, Trial.Htb, () => QueueRequests.Try(route, Bridge.Index, QueueRequests.Htb));
            Try(trials, Trial.Tbf, () => QueueRequests.Try(route, Bridge.Index, QueueRequests.Tbf));
        }

        Try(trials, Trial.Vxlan, () =>
        {
            var batch = new RouteBatch();
            batch.AddLink(new LinkMessage { Index = Overlay.Index, Name = Overlay.Name, Settings = QueueRequests.Vxlan });
            route.Send(batch);
        });
        Try(trials, Trial.Tap, TapDevice.Try);
        TryTables(trials);
    }

    /// <summary>With a node at its other end, which has to live as long.</summary>
    private static void TryCable(ImmutableSortedDictionary<Trial, Outcome>.Builder trials, NetlinkSocket route)
    {
        NodeRoom? node = null;
        Patiently(() => Try(trials, Trial.NodeNamespaces, () => node = MakeNode()), trials);
        using (node)
        {
            // Without a second namespace there is nothing to lay a cable to, and what is said about that is enough.
            if (node is not null
                && Try(trials, Trial.Veth, () => Send(route, node, new Operation.CreateVeth(Port, PortMac, Bridge, new Place(0), Inside, InsideMac))))
            {
                Try(trials, Trial.StaticPort, () => Send(
                    route, null, new Operation.MakePortStatic(Port), new Operation.AddForwarding(InsideMac, Port), new Operation.AddNeighbour(Place.Fabric, Bridge, new IPAddress([172, 23, 0, 2]), InsideMac)));
            }
        }
    }

    private static void TryTables(ImmutableSortedDictionary<Trial, Outcome>.Builder trials)
    {
        NetlinkSocket? tables = null;
        bool any = Try(trials, Trial.Tables, () =>
        {
            tables = NetlinkSocket.Open(NetlinkFamily.Netfilter);
            var batch = new TableBatch();
            batch.AddTable(TableFamily.IPv4, CutSwitch.Table);
            tables.Send(batch);
        });
        using (tables)
        {
            if (!any || !Try(trials, Trial.BridgeTables, () => tables!.Send(CutTable.Create())))
            {
                return;
            }

            var part = new CutPart(0, CutPartKind.Packets, null, CutMode.Drop)
            {
                Sources = [(Port, 1), (OtherPort, 2)],
                Targets = [(Port, 1), (OtherPort, 2)],
                Cuts = [(1, 2)],
            };
            Try(trials, Trial.Cut, () =>
            {
                CutRuleset cut = CutTable.Switch(tables!, CutRuleset.Healed, new CutRuleset(1, [part]));
                CutTable.Switch(tables!, cut, new CutRuleset(2, []));
            });

            // At the one port that is there in any case.
            var answer = new CutPart(0, CutPartKind.Answers, null, CutMode.Reset)
            {
                Sources = [(Wiring.Loopback, 1)],
                Hardware = [(InsideMac, 2)],
                Cuts = [(1, 2)],
            };
            Try(trials, Trial.Answers, () =>
            {
                CutRuleset cut = CutTable.Switch(tables!, new CutRuleset(2, []), new CutRuleset(3, [answer]));
                CutTable.Switch(tables!, cut, new CutRuleset(4, []));
                tables!.Send(CutTable.Delete());
            });
        }
    }

    private static void TryMounts(ImmutableSortedDictionary<Trial, Outcome>.Builder trials)
    {
        Try(trials, Trial.HostName, SetHostName);
        Try(trials, Trial.Join, () =>
        {
            using Descriptor self = Descriptor.OfProcess(Libc.getpid());
            LinuxException.Check(Libc.setns(self.Fd, Libc.CLONE_NEWUTS), "join namespaces by a pidfd");
        });
        LinuxException.Check(Libc.unshare(Libc.CLONE_FS), "give the thread a working directory of its own");
        NamespaceThread.Unshare(Libc.CLONE_NEWNS, "a mount namespace");
        Try(trials, Trial.Terminals, LabTerminals.Mount);
        if (!Try(trials, Trial.Sysfs, () => NodeMounts.MountSysfs(readOnly: false)))
        {
            Try(trials, Trial.SysfsReadOnly, () => NodeMounts.MountSysfs(readOnly: true));
        }

        Try(trials, Trial.Tmpfs, () => LinuxException.Check(
            Libc.mount("tmpfs", "/tmp", "tmpfs", Libc.MS_NOSUID | Libc.MS_NODEV, "mode=1777"), "mount a tmpfs on /tmp"));
    }

    /// <summary>Where the limit is tight, namespaces of the trials before may still be being freed, and count: then again, for half a second.</summary>
    private static void Patiently(Func<bool> trial, ImmutableSortedDictionary<Trial, Outcome>.Builder trials)
    {
        const int Attempts = 10;
        for (int i = 0; i < Attempts && !trial() && trials[Trial.NodeNamespaces].Error == nameof(Errno.ENOSPC); i++)
        {
            Thread.Sleep(50);
        }
    }

    /// <summary>The thread stays in the last of them, in which a new sysfs can be mounted.</summary>
    private static void MakeNamespaces(int count)
    {
        var held = new List<Descriptor>(count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                LinuxException.Check(Libc.unshare(Libc.CLONE_NEWNET), $"make network namespace {i + 1} of {count}");
                held.Add(Descriptor.Open("/proc/thread-self/ns/net", Libc.O_RDONLY));
            }
        }
        finally
        {
            held.ForEach(d => d.Dispose());
        }
    }

    private static unsafe void SetHostName()
    {
        fixed (byte* name = "trial"u8)
        {
            LinuxException.Check(Libc.sethostname(name, 5), "set a host name");
        }
    }

    private static NodeRoom MakeNode()
    {
        using Descriptor home = Descriptor.Open("/proc/thread-self/ns/net", Libc.O_RDONLY);
        LinuxException.Check(Libc.unshare(Libc.CLONE_NEWNET), "make a network namespace");
        var room = new NodeRoom(Descriptor.Open("/proc/thread-self/ns/net", Libc.O_RDONLY));
        NamespaceThread.JoinNetwork(home);
        return room;
    }

    private static void Send(NetlinkSocket socket, NodeRoom? node, params ReadOnlySpan<Operation> operations)
    {
        var batch = new RouteBatch();
        foreach (Operation operation in operations)
        {
            if (!RouteRequests.TryAdd(operation, batch, _ => node!))
            {
                throw new InvalidOperationException($"{operation.GetType().Name} is no request to rtnetlink");
            }
        }

        socket.Send(batch);
    }

    private static bool Try(ImmutableSortedDictionary<Trial, Outcome>.Builder trials, Trial trial, Action action)
    {
        try
        {
            action();
            trials[trial] = new Outcome();
            return true;
        }
        catch (Exception e) when (TrialErrors.IsExpected(e))
        {
            trials[trial] = TrialErrors.Of(e);
            return false;
        }
    }
}
