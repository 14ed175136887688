using System.Collections.Immutable;

namespace Cleave.Topology;

/// <summary>A mount as it stands in the file.</summary>
/// <param name="Mount">What is mounted.</param>
/// <param name="Source">The host's path, if it is one.</param>
/// <param name="At">Where it stands.</param>
/// <param name="TargetText">Its target as written.</param>
internal sealed record MountDraft(NodeMount Mount, HostPath? Source, Location At, string TargetText);

/// <summary>Reads <c>tmpfs:</c> and <c>volumes:</c>.</summary>
internal static class MountReader
{
    private const string TargetForm = "a path inside the node, from /";
    private const string TmpfsForm = "a path from /, or a mapping such as {path: /scratch, size: 64M}";
    private const string VolumeForm = "SOURCE:TARGET or SOURCE:TARGET:ro, such as \"./conf:/etc/app:ro\" or \"data:/var/lib/app\"";
    private const string SourceForm = "a path of the host with a slash in it, such as ./conf, or a name for a folder of the node's data";

    private static readonly string[] Modes = ["ro", "rw"];

    private static readonly Keys<Draft> TmpfsKeys = new("a tmpfs", extensible: false, new Dictionary<string, string> { ["target"] = "path" })
    {
        { "path", new Shape.Text(TargetForm, "/scratch"), "Where.", (reading, entry, draft) => (draft.Target, draft.TargetAt) = (reading.Text(entry.Value, TargetForm), entry.Value.At), true },
        { "size", ByteSize.Shape, "The most it holds: half of the machine's memory by default.", (reading, entry, draft) => draft.Size = ByteSize.Read(reading, entry.Value, 4096) },
        { "mode", new Shape.Text("permissions in octal digits", "1777"), "Permissions of its root: `1777` by default.", (reading, entry, draft) => draft.Mode = Mode(reading, entry.Value) },
    };

    private static readonly Keys<Draft> VolumeKeys = new("a volume", extensible: false, new Dictionary<string, string>
    {
        ["read_only"] = "read-only",
        ["type"] = "its source says what it is, a path with a slash or a name: leave it out, and write a tmpfs at 'tmpfs'",
        ["bind"] = "there is nothing to choose: leave it out",
        ["volume"] = "there is nothing to choose: leave it out",
    })
    {
        { "source", new Shape.Text("a path with a slash, or a name", "./conf"), "A folder or file of the host, relative to the lab file's folder; or a name without a slash, for a folder of the node's data.",
            (reading, entry, draft) => (draft.Source, draft.SourceAt) = (reading.Text(entry.Value, SourceForm), entry.Value.At), true },
        { "target", new Shape.Text(TargetForm, "/etc/app"), "Where the node sees it.",
            (reading, entry, draft) => (draft.Target, draft.TargetAt) = (reading.Text(entry.Value, TargetForm), entry.Value.At), true },
        { "read-only", Shape.True, "Whether the node can only read it, and what is mounted in it: `false` by default.",
            (reading, entry, draft) => draft.ReadOnly = reading.Truth(entry.Value) ?? false },
    };

    public static KeyTable TmpfsTable => TmpfsKeys;

    public static KeyTable VolumeTable => VolumeKeys;

    public static Shape TmpfsShape { get; } = TmpfsShapes();

    public static Shape VolumesShape { get; } =
        new Shape.ListOf(Shape.Any(new Shape.Text("`SOURCE:TARGET` or `SOURCE:TARGET:ro`", "./conf:/etc/app:ro"), new Shape.Mapping(() => VolumeTable)));

    public static ImmutableArray<MountDraft> Tmpfs(Reading reading, YamlNode value)
    {
        IReadOnlyList<YamlNode> items = value is ListNode ? reading.Items(value, $"a list, each {TmpfsForm}") : [value];
        return [.. items.Select(i => TmpfsItem(reading, i)).OfType<MountDraft>()];
    }

    public static ImmutableArray<MountDraft> Volumes(Reading reading, YamlNode value) =>
        [.. reading.Items(value, $"a list of {VolumeForm}").Select(i => VolumeItem(reading, i)).OfType<MountDraft>()];

    /// <summary>The node's mounts in the order in which they are made: what is inside another after it. All are checked against each other and the machine.</summary>
    public static ImmutableArray<NodeMount> Resolve(Reading reading, NodeDraft node)
    {
        var drafts = node.Tmpfs.Concat(node.Volumes).OrderBy(d => d.At.Line).ThenBy(d => d.At.Column).ToList();
        var targets = new MountTargets(reading, drafts);
        return [.. drafts.Where(targets.IsRight).Select(d => d.Mount).OrderBy(m => m.Target.Count(c => c == '/'))];
    }

    private static MountDraft? TmpfsItem(Reading reading, YamlNode item)
    {
        var draft = new Draft();
        if (item is MapNode)
        {
            TmpfsKeys.Read(reading, item, item.At, draft);
        }
        else if ((draft.Target = reading.Text(item, TmpfsForm)) is { } text && text.Contains(':', StringComparison.Ordinal))
        {
            reading.Mistakes.Add(item.At, $"{Quote.Text(text)} has options behind a colon: expected {TmpfsForm}");
            return null;
        }

        return Target(reading, draft.Target, draft.TargetAt ?? item.At) is { } target && draft.Mode is not ""
            ? new(new NodeMount.Tmpfs(target, draft.Size, draft.Mode ?? NodeMount.Tmpfs.DefaultMode), null, draft.TargetAt ?? item.At, draft.Target!)
            : null;
    }

    private static MountDraft? VolumeItem(Reading reading, YamlNode item)
    {
        var draft = new Draft();
        if (item is MapNode)
            VolumeKeys.Read(reading, item, item.At, draft);
        else if (reading.Text(item, VolumeForm) is not { } text || !Split(reading, item, text, draft))
            return null;
        var sourceAt = draft.SourceAt ?? item.At;
        var target = Target(reading, draft.Target, draft.TargetAt ?? item.At);
        if (draft.Source is not { } source)
            return null;
        if (source.Contains('/', StringComparison.Ordinal) || source is "." or ".." or "~")
            return HostFolder(reading, source, sourceAt) is { } host && target is not null
                ? new(new NodeMount.Host(target, host.Absolute, draft.ReadOnly), host, draft.TargetAt ?? item.At, draft.Target!)
                : null;
        if (char.IsAsciiLetterOrDigit(source[0]) && source.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
            return target is null ? null : new(new NodeMount.Data(target, source, draft.ReadOnly), null, draft.TargetAt ?? item.At, draft.Target!);
        reading.Mistakes.Add(sourceAt, $"{Quote.Text(source)} is neither a path nor a name: expected {SourceForm} (letters, digits, '_', '.' and '-')");
        return null;
    }

    private static bool Split(Reading reading, YamlNode item, string text, Draft draft)
    {
        var parts = text.Split(':');
        if (parts.Length is not (2 or 3) || parts.Any(p => p.Length == 0))
        {
            reading.Mistakes.Add(item.At, $"{Quote.Text(text)} is no volume: expected {VolumeForm}; a path with a colon in it goes into a mapping with source and target");
            return false;
        }

        if (parts.Length == 3 && !Modes.Contains(parts[2]))
        {
            reading.Mistakes.AddUnknown(item.At, $"{Quote.Text(parts[2])} stands at the end of {Quote.Text(text)}: expected ro or rw", parts[2], Modes);
            return false;
        }

        (draft.Source, draft.Target, draft.ReadOnly) = (parts[0], parts[1], parts is [_, _, "ro"]);
        return true;
    }

    private static HostPath? HostFolder(Reading reading, string source, Location at)
    {
        if (source is ['~', ..])
        {
            reading.Mistakes.Add(at, $"{Quote.Text(source)} is not expanded here: expected a path relative to the lab file's folder, or from /; ${{env.HOME}} is your home");
            return null;
        }

        var path = HostPath.Of(source, reading);
        if (reading.Around.Look(path.Absolute) != PathKind.Missing)
            return path;
        reading.Mistakes.Add(at, $"{Quote.Text(source)} is not there: expected a folder or file of the host", reading.NearestPath(path));
        return null;
    }

    /// <summary>An absolute path without dots; null if it is none, or belongs to Cleave.</summary>
    private static string? Target(Reading reading, string? text, Location at)
    {
        if (text is null)
            return null;
        if (text[0] != '/')
        {
            reading.Mistakes.Add(at, $"{Quote.Text(text)} is not absolute: expected {TargetForm}", text[0] is '~' or '.' ? null : "/" + text);
            return null;
        }

        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(text));
        var whyNot = target switch
        {
            "/" => "is everything that the node sees",
            "/etc" => "has /etc/hosts in it, which Cleave writes",
            "/etc/hosts" => "is written by Cleave, with every node's name ('aliases' adds to it)",
            "/dev" => "has the devices in it",
            _ when NodeMount.IsIn(target, "/proc") || NodeMount.IsIn(target, "/sys") => "shows the node's own processes and links",
            _ => null,
        };
        if (whyNot is null)
            return target;
        reading.Mistakes.Add(at, $"{Quote.Text(text)} {whyNot}: expected another path, or one inside it");
        return null;
    }

    /// <returns>Empty for a mistake.</returns>
    private static string Mode(Reading reading, YamlNode value)
    {
        const string Expected = "permissions in octal digits, such as 0755 or 1777";
        if (reading.Text(value, Expected) is not { } text)
            return "";
        var digits = text.Length == 5 && text[0] == '0' ? text[1..] : text;
        if (digits.Length is 3 or 4 && digits.All(c => c is >= '0' and <= '7'))
            return digits;
        reading.Mistakes.Add(value.At, $"{Quote.Text(text)} is no mode: expected {Expected}");
        return "";
    }

    private static Shape TmpfsShapes()
    {
        Shape[] one = [new Shape.Text(TargetForm, "/run"), new Shape.Mapping(() => TmpfsTable)];
        return Shape.Any([.. one, new Shape.ListOf(Shape.Any([.. one]))]);
    }

    private sealed class Draft
    {
        public string? Source { get; set; }

        public Location? SourceAt { get; set; }

        public string? Target { get; set; }

        public Location? TargetAt { get; set; }

        public bool ReadOnly { get; set; }

        public long? Size { get; set; }

        public string? Mode { get; set; }
    }
}
