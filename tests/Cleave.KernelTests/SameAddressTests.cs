using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Any number of labs of one file at once, with the same addresses, and none hears another.</summary>
public sealed class SameAddressTests : KernelTest
{
    private const int Labs = 10;

    // Says its lab's name to the others and to all, ten times a second, and notes whose names it hears.
    private const string Crier =
        """
        import os, socket, sys, time
        lab, node = os.environ["CLEAVE_LAB"], os.environ["CLEAVE_NODE"]
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.bind(("", 9000))
        heard, following = set(), 0
        while True:
            if time.monotonic() >= following:
                for target in sys.argv[1:]:
                    s.sendto(f"{lab} {node} {target}".encode(), (target, 9000))
                following = time.monotonic() + 0.1
            s.settimeout(max(0.001, following - time.monotonic()))
            try:
                word = s.recv(1000).decode()
            except TimeoutError:
                continue
            if word not in heard:
                heard.add(word)
                with open(f"heard/{lab}-{node}", "a") as f:
                    f.write(word + "\n")
        """;

    private static readonly LabText Lab = LabText.Of("a", "b", "c");

    [Fact]
    public async Task Ten_labs_of_one_file_do_not_hear_each_other()
    {
        Tool.Require("python3", "python3");
        string[] targets = [.. Lab.Nodes.Select(n => Lab.Address(n)), "172.23.0.255"];
        CleaveCommand cleave = NewLab(Lab.Yaml(n => $"run: [{Tool.Python}, crier.py, {string.Join(", ", targets)}]"));
        cleave.Write("crier.py", Crier);
        string heard = Directory.CreateDirectory(Path.Combine(cleave.Folder, "heard")).FullName;

        string[] ids = await Task.WhenAll(Enumerable.Range(0, Labs).Select(async _ => (await cleave.OkAsync("up", "-d")).Trim()));
        Assert.Equal(Labs, ids.Distinct().Count());
        Assert.Equal(Labs + 1, (await cleave.OkAsync("ps", "--all")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        // All have heard all of their own lab, so all have had the time to hear others.
        await Wait.UntilAsync(
            () => ids.All(id => Lab.Nodes.All(n => Own(id, n).IsSubsetOf(Heard(id, n)))),
            () => $"not everyone hears everyone of its own lab:\n{string.Join('\n', Directory.GetFiles(heard).Select(f => $"{Path.GetFileName(f)}: {File.ReadAllText(f).ReplaceLineEndings(", ")}"))}");
        await Task.WhenAll(ids.Select(id => cleave.OkAsync("check", "--lab", id)));

        // A cut in one is a cut in no other.
        await cleave.OkAsync("isolate", "--lab", ids[0], "a");
        Assert.Equal(1, (await cleave.RunAsync("exec", "--lab", ids[0], "a", "--", "ping", "-nc1", "-W1", "b")).Code);
        await cleave.OkAsync("exec", "--lab", ids[1], "a", "--", "ping", "-nc1", "-W5", "b");

        Assert.All(ids, id => Assert.All(Lab.Nodes, n => Assert.Equal(Own(id, n), Heard(id, n))));
        await Task.WhenAll(ids.Select(id => cleave.OkAsync("down", "--lab", id)));
        Assert.Single((await cleave.OkAsync("ps", "--all")).Split('\n', StringSplitOptions.RemoveEmptyEntries));

        SortedSet<string> Heard(string id, string node)
        {
            string file = Path.Combine(heard, $"{id}-{node}");
            return new(File.Exists(file) ? File.ReadAllLines(file) : [], StringComparer.Ordinal);
        }
    }

    /// <summary>What a node should hear: everyone of its lab by its own address, everyone by the broadcast address.</summary>
    private static SortedSet<string> Own(string id, string node) =>
        new(Lab.Nodes.SelectMany(n => (string[])[$"{id} {n} {Lab.Address(node)}", $"{id} {n} 172.23.0.255"]), StringComparer.Ordinal);
}
