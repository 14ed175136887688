using System.Collections.Immutable;
using Cleave.Execution;
using Cleave.Planning;
using Cleave.Processes;
using Cleave.Registry;
using Cleave.Topology;

namespace Cleave.Host;

/// <content>What runs in the lab: with which environment, limits and user, and where.</content>
internal sealed partial class RunningLab
{
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>What to start as the program of a node.</summary>
    public SpawnRequest ProgramOf(NodeRunner node) => Request(node.Number, NodeRunner.Argv(node.Node.Run!), node.Node.Dir, node.Node.User);

    /// <summary>What to start a program with in a node, or with null in the fabric.</summary>
    public SpawnRequest Request(int? node, IReadOnlyList<string> argv, string dir, NodeUser? user)
    {
        if (user is not null && _ids.WhyNot(user) is { } whyNot)
        {
            throw new InputException($"nothing can run as {user}: {whyNot}");
        }

        ImmutableSortedDictionary<string, string> env = WithUser(_commonEnv, user);
        FileLimit? limit = null;
        if (node is { } n)
        {
            limit = Topology.Nodes[n].Limits.Files;
            string name = Topology.Nodes[n].Name;
            env = env.SetItems(
            [
                new("CLEAVE_NODE", name),
                new("CLEAVE_DATA", Order.Record.DataOf(name)),
                .. RuntimeFor(Topology.Nodes[n], user),
                .. Topology.Nodes[n].Env,
            ]);
        }

        return new SpawnRequest(argv, env, dir)
        {
            User = user is null ? null : _ids.Confine(user),
            FileLimit = limit is null ? (Order.SoftFileLimit, null) : ((ulong)limit.Soft, (ulong)limit.Hard),
        };
    }

    /// <summary>Starts a program in a node by its name as the node's user, or in the fabric.</summary>
    public Child StartIn(string place, Func<SpawnRequest, SpawnRequest> complete, IReadOnlyList<string> argv, string? dir) =>
        StartAs(Topology.FindNode(place)?.User, place, complete, argv, dir);

    /// <summary>Starts a program in a node by its name, or in the fabric, as somebody; null: as the lab's root.</summary>
    public Child StartAs(NodeUser? user, string place, Func<SpawnRequest, SpawnRequest> complete, IReadOnlyList<string> argv, string? dir)
    {
        if (place == "fabric")
        {
            SpawnRequest request = complete(Request(null, argv, Path.Combine(Topology.Directory, dir ?? ""), user));
            return Thread.Run(() =>
            {
                HostView.Enter(null);
                return Children.Start(request);
            });
        }

        int number = NodeTargets.Index(place, Topology);
        SpawnRequest inside = complete(Request(number, argv, Path.Combine(Topology.Nodes[number].Dir, dir ?? ""), user));
        Child child = Thread.Run(() => Executor.Room(number).Start(inside, Children));
        Nodes[number].Visit(child);
        return child;
    }

    /// <summary>
    /// Starts a program that has only the network of a node, or of the fabric: the host's files and name, the lab's processes, and the environment that
    /// it is given.
    /// </summary>
    public Child StartBeside(string place, Func<SpawnRequest, SpawnRequest> complete, IReadOnlyList<string> argv, string? dir)
    {
        int? number = place == "fabric" ? null : NodeTargets.Index(place, Topology);
        SpawnRequest ofNode = Request(number, argv, dir ?? Topology.Directory, null);
        SpawnRequest request = complete(ofNode with { Env = ImmutableSortedDictionary<string, string>.Empty });
        var env = new Dictionary<string, string>(request.Env, StringComparer.Ordinal);
        env["PATH"] = WithSystemPrograms(env.GetValueOrDefault("PATH", DefaultPath));
        foreach (string name in (string[])["CLEAVE_LAB", "CLEAVE_NODES", "CLEAVE_NODE", "CLEAVE_DATA"])
        {
            if (ofNode.Env.TryGetValue(name, out string? value))
            {
                env[name] = value;
            }
        }

        return Thread.Run(() =>
        {
            HostView.Enter(number is { } n ? Executor.Room(n).Network : null);
            return Children.Start(request with { Env = env });
        });
    }

    /// <summary>Where cleave finds the lab, for those who may control it from inside.</summary>
    private IEnumerable<KeyValuePair<string, string>> RuntimeFor(Node node, NodeUser? user) =>
        node.Control && (user is null or { IsRoot: true } || user.Uid == node.User?.Uid)
            ? [new(RuntimeDirectory.Variable, ControlPlan.RuntimeOf(Order.Machine, user))]
            : [];

    /// <summary>The lab's root is whoever has started it, with that one's HOME.</summary>
    private static ImmutableSortedDictionary<string, string> WithUser(ImmutableSortedDictionary<string, string> env, NodeUser? user)
    {
        foreach ((string name, string? value) in user is { IsRoot: false } ? user.Environment : [])
        {
            env = value is null ? env.Remove(name) : env.SetItem(name, value);
        }

        return env;
    }

    /// <summary>In a lab the user is root, and finds ip, nft and nginx, which Debian keeps out of an ordinary user's PATH.</summary>
    private static string WithSystemPrograms(string path) => string.Join(
        ':', path.Split(':').Union(["/usr/local/sbin", "/usr/sbin", "/sbin"], StringComparer.Ordinal));
}
