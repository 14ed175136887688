using System.Globalization;
using System.Text;
using System.Text.Json;
using Cleave.Cli;
using Cleave.Control;
using Cleave.Evidence;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>
/// What the fabric counts is what both ends see. Two nodes send each other numbered datagrams and a stream, each with a capture; cuts come and go at random.
/// <c>CLEAVE_CUTS</c> says how many (5), <c>CLEAVE_SEED</c> which.
/// </summary>
public sealed class EvidenceCountTests(ITestOutputHelper output) : KernelTest
{
    /// <summary>
    /// A datagram every millisecond, and bytes of a stream every five, until the file stop is there; then what was sent and seen. A datagram has its number; that of
    /// the sender's log has the times of CLOCK_MONOTONIC around its call. Captures count what each end has put on the wire and taken from it.
    /// </summary>
    private const string Load =
        """
        import json, os, signal, socket, struct, subprocess, sys, threading, time
        own, other, port, serves = sys.argv[1], sys.argv[2], 9000, sys.argv[3] == "serve"
        name = sys.argv[4]
        dump = subprocess.Popen(["tcpdump", "-Z", "root", "-i", "eth0", "-s", "64", "-B", "16384", "-w", f"{name}.pcap", "ip"], stderr=subprocess.PIPE)
        while b"listening on" not in dump.stderr.readline():
            pass
        done = lambda: os.path.exists("stop")
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        udp.bind((own, port))
        udp.settimeout(0.2)
        seen, sent = [], []

        def hear():
            while not (done() and time.monotonic() > last[0] + 3):
                try:
                    seen.append(struct.unpack("!I", udp.recv(100)[:4])[0])
                except (TimeoutError, ConnectionError):
                    pass

        def stream():
            while not os.path.exists("go"):
                time.sleep(0.01)
            if serves:
                door = socket.create_server((own, 9001))
                peer, _ = door.accept()
                peer.settimeout(0.2)
                while not done():
                    try:
                        peer.recv(65536)
                    except TimeoutError:
                        pass
            else:
                while True:
                    try:
                        peer = socket.create_connection((other, 9001))
                        break
                    except OSError:
                        time.sleep(0.05)
                peer.settimeout(0.2)
                while not done():
                    try:
                        peer.send(b"x" * 3000)
                    except TimeoutError:
                        pass
                    time.sleep(0.005)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()

        last = [time.monotonic()]
        threads = [threading.Thread(target=f) for f in (hear, stream)]
        for t in threads:
            t.start()
        print("ready", flush=True)
        while not os.path.exists("go"):
            time.sleep(0.01)
        while not done():
            before = time.monotonic_ns()
            try:
                udp.sendto(struct.pack("!I", len(sent)), (other, port))
            except ConnectionError:
                udp.sendto(struct.pack("!I", len(sent)), (other, port))
            sent.append([before, time.monotonic_ns()])
            last[0] = time.monotonic()
            time.sleep(0.001)
        for t in threads:
            t.join()
        dump.send_signal(signal.SIGINT)
        said = dump.stderr.read().decode()
        dump.wait()
        counts, data = {"out": 0, "in": 0}, open(f"{name}.pcap", "rb").read()
        at = 24
        while at < len(data):
            length = struct.unpack_from("<I", data, at + 8)[0]
            ends = data[at + 16 + 26:at + 16 + 34]
            if ends == socket.inet_aton(own) + socket.inet_aton(other):
                counts["out"] += 1
            elif ends == socket.inet_aton(other) + socket.inet_aton(own):
                counts["in"] += 1
            at += 16 + length
        json.dump({"sent": sent, "seen": seen, "out": counts["out"], "in": counts["in"], "said": said}, open(f"{name}.tmp", "w"))
        os.rename(f"{name}.tmp", f"{name}.json")
        time.sleep(1000)
        """;

    [Fact]
    public async Task Counters_agree_with_captures_at_both_ends_and_no_packet_is_lost_before_a_window_or_arrives_in_it()
    {
        Tool.Require("python3", "python3");
        Tool.Require("tcpdump", "tcpdump");
        int cuts = int.Parse(Environment.GetEnvironmentVariable("CLEAVE_CUTS") ?? "5", CultureInfo.InvariantCulture);
        int seed = int.Parse(Environment.GetEnvironmentVariable("CLEAVE_SEED") ?? $"{Random.Shared.Next(1_000_000)}", CultureInfo.InvariantCulture);
        output.WriteLine($"CLEAVE_SEED={seed}");
        var random = new Random(seed);
        string[] faults = // a stream that was cut waits ever longer until it tries again
        [
            "isolate: {nodes: a, traffic: every-pair}", "isolate: b", "halves: {nodes: [a, b]}", "cut: {between: [a, b]}", "cut: {from: a, to: b}", "cut: {from: b, to: a}",
            "cut: {between: [a, b], udp: 9000}", "cut: {from: a, to: b, tcp: 9001, traffic: none}", "cut: {between: [a, b], arp: cut}", "cut: {from: b, to: a, udp: all}",
        ];
        var steps = new StringBuilder();
        for (int i = 0; i < cuts; i++)
        {
            steps.Append(CultureInfo.InvariantCulture, $"    - {{during: {{{faults[random.Next(faults.Length)]}}}, for: {random.Next(250, 700)}ms}}\n    - sleep: {random.Next(100, 900)}ms\n");
        }

        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: exec python3 load.py 172.23.0.1 172.23.0.2 call a, ready: {log: ready}}
              b: {ip: 172.23.0.2, run: exec python3 load.py 172.23.0.2 172.23.0.1 serve b, ready: {log: ready}}
            scenarios:
              s:
                - {run: touch go, node: a}
                - sleep: 500ms
            """ + "\n" + steps + "    - {run: touch stop, node: a}\n    - wait: {run: test -e a.json -a -e b.json, node: a}\n      within: 60s\n");
        cleave.Write("load.py", Load);
        Outcome outcome = await cleave.RunAsync("test", "--json", "--quiet");
        ScenarioResult result = Assert.Single(JsonSerializer.Deserialize(outcome.Output, CliJson.Default.TestReport)!.Scenarios);
        Assert.True(outcome.Code == 0, $"{result.Failure}\n{outcome.Errors}");
        Assert.Equal(cuts, result.Windows.Length);
        Assert.All(result.Windows, w => Assert.True(w is { Verdict: EvidenceVerdict.Proven or EvidenceVerdict.NotAsked, Incomplete: false }, w.Sentence));
        Array.ForEach([.. result.Windows], w => output.WriteLine(w.Sentence));
        End a = End.Read(cleave, "a"), b = End.Read(cleave, "b");
        foreach ((string from, string to, End sender, End receiver) in ((string, string, End, End)[])[("a", "b", a, b), ("b", "a", b, a)])
        {
            Assert.Contains("\n0 packets dropped by kernel", sender.Said, StringComparison.Ordinal);
            long lost = result.Windows.SelectMany(w => w.Pairs).Where(p => p.From == from && p.To == to).Sum(p => p.Lost.Packets);
            output.WriteLine($"{from} -> {to}: {sender.Out} sent, {receiver.In} arrived, {lost} counted as lost; {sender.Sent.Length} datagrams, {receiver.Seen.Count} arrived");
            Assert.Equal(sender.Out - receiver.In, lost);
            CheckTimes(from, to, sender, receiver, [.. result.Windows.Where(w => IsOfDatagrams(w) && w.Pairs.Any(p => p.From == from && p.To == to))]);
        }
    }

    private static bool IsOfDatagrams(WindowEvidence window) => !window.Fault.Contains("tcp", StringComparison.Ordinal);

    /// <summary>Between the outer edges of a window a datagram may be lost or not; before and behind none is, and within none arrives.</summary>
    private void CheckTimes(string from, string to, End sender, End receiver, WindowEvidence[] windows)
    {
        // A packet on its way to a node waits for a processor, and one that was sent in time may so come to the fabric's rules too late for that side of an edge.
        const long Way = 100_000_000;
        int lost = 0, within = 0, onTheWay = 0;
        foreach ((int number, long[] call) in sender.Sent.Index())
        {
            (long before, long after) = (call[0], call[1]);
            WindowEvidence? near = Array.Find(windows, w => after > w.Edges.BeginsAfter && before < w.Edges.EndedBy);
            if (!receiver.Seen.Contains(number))
            {
                lost++;
                onTheWay += near is null ? 1 : 0;
                Assert.True(
                    Array.Exists(windows, w => after + Way > w.Edges.BeginsAfter && before < w.Edges.EndedBy),
                    $"{from} -> {to}: datagram {number}, sent from {before} to {after}, was lost in no window");
            }
            else if (near is { Edges: var edges } && before > edges.BegunBy && after + Way < edges.EndsAfter)
            {
                Assert.Fail($"{from} -> {to}: datagram {number}, sent from {before} to {after}, arrived although cut from {edges.BegunBy} to {edges.EndsAfter}");
            }
            else
            {
                within += near is null ? 0 : 1;
            }
        }

        Assert.True(lost > 0 || windows.Length == 0, $"{from} -> {to}: nothing was lost");
        output.WriteLine($"{from} -> {to}: {lost} datagrams lost, {onTheWay} of them sent just before a window; {within} arrived that were sent near an edge");
    }

    /// <summary>What one end has written.</summary>
    private sealed record End(long[][] Sent, HashSet<int> Seen, long Out, long In, string Said)
    {
        public static End Read(CleaveCommand cleave, string name)
        {
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(cleave.Folder, $"{name}.json")));
            JsonElement root = json.RootElement;
            return new(
                [.. root.GetProperty("sent").EnumerateArray().Select(c => (long[])[c[0].GetInt64(), c[1].GetInt64()])],
                [.. root.GetProperty("seen").EnumerateArray().Select(s => s.GetInt32())],
                root.GetProperty("out").GetInt64(),
                root.GetProperty("in").GetInt64(),
                root.GetProperty("said").GetString()!);
        }
    }
}
