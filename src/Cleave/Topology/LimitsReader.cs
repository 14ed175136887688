using System.Globalization;

namespace Cleave.Topology;

/// <summary>Reads <c>limits:</c>.</summary>
internal static class LimitsReader
{
    private static readonly string Number = string.Create(CultureInfo.InvariantCulture, $"a number of open files, {FileLimit.Least} to {FileLimit.Most}");

    private static readonly Keys<FilesDraft> FilesKeys = new("a limit of open files", extensible: false)
    {
        { "soft", Files, "What holds at first: the program itself may raise it.", (reading, entry, draft) => draft.Soft = Count(reading, entry.Value), true },
        { "hard", Files, "As far as the program may raise it.", (reading, entry, draft) => draft.Hard = Count(reading, entry.Value), true },
    };

    private static readonly Keys<LimitsDraft> LimitKeys = new("limits", extensible: false)
    {
        { "nofile", Shape.Any(Files, new Shape.Mapping(() => FilesTable)), "Open files of each program in the node, as `ulimit -n` has them: a number for the soft and the hard limit, or both. "
            + "By default as in the shell that starts the lab.",
            (reading, entry, draft) => draft.Files = ReadFiles(reading, entry) },
        { "log", ByteSize.Shape, "How much of the node's log is kept, the newest: `256M` by default, `1M` or more.",
            (reading, entry, draft) => draft.Log = ByteSize.Read(reading, entry.Value, Limits.LeastLog) },
    };

    public static KeyTable Table => LimitKeys;

    public static KeyTable FilesTable => FilesKeys;

    private static Shape Files => new Shape.Number(FileLimit.Least, FileLimit.Most);

    public static Limits? Read(Reading reading, MapEntry entry)
    {
        var draft = new LimitsDraft();
        return LimitKeys.Read(reading, entry.Value, entry.Key.At, draft) is null ? null : new(draft.Files, draft.Log ?? Limits.DefaultLog);
    }

    private static FileLimit? ReadFiles(Reading reading, MapEntry entry)
    {
        if (entry.Value is not MapNode)
            return reading.Number(entry.Value, FileLimit.Least, FileLimit.Most, Number) is { } both ? new(both, both) : null;
        var draft = new FilesDraft();
        FilesKeys.Read(reading, entry.Value, entry.Key.At, draft);
        if (draft.Soft is not { } soft || draft.Hard is not { } hard)
            return null;
        if (soft <= hard)
            return new(soft, hard);
        reading.Mistakes.Add(entry.Value.At, $"the soft limit {soft} is above the hard limit {hard}: expected at most that");
        return null;
    }

    private static int? Count(Reading reading, YamlNode value) => reading.Number(value, FileLimit.Least, FileLimit.Most, Number);

    private sealed class FilesDraft
    {
        public int? Soft { get; set; }

        public int? Hard { get; set; }
    }

    private sealed class LimitsDraft
    {
        public FileLimit? Files { get; set; }

        public long? Log { get; set; }
    }
}
