using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Cleave.Control;
using Cleave.Faults;
using Cleave.Host;
using Cleave.Namespaces;
using Cleave.Scenarios;
using Cleave.Topology;

namespace Cleave.Probes;

/// <summary>
/// Finds out who reaches whom in fact: for every ordered pair on every network, by IPv4 and by IPv6 where both speak it there, and for every pair that
/// routes of the file lead to each other through routers: whether an ICMP echo request arrives (one direction), and whether a TCP handshake meets
/// anybody (both directions).
/// </summary>
internal static class ReachabilityCheck
{
    private const int TcpPort = 9; // discard: rarely taken; a refusal is an answer, too
    private const int SocketsAtOnce = 2000;
    private const int Rounds = 5;
    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];
    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    // Linux sends a second SYN after one second, so that silence means two were lost.
    private static readonly TimeSpan SilencePatience = TimeSpan.FromMilliseconds(1300);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);

    /// <summary>Probes every pair.</summary>
    /// <exception cref="InputException">A network is so large that its nodes learn each other's MAC addresses.</exception>
    public static async Task<CheckResult> RunAsync(RunningLab lab, CancellationToken cancel)
    {
        RefuseLearning(lab.Topology);
        PairSet cuts = lab.Faults.InForce.Pairs;
        ImmutableArray<Pair> pairs = [.. AllPairs(lab.Topology, cuts), .. RoutedPairs(lab.Topology, cuts)];
        HashSet<Pair> arrived = await IcmpAsync(lab, pairs, cancel);
        Dictionary<Pair, Reachability> answered = await TcpAsync(lab, pairs, cancel);
        ImmutableArray<PairCheck> checks =
        [
            .. pairs.Select(p => new PairCheck(
                p.Network < lab.Topology.Networks.Length ? lab.Topology.Networks[p.Network].Name : FaultReport.Routers,
                lab.Topology.Nodes[p.From].Name,
                lab.Topology.Nodes[p.To].Name,
                p.Passes,
                arrived.Contains(p),
                p.PassesBothWays,
                answered[p],
                p.Family == AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4")),
        ];
        return new CheckResult(ControlJson.Schema, checks.All(c => c.Agrees), checks);
    }

    /// <summary>All pairs at once would overflow the machine's table of learnt neighbours: the answers would be wrong, and other labs disturbed.</summary>
    internal static void RefuseLearning(LabTopology topology)
    {
        foreach ((int number, Network network) in topology.Networks.Index())
        {
            int nodes = FaultPairs.Members(topology, number).Length;
            if (nodes > Planning.LabPlan.MaxNodesWithPermanentNeighbours)
            {
                throw new InputException(
                    $"check probes every pair of nodes on a network, and of more than {Planning.LabPlan.MaxNodesWithPermanentNeighbours} nodes that would overflow the machine's table "
                    + $"of learnt neighbours; {network.Name} has {nodes}: probe some pairs with expect steps, or with cleave exec NODE -- ping OTHER");
            }
        }
    }

    private static IEnumerable<Pair> AllPairs(LabTopology topology, PairSet cuts) =>
        from network in Enumerable.Range(0, topology.Networks.Length)
        let members = FaultPairs.Members(topology, network)
        from a in members
        from b in members
        where a != b
        from family in Families
        let source = TryAddress(topology, network, a, family)
        let target = TryAddress(topology, network, b, family)
        where source is not null && target is not null
        let passes = !cuts.Contains(network, a, b)
        select new Pair(network, family, a, b, source, target, passes, passes && !cuts.Contains(network, b, a));

    /// <summary>Pairs that share no network of a family, and whose routes in the file lead there and back.</summary>
    private static IEnumerable<Pair> RoutedPairs(LabTopology topology, PairSet cuts)
    {
        int routed = topology.Networks.Length;
        if (cuts.Networks == routed)
        {
            yield break;
        }

        for (int a = 0; a < topology.Nodes.Length; a++)
        {
            for (int b = 0; b < topology.Nodes.Length; b++)
            {
                foreach ((IPAddress source, IPAddress target) in a == b ? [] : ProbePaths.Between(topology.Nodes[a], topology.Nodes[b]))
                {
                    if (RoutePath.Find(topology, a, target) is { Length: > 1 } there && RoutePath.Find(topology, b, source) is { Length: > 1 } back)
                    {
                        bool passes = Passes(a, b, there);
                        yield return new Pair(routed, source.AddressFamily, a, b, source, target, passes, passes && Passes(b, a, back));
                    }
                }
            }
        }

        bool Passes(int from, int to, ImmutableArray<RoutePath.Hop> path) =>
            !cuts.Contains(routed, from, to) && path.All(h => !cuts.Contains(h.Network, h.From, h.To));
    }

    private static async Task<HashSet<Pair>> IcmpAsync(RunningLab lab, ImmutableArray<Pair> pairs, CancellationToken cancel)
    {
        Dictionary<(int Node, IPAddress Address), IcmpSocket> sockets = lab.Thread.Run(() => pairs
            .SelectMany(p => ((int Node, IPAddress Address)[])[(p.From, p.Source), (p.To, p.Target)])
            .Distinct()
            .ToDictionary(k => k, k =>
            {
                NamespaceThread.JoinNetwork(lab.Executor.Room(k.Node).Network);
                return new IcmpSocket(k.Address, requestsOnly: true);
            }));
        var arrived = new HashSet<Pair>();
        ulong run = (ulong)Random.Shared.NextInt64();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] receivers = [.. sockets.Values.Select(s => Task.Run(() => ReceiveAsync(s), CancellationToken.None))];
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                // Again what should have arrived and has not: a burst may overflow a socket's buffer. What is cut is sent in every round.
                foreach ((int index, Pair pair) in pairs.Index().Where(p => !Arrived(p.Item)))
                {
                    byte[] payload = new byte[12];
                    BinaryPrimitives.WriteUInt64BigEndian(payload, run);
                    BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(8), index);
                    sockets[(pair.From, pair.Source)].TrySend(pair.Target, payload);
                }

                long start = lab.Clock.GetTimestamp();
                while (lab.Clock.GetElapsedTime(start) < RoundTime && pairs.Any(p => p.Passes && !Arrived(p)))
                {
                    await Task.Delay(5, cancel);
                }

                if (round > 0 && !pairs.Any(p => p.Passes && !Arrived(p)))
                {
                    break;
                }
            }

            await Task.Delay(Quiet, cancel); // what leaks must have its time to arrive
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(receivers);
            foreach (IcmpSocket socket in sockets.Values)
            {
                socket.Dispose();
            }
        }

        return arrived;

        bool Arrived(Pair pair)
        {
            lock (arrived)
            {
                return arrived.Contains(pair);
            }
        }

        async Task ReceiveAsync(IcmpSocket socket)
        {
            try
            {
                while (true)
                {
                    byte[] payload = await socket.ReceiveRequestAsync(stop.Token);
                    if (payload.Length == 12 && BinaryPrimitives.ReadUInt64BigEndian(payload) == run)
                    {
                        lock (arrived)
                        {
                            arrived.Add(pairs[BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(8))]);
                        }
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Enough seen.
            }
        }
    }

    private static async Task<Dictionary<Pair, Reachability>> TcpAsync(
        RunningLab lab, ImmutableArray<Pair> pairs, CancellationToken cancel)
    {
        var answered = new Dictionary<Pair, Reachability>();
        foreach (Pair[] group in pairs.Chunk(SocketsAtOnce))
        {
            Socket[] sockets = lab.Thread.Run(() => group.Select(p => NewSocket(lab, p)).ToArray());
            Reachability[] answers = await Task.WhenAll(group.Select((p, i) => TcpProbe.ConnectAsync(
                sockets[i],
                p.Target,
                TcpPort,
                p.PassesBothWays ? AnswerPatience : SilencePatience,
                cancel)));
            foreach ((int i, Pair pair) in group.Index())
            {
                sockets[i].Dispose();
                answered.Add(pair, answers[i]);
            }
        }

        return answered;
    }

    private static Socket NewSocket(RunningLab lab, Pair pair)
    {
        NamespaceThread.JoinNetwork(lab.Executor.Room(pair.From).Network);
        Socket socket = ProbeMark.Set(new Socket(pair.Family, SocketType.Stream, ProtocolType.Tcp));
        socket.Bind(new IPEndPoint(pair.Source, 0));
        return socket;
    }

    private static IPAddress? TryAddress(LabTopology topology, int network, int node, AddressFamily family) =>
        topology.Nodes[node].Attachments.First(a => a.Network == topology.Networks[network].Name).AddressOf(family);

    private readonly record struct Pair(
        int Network, AddressFamily Family, int From, int To, IPAddress Source, IPAddress Target, bool Passes, bool PassesBothWays);
}
