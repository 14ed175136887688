using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Cleave.Execution;
using Cleave.Faults;
using Cleave.Namespaces;
using Cleave.Planning;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Bench;

/// <summary>What a packet between two nodes costs with the fault machinery and without.</summary>
internal sealed class PacketBench : IBench
{
    private const double Limit = 1.03;
    private const int Pairs = 30;
    private const int CutNodes = 100;
    private const int Bursts = 2000;
    private const int BurstSize = 64;
    private const int StreamEvery = 6; // rounds
    private const int StreamMilliseconds = 700;
    private const string NoTable = "no table";
    private const string Healed = "healed";
    private const string Cut = "cut of others";

    private static readonly string[] States = [NoTable, Healed, Cut];

    public string Name => "packets";

    public void Run(BenchOptions options, Report report)
    {
        report.Section("The cost of a packet");
        report.Note(
            """
            UDP with 64 bytes of payload from one node to another through the bridge, in a lab of 102 nodes. One thread, bound to one processor, has both
            sockets: it sends 64 packets, then takes all 64 in, 2000 times. ns: wall time by 64 of the burst at the tenth percentile, since what disturbs a
            burst makes it slower. It is the whole way, system calls of both ends included, bound by that one processor; nothing waits for another.
            States take turns in every round, each round beginning with another one.
            no table       the table is deleted
            healed         as a lab is: the table with an empty chain
            cut of others  halves of the 100 other nodes in force; the pair is in no half, but its ports are looked up
            ratio, from, to  mean of the ratios round by round to "no table", and its 95 % interval (Student's t)
            TCP            one connection, writes of 128 KiB, sender and receiver threads free to run anywhere; median
            """);
        int rounds = Math.Max(2, options.Rounds ?? Pairs);
        using Process lab = Subprocess.StartSelf(["unshare", "-Urmnuip", "--fork"], Name, $"{rounds}");
        Dictionary<string, List<double>> all = JsonSerializer.Deserialize<Dictionary<string, List<double>>>(Subprocess.Finish(lab, "the lab"))!;
        var rows = new List<object?[]>();
        foreach (string state in States)
        {
            (double ratio, double half) = Samples.MeanWithInterval(all[state].Zip(all[NoTable], (a, b) => a / b));
            rows.Add(
            [
                state, all[state].Median(), state == NoTable ? null : ratio, state == NoTable ? null : ratio - half, state == NoTable ? null : ratio + half,
                all[$"{state} TCP"].Median(), rounds,
            ]);
            if (state != NoTable)
            {
                report.Target($"{state}, upper end of the interval, to no table", ratio + half, Limit);
            }
        }

        report.Table(
            ["state", "ns a packet", "ratio", "from", "to", "TCP Gbit/s", "rounds"], rows, all.ToDictionary(a => a.Key, a => (IReadOnlyList<double>)a.Value));
    }

    public int RunChild(string[] order)
    {
        int rounds = int.Parse(order[0], CultureInfo.InvariantCulture);
        LabTopology topology = BenchLab.Of(CutNodes + 2);
        using var thread = new NamespaceThread();
        using var executor = new Executor(topology, thread, new Children(), ImmutableDictionary<string, string>.Empty);
        executor.Run(BenchLab.Plan(topology).Network);
        (int sender, int receiver) = (CutNodes, CutNodes + 1);
        IPAddress to = topology.Nodes[receiver].Attachments[0].Addresses[0];
        using Socket target = SocketIn(receiver, SocketType.Dgram);
        using Socket source = SocketIn(sender, SocketType.Dgram);
        target.Bind(new IPEndPoint(to, 7));
        target.ReceiveTimeout = 1000;
        target.ReceiveBufferSize = 1 << 20;
        source.Connect(new IPEndPoint(to, 7));

        var fault = new Fault.Halves([.. topology.Nodes[..CutNodes].Select(n => n.Name)], ShapeOrder.OfFile);
        var cut = CutRuleset.Of(new Cuts(PairSet.For(topology), FaultPairs.Of(fault, topology), [], []), topology, 1);
        var healed = new CutRuleset(2, []);
        var create = new Operation.CreateCutTable();
        var samples = States.SelectMany(s => (string[])[s, $"{s} TCP"]).ToDictionary(s => s, _ => new List<double>());
        using var bursts = new PacketBursts(source, target, BurstSize);
        bursts.Run(Bursts); // all is compiled, and neighbours are known
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < States.Length; i++)
            {
                string state = States[(round + i) % States.Length];
                Enter(state);
                samples[state].Add(bursts.Run(Bursts));
                if (round % StreamEvery == 0)
                {
                    samples[$"{state} TCP"].Add(Stream());
                }

                Leave(state);
            }
        }

        Console.WriteLine(JsonSerializer.Serialize(samples));
        Environment.Exit(0);
        return 0;

        void Enter(string state)
        {
            if (state == NoTable)
            {
                _ = Subprocess.Run(["nft", "delete", "table", "bridge", CutSwitch.Table]);
            }
            else if (state == Cut)
            {
                executor.Run(new Operation.ReplaceCuts(CutRuleset.Healed, cut));
            }
        }

        void Leave(string state)
        {
            if (state == NoTable)
            {
                executor.Run([create]);
            }
            else if (state == Cut)
            {
                executor.Run(new Operation.ReplaceCuts(cut, healed));
            }
        }

        Socket SocketIn(int node, SocketType type) => thread.Run(() =>
        {
            NamespaceThread.JoinNetwork(executor.Room(node).Network);
            return new Socket(AddressFamily.InterNetwork, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp);
        });

        double Stream()
        {
            using Socket listener = SocketIn(receiver, SocketType.Stream);
            using Socket client = SocketIn(sender, SocketType.Stream);
            listener.Bind(new IPEndPoint(to, 7));
            listener.Listen();
            client.Connect(to, 7);
            using Socket server = listener.Accept();
            return TcpStream.GigabitsPerSecond(client, server, StreamMilliseconds);
        }
    }
}
