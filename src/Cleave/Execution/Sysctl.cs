using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Execution;

/// <summary>Sysctls of the namespaces that the calling thread is in.</summary>
internal static class Sysctl
{
    /// <summary>Its value now; null if this kernel does not have it, or does not tell.</summary>
    public static string? Read(Operation.SetSysctl operation)
    {
        try
        {
            return File.ReadAllText(SysctlKey.PathOf(operation.Key)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static void Write(Operation.SetSysctl operation)
    {
        if (!operation.Optional || File.Exists(SysctlKey.PathOf(operation.Key)))
        {
            Write(operation.Key, operation.Value);
        }
    }

    /// <exception cref="CleaveException">The kernel does not have the key, or refuses the value.</exception>
    public static void Write(string key, string value)
    {
        string path = SysctlKey.PathOf(key);
        try
        {
            File.WriteAllText(path, value);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            string meant = Nearby(path) is { } nearest ? $"; did you mean {nearest}?" : "";
            throw new CleaveException($"this kernel has no {key} in the namespaces of a node{meant}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CleaveException($"this kernel does not let a namespace change {key}, which is the whole machine's", e);
        }
        catch (IOException e)
        {
            throw new CleaveException($"{key} cannot be '{value}': {Reason(e)}", e);
        }
    }

    private static string? Nearby(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            return null;
        }

        string[] names = [.. Directory.EnumerateFileSystemEntries(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        return Nearest.Of(Path.GetFileName(path), names) is { } name ? Path.Combine(folder, name)[SysctlKey.Root.Length..].Replace('/', '.') : null;
    }

    /// <summary>The kernel's word, without the path that .NET puts behind it.</summary>
    private static string Reason(IOException e) => e.Message.Split(" : ")[0].TrimEnd('.');
}
