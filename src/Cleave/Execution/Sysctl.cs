using Cleave.Planning;

namespace Cleave.Execution;

/// <summary>Sysctls of the network namespace that the calling thread is in.</summary>
internal static class Sysctl
{
    /// <summary>Its value now; null if this kernel does not have it.</summary>
    public static string? Read(Operation.SetSysctl operation)
    {
        string path = PathOf(operation);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    public static void Write(Operation.SetSysctl operation)
    {
        string path = PathOf(operation);
        if (!operation.Optional || File.Exists(path))
        {
            File.WriteAllText(path, operation.Value);
        }
    }

    private static string PathOf(Operation.SetSysctl operation) => "/proc/sys/" + operation.Key.Replace('.', '/');
}
