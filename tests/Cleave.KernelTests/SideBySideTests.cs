using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Large labs share a kernel with each other and with everything else, and nobody notices.</summary>
public sealed class SideBySideTests : KernelTest
{
    private static readonly LabText Lab = LabText.Of([.. Enumerable.Range(1, 100).Select(n => $"n{n}")]);

    // Two namespaces that know nothing of Cleave, and learn each other's address anew for each packet.
    private const string Unrelated =
        """
        set -e
        mount -t tmpfs tmpfs /run
        ip netns add other
        ip link add here type veth peer name there netns other
        ip addr add 192.0.2.1/24 dev here; ip link set here up
        ip -n other addr add 192.0.2.2/24 dev there; ip -n other link set there up
        echo ready
        answers=0
        while [ $answers -lt 60 ]; do
            ip neigh flush dev here
            ping -nqc1 -W5 192.0.2.2 >/dev/null || { echo lost; exit 1; }
            answers=$((answers + 1))
            sleep 0.1
        done
        echo all answered
        """;

    [Fact]
    public async Task Two_busy_labs_of_a_hundred_nodes_disturb_neither_each_other_nor_an_unrelated_namespace()
    {
        Tool.Require("ping", "iputils-ping");
        CleaveCommand first = NewLab(Ears.Yaml(Lab)), second = NewLab(Ears.Yaml(Lab));
        Ears[] labs = [await Ears.UpAsync(first, Lab), await Ears.UpAsync(second, Lab)];
        first.Write("unrelated.sh", Unrelated);
        using CleaveCommand.Background unrelated = first.StartShell("unshare -Urnm --propagation private sh unrelated.sh");
        await unrelated.SeesAsync("ready");

        // In each lab 9900 ordered pairs speak at the same time.
        await Task.WhenAll(labs.Select(l => l.ExpectAsync((_, _) => true)));
        Assert.Equal("0", await first.InAsync("n1", "ip neigh | grep -vc PERMANENT || :"));
        await unrelated.SeesAsync("all answered");
        Assert.Equal(0, await unrelated.EndsAsync());
        await first.OkAsync("down");
        await second.OkAsync("down");
    }
}
