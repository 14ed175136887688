namespace Cleave.Topology;

/// <summary>What a node sees at a path of its own in place of the host's.</summary>
/// <param name="Target">Absolute path inside, without dots.</param>
public abstract record NodeMount(string Target)
{
    /// <summary>An empty file system in memory.</summary>
    /// <param name="Target">Where.</param>
    /// <param name="Size">The most it holds in bytes; null: half of the machine's memory, tmpfs(5).</param>
    /// <param name="Mode">Permissions of its root in octal digits.</param>
    public sealed record Tmpfs(string Target, long? Size, string Mode) : NodeMount(Target)
    {
        /// <summary>As compose has it, and /tmp.</summary>
        public const string DefaultMode = "1777";
    }

    /// <summary>A folder or file of the host.</summary>
    /// <param name="Target">Where.</param>
    /// <param name="Source">Absolute path on the host, without dots.</param>
    /// <param name="ReadOnly">Whether the node can only read it, and what is mounted in it.</param>
    public sealed record Host(string Target, string Source, bool ReadOnly) : NodeMount(Target);

    /// <summary>A folder of the node's data, which is the node's own in each lab and ends with it.</summary>
    /// <param name="Target">Where.</param>
    /// <param name="Name">The folder's name in <c>$CLEAVE_DATA</c>.</param>
    /// <param name="ReadOnly">Whether the node can only read it here.</param>
    public sealed record Data(string Target, string Name, bool ReadOnly) : NodeMount(Target);

    /// <summary>Whether the path is the folder or inside it.</summary>
    public static bool IsIn(string path, string folder) =>
        path == folder || folder == "/" || (path.StartsWith(folder, StringComparison.Ordinal) && path[folder.Length] == '/');
}
