using System.Collections.Immutable;
using System.Net;

namespace Cleave.Topology;

/// <summary>A node as far as it could be read.</summary>
internal sealed class NodeDraft(string name, AddressBook addresses)
{
    public string Name => name;

    public AddressBook Addresses => addresses;

    /// <summary>Null while unknown, be it for a mistake.</summary>
    public ImmutableArray<Attachment>? Attachments { get; set; }

    /// <summary>Where its name stands.</summary>
    public Location At { get; set; }

    /// <summary>Whether it says, well or badly, on which networks it is.</summary>
    public bool HasAddressKey { get; set; }

    public Location? AddressAt { get; set; }

    /// <summary>The places as the file has them, before links are named.</summary>
    public ImmutableArray<AttachmentDraft>? Places { get; set; }

    public MapEntry? InterfaceKey { get; set; }

    public string? Interface { get; set; }

    public ImmutableArray<(string Name, Location At)> Aliases { get; set; } = [];

    public (string Name, Location At)? Hostname { get; set; }

    public ImmutableArray<KeyValuePair<string, string>> Sysctls { get; set; } = [];

    public ImmutableArray<IPAddress> Dns { get; set; } = [];

    /// <summary>True also if what the file says cannot be read: then it may be one.</summary>
    public bool IsRouter { get; set; }

    public YamlNode? RoutesValue { get; set; }

    public ImmutableArray<Route> Routes { get; set; } = [];

    public Command? Run { get; set; }

    public ImmutableArray<KeyValuePair<string, string>> Env { get; set; } = [];

    /// <summary>Of its env-files, before what the lab file itself says.</summary>
    public ImmutableArray<KeyValuePair<string, string>> EnvOfFiles { get; set; } = [];

    public string? Dir { get; set; }

    public Ready? Ready { get; set; }

    public bool Job { get; set; }

    public ImmutableArray<TagDraft> Tags { get; set; } = [];

    public ImmutableArray<Command> Setup { get; set; } = [];

    public ImmutableArray<AfterDraft> After { get; set; } = [];

    public bool IsManual { get; set; }

    public StopRule? Stop { get; set; }

    public RestartRule? Restart { get; set; }

    public Limits? Limits { get; set; }

    public NodeUser? User { get; set; }

    public bool Control { get; set; }

    public ImmutableArray<MountDraft> Tmpfs { get; set; } = [];

    public ImmutableArray<MountDraft> Volumes { get; set; } = [];

    public ImmutableArray<NodeMount> Mounts { get; set; } = [];

    public ImmutableArray<PortDraft> Ports { get; set; } = [];

    /// <summary>Whether it says what to run, well or badly.</summary>
    public bool HasProgram { get; set; }

    public Node ToNode(string directory, IReadOnlyDictionary<string, NodeDraft> all) => new(Name, Attachments ?? [])
    {
        Aliases = [.. Aliases.Select(a => a.Name)],
        Hostname = Hostname?.Name,
        Sysctls = Sysctls,
        Dns = Dns,
        IsRouter = IsRouter,
        Routes = Routes,
        Run = Run,
        Env = EnvFileReader.Merge([.. EnvOfFiles, .. Env]),
        Dir = Dir ?? directory,
        Ready = Ready,
        Job = Job,
        Tags = [.. Tags.Select(t => t.Name)],
        Setup = Setup,
        After = AfterReader.Resolve(this, all),
        IsManual = IsManual,
        Stop = Stop ?? StopRule.Default,
        Restart = Restart,
        Limits = Limits ?? Limits.Default,
        Mounts = Mounts,
        User = User,
        Control = Control,
        Ports = [.. Ports.Select(p => p.Port)],
    };
}

/// <summary>Reads <c>nodes:</c>.</summary>
internal static class NodeReader
{
    private static readonly string[] Reserved = ["all", "host", "internet", "fabric", "gateway"];

    private static readonly Keys<NodeDraft> NodeKeys = new("a node", extensible: true, ComposeKeys.OfServices)
    {
        { "ip", AddressBook.AddressShape("on one of the networks"),
            "Its address, or a list: at most one of each family on each network. Which networks it is on, and in which order, follows from them. Either this or `networks`.",
            (reading, entry, node) => Attach(reading, entry, node, () => node.Addresses.OnAny(entry.Value, node.Name)) },
        { "networks", new Shape.MapOf("a network's name", Shape.Any([.. ((Shape.AnyOf)AddressBook.AddressShape("on it")).Shapes, new Shape.Mapping(() => AddressBook.Table)])),
            "Its address on each of several networks, or a list of one of each family, or a mapping with more.",
            (reading, entry, node) => Attach(reading, entry, node, () => node.Addresses.OnEach(entry.Value, node.Name)) },
        { "interface", InterfaceNames.Shape, InterfaceNames.About + " Beside `ip`, where that is on one network; with several it stands under `networks`.",
            (reading, entry, node) => (node.InterfaceKey, node.Interface) = (entry, InterfaceNames.Read(reading, entry.Value)) },
        { "aliases", HostNames.AliasShape, "Further names that every node finds it by; unique in the lab.",
            (reading, entry, node) => node.Aliases = HostNames.Aliases(reading, entry.Value) },
        { "hostname", HostNames.HostnameShape, "What it is called inside: the node's name by default. Every node finds it by this name, too.",
            (reading, entry, node) => node.Hostname = HostNames.Hostname(reading, entry.Value) },
        { "dns", DnsServers.Shape, "Name servers that it asks in place of the fabric, 1 to 3: nodes, for instance. By default the fabric answers for the lab's names, and asks outside "
            + "for others where the lab has a way out.",
            (reading, entry, node) => node.Dns = DnsServers.Read(reading, entry.Value) },
        { "sysctls", SysctlReader.Shape, "Kernel parameters of the node alone: those of its network namespace (`net.…`) and of its IPC namespace "
            + "(`kernel.shm…`, `kernel.msg…`, `kernel.sem`, `fs.mqueue.…`).",
            (reading, entry, node) => node.Sysctls = SysctlReader.Read(reading, entry.Value) },
        { "router", Shape.True, "It passes packets on between its networks, of IPv4 and IPv6: `false` by default.",
            (reading, entry, node) => node.IsRouter = reading.Truth(entry.Value) ?? true },
        { "routes", RouteReader.Shape, "Where it sends packets that are for none of its networks: destinations and their gateways. A gateway is the address of a router "
            + "on one of its networks, or the router's name. `default` may have a list of two, one of each family.",
            (_, entry, node) => node.RoutesValue = entry.Value },
        { "run", Shape.Command, "Its program; without one the node waits for `cleave exec`.", (reading, entry, node) => (node.HasProgram, node.Run) = (true, Program(reading, entry.Value)) },
        { "env", new Shape.MapOf("a variable's name", Shape.AnyText), "Environment variables, on top of the user's own.", (reading, entry, node) => node.Env = Env(reading, entry.Value) },
        { "env-file", EnvFileReader.Shape, "Files of environment variables, with lines `NAME=VALUE`, below those of `env`; of several files the later one wins.",
            (reading, entry, node) => node.EnvOfFiles = EnvFileReader.Read(reading, entry.Value) },
        { "dir", new Shape.Text("a path, absolute or from the lab file's folder", "server"), "Where the program starts: the lab file's folder by default.", (reading, entry, node) => node.Dir = Dir(reading, entry.Value) },
        { "ready", new Shape.Mapping(() => ReadyReader.Table), "When it counts as ready: as soon as its program has been executed if this is left out.", (reading, entry, node) => node.Ready = ReadyReader.Read(reading, entry) },
        { "job", Shape.True, "Its program is expected to end by itself, with exit code 0: `false` by default.", (reading, entry, node) => node.Job = reading.Truth(entry.Value) ?? false },
        { "tags", new Shape.ListOf(new Shape.Text("a tag, a DNS label", "db")), "Words by which verbs, steps and `up --only` name several nodes at once; no tag is a node's name.", (reading, entry, node) => node.Tags = TagReader.Read(reading, entry.Value) },
        { "after", AfterReader.ValueShape, "Its program is started with the lab only when these nodes are `ready` (the default), `started` or `ended`; a job is waited for until it has ended with 0.", (reading, entry, node) => node.After = AfterReader.Read(reading, entry.Value) },
        { "start", Shape.OneOf("with-lab", "manual"), "`manual`: its program is started only by `cleave start` or the step `start`, and nobody waits for it. `with-lab` by default.", (reading, entry, node) => node.IsManual = LifeReader.IsManual(reading, entry.Value) },
        { "stop", new Shape.Mapping(() => LifeReader.StopTable), "How its program is stopped: TERM, and KILL after 2 s by default.", (reading, entry, node) => node.Stop = LifeReader.Stop(reading, entry) },
        { "restart", LifeReader.RestartShape, "Whether its program is started again when it has ended by itself: `no` by default. Such an end is none for `supervise` until `max` is used up.", (reading, entry, node) => node.Restart = LifeReader.Restart(reading, entry) },
        { "user", UserReader.Shape, "Whom its program runs as, and what `ready`, `cleave exec` and steps run there; `setup` runs as the lab's root, which is also the default. "
            + "Names are those of the machine's `/etc/passwd` and `/etc/group`.",
            (reading, entry, node) => node.User = UserReader.Read(reading, entry.Value) },
        { "control", Shape.True, "`cleave isolate`, `cleave status` and the like work inside and steer this lab: `false` by default, and no node but such sees the control socket.",
            (reading, entry, node) => node.Control = reading.Truth(entry.Value) ?? false },
        { "ports", PortReader.ListShape, "Ports of the node that are reached at ports of the host: at `127.0.0.1` where no address is written out. `auto` for the host's port takes a free one, "
            + "which `cleave port` tells; see [ports](ports.md).",
            (reading, entry, node) => node.Ports = PortReader.Read(reading, entry.Value) },
        { "tmpfs", MountReader.TmpfsShape, "Empty file systems in memory, besides `/tmp` and `/dev/shm`, which every node has.", (reading, entry, node) => node.Tmpfs = MountReader.Tmpfs(reading, entry.Value) },
        { "volumes", MountReader.VolumesShape, "What the node sees at other paths: folders and files of the host, or folders of its own data.", (reading, entry, node) => node.Volumes = MountReader.Volumes(reading, entry.Value) },
        { "limits", new Shape.Mapping(() => LimitsReader.Table), "What it may use: open files of its programs, and room for its log.", (reading, entry, node) => node.Limits = LimitsReader.Read(reading, entry) },
        { "setup", new Shape.ListOf(Shape.Command), "Commands run in the node one after another, as root of the lab, before any node's program starts; each must exit with 0.", (reading, entry, node) => node.Setup = LifeReader.Setup(reading, entry.Value) },
    };

    public static KeyTable Table => NodeKeys;

    /// <summary>The nodes in the file's order, and with them the links, whose ends they are.</summary>
    public static IReadOnlyList<NodeDraft> Read(Reading reading, YamlNode nodes, AddressBook addresses, LinkReader links)
    {
        const string Mapping = "a mapping from names to nodes, such as {web: {ip: 172.23.0.1}}";
        if (nodes is MapNode { Entries.Count: 0 })
            reading.Mistakes.Add(nodes.At, $"an empty mapping stands here: expected {Mapping}");

        var drafts = new List<NodeDraft>();
        foreach (var (key, value) in reading.Named(nodes, Mapping))
        {
            CheckName(reading, key);
            var draft = new NodeDraft(key.Value, addresses);
            drafts.Add(draft);
            draft.HasAddressKey = NodeKeys.Read(reading, value, key.At, draft) is not { } present || present.Contains("ip") || present.Contains("networks");
            draft.At = key.At;
        }

        links.Read(drafts, addresses);
        foreach (var draft in drafts)
        {
            var ends = links.EndsOf(draft.Name);
            if (!draft.HasAddressKey && ends.Length == 0 && links.IsComplete)
                reading.Mistakes.Add(draft.At, $"node {Quote.Text(draft.Name)} has no address: expected 'ip' or 'networks', or an end of one of the 'links'");
            draft.Attachments = NameLinks(reading, draft, ends);
            draft.Mounts = MountReader.Resolve(reading, draft);
        }

        TagReader.CheckAgainstNames(reading, drafts);
        PortReader.Check(reading, drafts);
        AfterReader.Check(reading, drafts);
        addresses.RequireRoomForTheFabric();
        HostNames.RequireUnique(reading, drafts, Reserved);
        var routes = new RouteReader(reading, drafts, addresses);
        drafts.ForEach(routes.Read);
        return drafts;
    }

    /// <summary>Words that mean a place or everyone.</summary>
    public static bool IsReserved(string name) => Reserved.Contains(name);

    private static void CheckName(Reading reading, TextNode key)
    {
        if (Reserved.Contains(key.Value))
            reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is a reserved name: "
                + $"expected a name other than {Quote.Choices(Reserved)}");
        else if (HostNames.IsOfEveryNode(key.Value))
            reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is a reserved name, by which every node means itself: expected another one");
        else if (!DnsLabel.IsValid(key.Value))
            reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is no name for a node: expected {DnsLabel.Expected}",
                DnsLabel.Mend(key.Value));
    }

    private static void Attach(Reading reading, MapEntry entry, NodeDraft node, Func<ImmutableArray<AttachmentDraft>?> read)
    {
        if (node.AddressAt is { } other)
        {
            reading.Mistakes.Add(entry.Key.At,
                $"{Quote.Text(entry.Key.Value)} stands beside the other form at {other}: expected either 'ip' or 'networks'");
            node.Places = null;
            return;
        }

        node.AddressAt = entry.Key.At;
        node.Places = read();
    }

    private static ImmutableArray<Attachment>? NameLinks(Reading reading, NodeDraft node, ImmutableArray<AttachmentDraft> ends)
    {
        if (node.Places is null && (node.HasAddressKey || ends.IsEmpty))
            return null;
        var places = node.Places ?? [];
        if (node.InterfaceKey is { } entry)
        {
            var networks = places.Select(p => p.Network).ToList();
            if (places.IsEmpty)
                reading.Mistakes.Add(entry.Key.At, $"'interface' stands beside no 'ip', and node {Quote.Text(node.Name)} has ends of links only: expected it there, "
                    + $"such as {{{node.Name}: {{interface: {Quote.Node(entry.Value).Trim('\'')}}}}}");
            else if (places.Length > 1)
                reading.Mistakes.Add(entry.Key.At, $"'interface' names one link, and node {Quote.Text(node.Name)} has one to each of {Quote.Choices(networks, "and")}: "
                    + $"expected it under 'networks', such as {{{networks[0]}: {{ip: {places[0].Addresses[0]}, interface: {Quote.Node(entry.Value).Trim('\'')}}}}}");
            else if (places[0].Interface is not null)
                reading.Mistakes.Add(entry.Key.At, $"'interface' stands under 'networks', too, at {places[0].InterfaceAt}: expected it in one place");
            else
                places = [places[0] with { Interface = node.Interface, InterfaceAt = entry.Value.At }];
        }

        return InterfaceNames.Assign(reading, [.. places, .. ends]);
    }

    private static Command? Program(Reading reading, YamlNode run)
    {
        SavedValues.RefuseIn(reading, run);
        return reading.Command(run);
    }

    private static ImmutableArray<KeyValuePair<string, string>> Env(Reading reading, YamlNode env)
    {
        var variables = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var (key, value) in reading.Named(env, "a mapping from names to text, such as {PORT: \"5000\"}"))
        {
            if (key.Value.Length == 0 || key.Value.Contains('=', StringComparison.Ordinal)
                || key.Value.Contains('\0', StringComparison.Ordinal))
                reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is no name for an environment variable: "
                    + "expected one without '=' and NUL");
            else if (key.Value.StartsWith("CLEAVE_", StringComparison.Ordinal))
                reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is one of Cleave's own variables: "
                    + "expected a name that does not start with CLEAVE_");
            if (reading.AnyText(value, "text") is { } text)
                variables.Add(new(key.Value, text));
        }

        return variables.ToImmutable();
    }

    private static string? Dir(Reading reading, YamlNode dir) =>
        reading.RelativePath(dir, "a path, relative to the lab file's folder")?.Absolute;
}
