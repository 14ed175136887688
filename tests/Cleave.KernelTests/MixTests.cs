using System.Globalization;
using Cleave.Control;
using Cleave.Faults;
using Cleave.KernelTests.Harness;
using Cleave.Registry;

namespace Cleave.KernelTests;

/// <summary>While partitions are switched under load, every packet is judged by the old one or by the new one.</summary>
public sealed class MixTests : KernelTest
{
    private const int Switches = 200;
    private static readonly string[] Nodes = ["a", "b", "c", "d"];

    /// <summary>
    /// Sends to all others in turn, with one number for all, on one processor, so that its packets are judged in this order; and writes down which
    /// numbers arrive from whom.
    /// </summary>
    private const string Flood =
        """
        import os, socket, sys, threading
        me, others = sys.argv[1], sys.argv[2:]
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[ord(me) % len(os.sched_getaffinity(0))]})
        inbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        inbox.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        inbox.bind(("0.0.0.0", 7))
        arrived = []
        def receive():
            while True:
                packet = inbox.recv(16)
                arrived.append(packet)
        threading.Thread(target=receive, daemon=True).start()
        print("ready", flush=True)
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        number = 0
        while not os.path.exists("/tmp/stop"):
            for _ in range(200):
                other = others[number % len(others)]
                out.sendto(b"%s %d" % (me.encode(), number), (other, 7))
                number += 1
        import time
        time.sleep(0.5)
        with open("/tmp/arrived.new", "wb") as file:
            file.write(b"\n".join(arrived))
        os.rename("/tmp/arrived.new", "/tmp/arrived")
        threading.Event().wait()
        """;

    [Fact]
    public async Task No_packet_of_a_pair_that_both_partitions_cut_arrives_and_each_sender_goes_from_one_to_the_other_once_a_switch()
    {
        LabText lab = LabText.Of(Nodes);
        CleaveCommand cleave = NewLab(lab.Yaml(node =>
            $"run: [python3, flood.py, {node}, {string.Join(", ", Nodes.Where(n => n != node).Select(n => lab.Address(n)))}], ready: {{log: ready}}"));
        cleave.Write("flood.py", Flood);
        string id = (await cleave.OkAsync("up", "-d", "--exclude", "all")).Trim();
        await cleave.OkAsync("disjoint", "a,b", "c,d");
        await cleave.OkAsync("start", "all");
        using var client = new LabClient(new LabRecord(id, "", Path.Combine(Runtime, "cleave", id), "", default, CleaveVersion.Current));
        for (int i = 0; i < Switches; i++)
        {
            var fault = new Fault.Disjoint(i % 2 == 0 ? [["a", "c"], ["b", "d"]] : [["a", "b"], ["c", "d"]]);
            await client.ApplyAsync(FaultOrder.For(fault), isBrief: true, TestContext.Current.CancellationToken);
            await Task.Delay(10, TestContext.Current.CancellationToken); // so that packets pass under each
        }

        // Who arrived where: the first partition has a-b and c-d, the second a-c and b-d; a-d and b-c are in neither.
        var seen = Nodes.ToDictionary(n => n, _ => new SortedDictionary<int, int>());
        foreach (string node in Nodes)
        {
            await cleave.InAsync(node, "touch /tmp/stop");
        }

        foreach (string node in Nodes)
        {
            await cleave.InAsync(node, "while ! test -e /tmp/arrived; do sleep 0.1; done");
            foreach (string line in (await cleave.InAsync(node, "cat /tmp/arrived")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] words = line.Split(' ');
                int partition = Partition(words[0], node);
                Assert.True(partition > 0, $"a packet of {words[0]} arrived at {node}, which both partitions cut from it");
                seen[words[0]][int.Parse(words[1], CultureInfo.InvariantCulture)] = partition;
            }
        }

        foreach ((string sender, SortedDictionary<int, int> numbers) in seen)
        {
            Assert.True(numbers.Count > 10_000, $"only {numbers.Count} packets of {sender} arrived");
            int turns = numbers.Values.Zip(numbers.Values.Skip(1)).Count(p => p.First != p.Second);
            Assert.True(turns <= Switches, $"{sender} went {turns} times from one partition to the other, in {Switches} switches");
            Assert.True(turns > Switches / 8, $"{sender} was seen to go only {turns} times from one partition to the other");
        }

        await cleave.OkAsync("down");
    }

    private static int Partition(string from, string to) => string.Concat(new[] { from, to }.Order(StringComparer.Ordinal)) switch
    {
        "ab" or "cd" => 1,
        "ac" or "bd" => 2,
        _ => 0,
    };
}
