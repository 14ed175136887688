namespace Cleave.Topology;

/// <summary>Where the mounts of one node go: each path once, and each where something can be mounted.</summary>
internal sealed class MountTargets(Reading reading, IReadOnlyList<MountDraft> all)
{
    /// <summary>Folders that are the node's own and empty at first, so that a target in them is made.</summary>
    private static readonly string[] Own = ["/tmp", "/dev/shm"];

    private readonly Dictionary<string, Location> _seen = new(StringComparer.Ordinal);

    /// <summary>False if it is not, which is reported.</summary>
    public bool IsRight(MountDraft draft)
    {
        var target = draft.Mount.Target;
        if (!_seen.TryAdd(target, draft.At))
            return Wrong(draft, $"something is mounted on {Quote.Text(target)} already, at {_seen[target]}: expected each path once");
        if (draft.Mount is NodeMount.Tmpfs ? target == reading.Directory : NodeMount.IsIn(reading.Directory, target))
            return Wrong(draft, $"{Quote.Text(draft.TargetText)} would hide the lab file's folder, {reading.Directory}: expected another path");
        return all.Where(d => d.Mount.Target != target && NodeMount.IsIn(target, d.Mount.Target)).MaxBy(d => d.Mount.Target.Length) is { } outer
            ? FitsInto(outer, draft)
            : Own.Any(o => o != target && NodeMount.IsIn(target, o)) && !NodeMount.IsIn(target, reading.Directory)
                || Fits(draft, reading.Around.Look(target), target, "a path that is there");
    }

    /// <summary>Inside another mount of the node: what is not there is made, where that can be written to.</summary>
    private bool FitsInto(MountDraft outer, MountDraft draft)
    {
        if (outer.Mount is not NodeMount.Host host)
            return true;
        var kind = reading.Around.Look(host.Source);
        if (kind == PathKind.File)
            return Wrong(draft, $"{Quote.Text(draft.TargetText)} is below {Quote.Text(outer.TargetText)}, which is a file: expected a folder there");
        var path = host.Source + draft.Mount.Target[outer.Mount.Target.Length..];
        var inside = kind == PathKind.AsChecked ? kind : reading.Around.Look(path);
        return (inside == PathKind.Missing && !host.ReadOnly) || Fits(draft, inside, path, $"a path that is there, as {Quote.Text(outer.TargetText)} is read-only");
    }

    private bool Fits(MountDraft draft, PathKind there, string path, string expected)
    {
        if (there == PathKind.Missing)
        {
            var near = Nearest.Of(Path.GetFileName(path), reading.Around.List(Path.GetDirectoryName(path) ?? "/"));
            reading.Mistakes.Add(
                draft.At,
                $"{Quote.Text(draft.TargetText)} is not there on this machine, whose files nodes see: expected {expected}, or below a tmpfs or volume of the node",
                near is null ? null : draft.Mount.Target[..^Path.GetFileName(path).Length] + near);
            return false;
        }

        var source = draft.Mount is NodeMount.Host host ? reading.Around.Look(host.Source) : PathKind.Folder;
        if (there == source || there == PathKind.AsChecked || source == PathKind.AsChecked)
            return true;
        return Wrong(draft, source == PathKind.File
            ? $"{Quote.Text(draft.TargetText)} is a folder, and {Quote.Text(draft.Source!.Value.Given)} a file: expected two files, or two folders"
            : $"{Quote.Text(draft.TargetText)} is a file: expected a folder, to mount {(draft.Source is { } folder ? Quote.Text(folder.Given) : "one")} on");
    }

    private bool Wrong(MountDraft draft, string message)
    {
        reading.Mistakes.Add(draft.At, message);
        return false;
    }
}
