using System.Text;

namespace Cleave.KernelTests.Harness;

/// <summary>Networks made by printed commands with the real tools, in namespaces that end with them, and compared with those of labs.</summary>
internal static class ScriptedNetwork
{
    /// <summary>Runs a script and then dumps network namespaces; nothing may be said on stderr.</summary>
    /// <param name="cleave">Where, and with what environment.</param>
    /// <param name="script">For sh; /run is an empty file system when it begins.</param>
    /// <param name="namespaces">What it has called the namespaces, as "ip netns" knows them.</param>
    /// <param name="places">What these are in the lab.</param>
    public static async Task<string> RunAsync(CleaveCommand cleave, string script, IEnumerable<string> namespaces, IEnumerable<string> places)
    {
        Tool.Require("nft", "nftables");
        Tool.Require("bridge", "iproute2");
        var text = new StringBuilder("mount -t tmpfs tmpfs /run\n").Append(script);
        foreach ((string name, string place) in namespaces.Zip(places))
        {
            text.Append($"echo '#### {place}'\nip netns exec {name} sh -c \"$DUMP\"\n");
        }

        cleave.Environment["DUMP"] = NetworkDump.Script;
        Outcome outcome = await cleave.RunAsync("unshare", ["-Urnm", "--propagation", "private", "sh"], text.ToString());
        cleave.Environment.Remove("DUMP");
        Assert.True(outcome is { Code: 0, Errors: "" }, $"the printed commands fail: {outcome}");
        return outcome.Output;
    }

    /// <summary>Starts the lab, and expects that it has what the dumps show.</summary>
    /// <param name="cleave">The lab.</param>
    /// <param name="output">What <see cref="RunAsync"/> gave.</param>
    /// <param name="places">The places that were dumped.</param>
    public static async Task CompareAsync(CleaveCommand cleave, string output, IReadOnlyList<string> places)
    {
        string[] made = output.Split("#### ", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(places, made.Select(m => m.Split('\n')[0]));

        await cleave.OkAsync("up", "-d");
        foreach ((string place, string dump) in places.Zip(made))
        {
            IReadOnlyList<string> printed = NetworkDump.Parse(dump[(place.Length + 1)..]);
            IReadOnlyList<string> real = NetworkDump.Parse(await cleave.InAsync(place, NetworkDump.Script));
            Assert.True(
                printed.SequenceEqual(real),
                $"{place}: only after the printed commands:\n{string.Join('\n', printed.Except(real))}\nonly in the lab:\n{string.Join('\n', real.Except(printed))}");
        }

        await cleave.OkAsync("down");
    }
}
