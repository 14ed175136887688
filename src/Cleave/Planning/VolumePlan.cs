using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>The <c>tmpfs</c> and <c>volumes</c> of a node, as operations. What is mounted first must not hide the sources of what comes later.</summary>
internal sealed class VolumePlan
{
    private const int FirstSlot = 4; // the shell's descriptor 3 keeps the project

    private static readonly string[] OfEveryNode = ["/tmp", "/dev/shm"];

    private readonly LabTopology _topology;
    private readonly PlanInputs _inputs;
    private readonly Place _at;
    private readonly Node _node;
    private readonly List<string> _held = [];
    private readonly List<Operation> _mounts = [];

    public VolumePlan(LabTopology topology, PlanInputs inputs, Place at, Node node)
    {
        (_topology, _inputs, _at, _node) = (topology, inputs, at, node);
        List<string> covers = [.. Covers];
        foreach (NodeMount mount in node.Mounts)
        {
            switch (mount)
            {
                case NodeMount.Tmpfs tmpfs when !Covers.Contains(tmpfs.Target): // or it takes the place of the one that every node has
                    _mounts.Add(Tmpfs(tmpfs.Target, tmpfs));
                    break;
                case NodeMount.Host host:
                    _mounts.Add(Bind(host.Source, host.Target, host.ReadOnly, covers));
                    break;
                case NodeMount.Data data:
                    _mounts.Add(Bind(DataFolder(data), data.Target, data.ReadOnly, covers));
                    break;
            }

            covers.Add(mount.Target);
        }
    }

    /// <summary>The first slot that it does not use.</summary>
    public int NextSlot => FirstSlot + _held.Count;

    /// <summary>The mount points that every node has. A project that is one itself, /tmp/cleave.yaml for instance, stays in sight, and is then not the node's own.</summary>
    private IEnumerable<string> Covers => OfEveryNode.Where(c => c != _inputs.ProjectFolder);

    /// <summary>What is to be done while everything of the host is in sight.</summary>
    public IEnumerable<Operation> Before() =>
    [
        .. DataFolders().SelectMany(Make),
        .. _held.Select((f, i) => new Operation.HoldFolder(_at, f, FirstSlot + i)),
    ];

    /// <summary>The empty file systems that every node has.</summary>
    public IEnumerable<Operation> OfAll() => Covers.Select(c => Tmpfs(c, _node.Mounts.OfType<NodeMount.Tmpfs>().FirstOrDefault(m => m.Target == c)));

    /// <summary>The node's own mounts.</summary>
    public IEnumerable<Operation> Own() => _mounts;

    /// <summary>Whether a path is out of sight by what every node has.</summary>
    public bool Hides(string path) => Covers.Any(c => IsHidden(path, c));

    private Operation.MountTmpfs Tmpfs(string target, NodeMount.Tmpfs? asked) =>
        new(_at, target, asked?.Mode ?? NodeMount.Tmpfs.DefaultMode, KeptBelow(target), asked?.Size);

    /// <summary>The folder below a mount point that must stay in sight: the project's, or where that is above, the lab file's.</summary>
    private string? KeptBelow(string target) =>
        new[] { _inputs.ProjectFolder, _topology.Directory }.FirstOrDefault(f => f != target && NodeMount.IsIn(f, target));

    /// <summary>All that the node has in its data as volumes, and where it runs as somebody of its own, its data itself.</summary>
    private IEnumerable<string> DataFolders() =>
    [
        .. _node.User is { IsRoot: false } ? [Path.Combine(_inputs.DataFolder, _node.Name)] : (string[])[],
        .. _node.Mounts.OfType<NodeMount.Data>().Select(DataFolder).Distinct(),
    ];

    private IEnumerable<Operation> Make(string folder)
    {
        yield return new Operation.MakeFolder(_at, folder);
        if (_node.User is { IsRoot: false } user)
        {
            yield return new Operation.GiveFolder(_at, folder, user.Uid, user.Gid);
        }
    }

    private string DataFolder(NodeMount.Data data) => Path.Combine(_inputs.DataFolder, _node.Name, data.Name);

    private Operation.BindVolume Bind(string source, string target, bool readOnly, List<string> covers)
    {
        if (covers.FirstOrDefault(c => IsHidden(source, c)) is not { } cover)
        {
            return new Operation.BindVolume(_at, source, null, target, readOnly);
        }

        if (!_held.Contains(cover))
        {
            _held.Add(cover);
        }

        return new Operation.BindVolume(_at, source[cover.Length..], FirstSlot + _held.IndexOf(cover), target, readOnly, covers.Count(c => c == source));
    }

    private bool IsHidden(string path, string cover) => NodeMount.IsIn(path, cover) && !(KeptBelow(cover) is { } kept && NodeMount.IsIn(path, kept));
}
