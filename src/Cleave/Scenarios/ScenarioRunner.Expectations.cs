using System.Net;
using System.Net.Sockets;
using Cleave.Faults;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Probes;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <content>Steps that check who reaches whom.</content>
internal sealed partial class ScenarioRunner
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(100);
    private static int _echoes;

    private async Task ExpectAsync(Step.Expect step, CancellationToken cancel)
    {
        int from = Try(step, () => FaultPairs.Index(Resolve(step.From), _lab.Topology));
        int to = Try(step, () => FaultPairs.Index(Resolve(step.To), _lab.Topology));
        long start = _lab.Clock.GetTimestamp();
        TimeSpan limit = step.Within ?? step.For ?? TimeSpan.Zero;
        while (true)
        {
            Reachability seen = await ProbeAsync(from, to, step.TcpPort, cancel);
            TimeSpan elapsed = _lab.Clock.GetElapsedTime(start);
            bool asExpected = seen == step.Is;
            if (asExpected && (step.For is null || elapsed >= limit))
            {
                return;
            }

            if (!asExpected && (step.Within is null || elapsed >= limit))
            {
                throw Failed(step, Sentence(step, from, to, seen, elapsed));
            }

            await Task.Delay(ProbePause, cancel);
        }
    }

    private string Sentence(Step.Expect step, int from, int to, Reachability seen, TimeSpan elapsed)
    {
        string what = step.TcpPort is { } port ? $"tcp port {port}" : "icmp";
        string when = step.Within is { } within ? $" within {Duration.Format(within)}"
            : step.For is { } length ? $" for {Duration.Format(length)}"
            : "";
        return $"expected {Name(to)} to be {Lower(step.Is)} from {Name(from)} by {what}{when}; " +
            $"after {elapsed.TotalSeconds:0.0} s it was {Lower(seen)}{_nodes[to].Tail()}";

        string Name(int node) => _lab.Topology.Nodes[node].Name;
    }

    private static string Lower(Reachability reachability) => reachability.ToString().ToLowerInvariant();

    private async Task<Reachability> ProbeAsync(int from, int to, int? tcpPort, CancellationToken cancel)
    {
        (IPAddress source, IPAddress target) = Addresses(from, to);
        Descriptor network = _lab.Executor.Room(from).Network;
        if (tcpPort is { } port)
        {
            using Socket socket = _lab.Thread.Run(() =>
            {
                NamespaceThread.JoinNetwork(network);
                return new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            });
            return await TcpProbe.ConnectAsync(socket, target, port, Patience, cancel);
        }

        using IcmpSocket icmp = _lab.Thread.Run(() =>
        {
            NamespaceThread.JoinNetwork(network);
            return new IcmpSocket(source, requestsOnly: false);
        });
        return await icmp.EchoAsync(target, (ushort)Interlocked.Increment(ref _echoes), Patience, cancel);
    }

    /// <summary>On a network that both are on, if there is one.</summary>
    private (IPAddress From, IPAddress To) Addresses(int from, int to)
    {
        Node a = _lab.Topology.Nodes[from];
        Node b = _lab.Topology.Nodes[to];
        foreach (Attachment near in a.Attachments)
        {
            if (b.Attachments.FirstOrDefault(x => x.Network == near.Network) is { } shared)
            {
                return (near.Address, shared.Address);
            }
        }

        return (a.Attachments[0].Address, b.Attachments[0].Address);
    }
}
