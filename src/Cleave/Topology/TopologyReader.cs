using System.Collections.Immutable;
using Cleave.Processes;

namespace Cleave.Topology;

/// <summary>What came of reading a lab file.</summary>
/// <param name="Topology">Null if and only if there are diagnostics.</param>
/// <param name="Diagnostics">All mistakes of the file, by line and column.</param>
public sealed record ReadResult(LabTopology? Topology, ImmutableArray<Diagnostic> Diagnostics);

/// <summary>
/// Reads lab files. Reading the bytes of the file and of those it names, and the process's environment, is the only effect; mistakes are data, never
/// exceptions.
/// </summary>
public static class TopologyReader
{
    /// <summary>The name of the file that is looked for when none is given.</summary>
    public const string DefaultFile = "cleave.yaml";

    private static readonly ImmutableArray<string> Supervisions = ["stop-on-failure", "wait-all-successful"];

    private static readonly ImmutableArray<string> PacketWords = ["never", "on-failure", "always"];

    private static readonly Keys<TopDraft> TopKeys = new("a lab file", extensible: true, ComposeKeys.OfFiles)
    {
        { "cleave", new Shape.Number(1, 1), "The version of the file's language.", (reading, entry, _) => CheckVersion(reading, entry.Value), true },
        { "networks", new Shape.MapOf("a network's name, a DNS label", new Shape.Mapping(() => NetworkReader.Table)),
            "The networks; one by the name of `lan` with the subnet 172.23.0.0/24 if it is left out.",
            (_, entry, top) => top.Networks = entry.Value },
        { "links", new Shape.MapOf("a link's name, a DNS label", new Shape.Mapping(() => LinkReader.Table)),
            "Cables straight from one node to another, or to the fabric, without a bridge. Where there are links, and no node has `ip` or `networks`, there is no `lan` by default.",
            (_, entry, top) => top.Links = entry.Value },
        { "nodes", new Shape.MapOf("a node's name, a DNS label", new Shape.Mapping(() => NodeReader.Table)),
            "The nodes, in the order that fault shapes take.",
            (_, entry, top) => (top.NodesAt, top.Nodes) = (entry.Key.At, entry.Value), true },
        { "supervise", Shape.OneOf(Supervisions), "What ends the lab. `stop-on-failure` (the default): the first program that ends by itself, with its exit code. "
            + "`wait-all-successful`: an exit code other than 0, or the last end with 0. Ends that a verb or a step asked for never count.",
            (reading, entry, top) => top.Supervise = reading.Choice(entry.Value, Supervisions) },
        { "gateway", Shape.OneOf(GatewayWords.All), "How its nodes reach the host's network and the internet. `none` (the default): not at all. `user`: as the user who starts it, by pasta "
            + "or slirp4netns. `privileged`: by the gateway that `cleave gateway create` has made. `auto`: privileged if there is one, else user. `--gateway` says otherwise for one lab.",
            (reading, entry, top) => top.Gateway = GatewayWords.Read(reading.Choice(entry.Value, GatewayWords.All)) ?? GatewayChoice.None },
        { "secrets", SecretReader.Shape, "Variables of nodes, or of the user's own environment, whose values stand as `***` in logs, events, reports and messages. "
            + "A value has 4 characters or more, or none.",
            (reading, entry, top) => top.Secrets = SecretReader.Read(reading, entry.Value) },
        { "pcap", Shape.OneOf(PacketWords), "Whether `cleave test` records the packets of each node, the newest 16 MiB: `never` (the default), `on-failure` (kept if the run did not pass), `always`.",
            (reading, entry, top) => top.Packets = (PacketsKept)Math.Max(0, PacketWords.IndexOf(reading.Choice(entry.Value, PacketWords) ?? "")) },
        { "scenarios", new Shape.MapOf("a scenario's name: letters, digits, `-` and `_`", new Shape.ListOf(new Shape.Step())),
            "Timelines of steps, which `cleave test` runs.",
            (_, entry, top) => top.Scenarios = entry.Value },
    };

    /// <summary>The whole language, from its top.</summary>
    internal static KeyTable Table => TopKeys;

    /// <summary>Reads a lab file; <c>${env.NAME}</c> in it refers to the variables of this process.</summary>
    /// <param name="path">Absolute, or relative to the current directory.</param>
    public static ReadResult Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var problem = LabFile.TryRead(path, out var bytes);
        return problem is null ? Parse(path, bytes, OwnEnvironment.Read(), Surroundings.Machine) : new(null, [problem]);
    }

    /// <summary>Reads the text of a lab file.</summary>
    /// <param name="path">Where it is from, for messages, and as the place where relative paths begin; it need not exist.</param>
    /// <param name="utf8">The file's bytes, with or without a byte order mark.</param>
    /// <param name="environment">The variables that <c>${env.NAME}</c> in the file refers to; none by default.</param>
    /// <param name="around">What the file refers to on the machine; by default nothing is there.</param>
    public static ReadResult Parse(
        string path, ReadOnlySpan<byte> utf8, IReadOnlyDictionary<string, string>? environment = null, Surroundings? around = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var mistakes = new Mistakes(path);
        var file = Path.GetFullPath(path);
        var source = SourceText.Decode(utf8, mistakes);
        var root = source is null ? null : YamlSource.Read(source, mistakes);
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var topology = root is null ? null : ReadTop(
            new(
                Path.GetDirectoryName(file) ?? "/",
                mistakes,
                environment ?? ImmutableDictionary<string, string>.Empty,
                (around ?? Surroundings.None).Recording(texts)),
            root,
            file);
        if (topology is not null && mistakes.Count == 0)
            FaultCheck.Run(topology, mistakes);
        return mistakes.Count == 0 ? new(topology! with { Texts = texts.ToImmutableSortedDictionary(StringComparer.Ordinal) }, []) : new(null, mistakes.Sorted(source));
    }

    private static LabTopology ReadTop(Reading reading, YamlNode root, string file)
    {
        var top = new TopDraft();
        var present = TopKeys.Read(reading, root, root.At, top);

        // What could not be read at all, or stands under a misspelt key, is no reason to complain about names that it may declare.
        var networks = present?.Contains("networks") == true && top.Networks is null
            ? []
            : NetworkReader.Read(reading, top.Networks, top.NodesAt);
        var links = new LinkReader(reading, top.Links);
        var nodes = top.Nodes is null ? null : NodeReader.Read(reading, top.Nodes, new(reading, networks, links.IsLink), links);
        if (links.Drafts.Count > 0 && networks is [{ IsOfFile: false }] && nodes?.All(n => n.AddressAt is null) == true)
            networks = []; // nobody is on the network that nobody asked for
        IReadOnlyList<NetworkDraft>? all = networks.Count == 0 && links.Drafts.Count == 0 ? null : [.. networks, .. links.Drafts.Select(l => l.Network)];
        var scenarios = top.Scenarios is null ? [] : ScenarioReader.Read(reading, top.Scenarios, top.Nodes is MapNode ? nodes : null, all);
        var byName = (nodes ?? []).DistinctBy(n => n.Name).ToDictionary(n => n.Name);
        LabTopology topology = new(
            file,
            [.. networks.Select(n => n.ToNetwork()), .. links.Drafts.Select(l => l.ToNetwork())],
            [.. (nodes ?? []).Select(n => n.ToNode(reading.Directory, byName))],
            scenarios)
        {
            Gateway = top.Gateway,
            Supervise = top.Supervise == "wait-all-successful" ? Supervision.WaitAllSuccessful : Supervision.StopOnFailure,
            Packets = top.Packets,
            Secrets = [.. top.Secrets.Select(s => s.Name).Distinct(StringComparer.Ordinal)],
        };
        if (nodes is not null)
            SecretReader.Check(topology, top.Secrets, reading);
        return topology;
    }

    private static void CheckVersion(Reading reading, YamlNode version)
    {
        if (version is not TextNode { Value: "1" })
            reading.Wrong(version, "1, which is what this version of Cleave reads");
    }

    private sealed class TopDraft
    {
        public YamlNode? Networks { get; set; }

        public YamlNode? Links { get; set; }

        public YamlNode? Nodes { get; set; }

        public Location NodesAt { get; set; } = new(1, 1);

        public YamlNode? Scenarios { get; set; }

        public string? Supervise { get; set; }

        public GatewayChoice Gateway { get; set; }

        public PacketsKept Packets { get; set; }

        public ImmutableArray<(string Name, Location At)> Secrets { get; set; } = [];
    }
}
