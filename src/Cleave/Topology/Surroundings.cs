using System.Text;

namespace Cleave.Topology;

/// <summary>What stands at a path.</summary>
public enum PathKind
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A file, or anything else that is no folder.</summary>
    File,

    /// <summary>Not looked at: it was when the lab file was checked.</summary>
    AsChecked,
}

/// <summary>
/// What a lab file refers to on the machine, as its reader asks for it. It is handed in, so that the reader itself has no effects, and so that a lab
/// host reads again what was read when the file was checked, whatever has been edited meanwhile.
/// </summary>
/// <param name="Read">The bytes of a file, or why it cannot be read: "there is no such file".</param>
/// <param name="Look">What is at an absolute path; links are followed.</param>
/// <param name="List">The names in a folder, none if it cannot be listed.</param>
public sealed record Surroundings(
    Func<string, (byte[]? Bytes, string? Problem)> Read, Func<string, PathKind> Look, Func<string, IReadOnlyList<string>> List)
{
    private const string NoFile = "there is no such file";

    /// <summary>Nothing is there.</summary>
    public static Surroundings None { get; } = new(_ => (null, NoFile), _ => PathKind.Missing, _ => []);

    /// <summary>This machine.</summary>
    public static Surroundings Machine { get; } = new(ReadFile, KindOf, Names);

    /// <summary>As it was when the file was checked.</summary>
    /// <param name="texts">The files that were read then; see <see cref="LabTopology.Texts"/>.</param>
    public static Surroundings AsChecked(IReadOnlyDictionary<string, string> texts) => new(
        path => texts.TryGetValue(path, out var text) ? (Encoding.UTF8.GetBytes(text), null) : (null, NoFile), _ => PathKind.AsChecked, _ => []);

    /// <summary>The same, remembering what is read.</summary>
    internal Surroundings Recording(IDictionary<string, string> texts) => this with
    {
        Read = path =>
        {
            var read = Read(path);
            if (read.Bytes is { } bytes)
                texts[path] = Encoding.UTF8.GetString(bytes);
            return read;
        },
    };

    private static (byte[]? Bytes, string? Problem) ReadFile(string path)
    {
        if (Directory.Exists(path))
            return (null, "this is a folder");
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var buffer = new byte[SourceText.Limit + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > SourceText.Limit ? (null, "it is larger than 1 MiB") : (buffer[..length], null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, NoFile);
        }
        catch (UnauthorizedAccessException)
        {
            return (null, "permission denied");
        }
        catch (IOException e)
        {
            return (null, $"it cannot be read ({e.Message})");
        }
    }

    private static PathKind KindOf(string path) => Directory.Exists(path) ? PathKind.Folder : File.Exists(path) ? PathKind.File : PathKind.Missing;

    private static IReadOnlyList<string> Names(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
