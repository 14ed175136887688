namespace Cleave.Planning;

/// <summary>Names of kernel parameters.</summary>
internal static class SysctlKey
{
    /// <summary>The folder that has them all.</summary>
    public const string Root = "/proc/sys/";

    /// <summary>By sysctl(8): the first separator is that of the whole key, and the other one stands for it inside a name.</summary>
    public static string PathOf(string key)
    {
        int first = key.AsSpan().IndexOfAny('.', '/');
        return Root + (first < 0 || key[first] == '/' ? key : string.Create(key.Length, key, static (path, key) =>
        {
            for (int i = 0; i < path.Length; i++)
            {
                path[i] = key[i] switch { '.' => '/', '/' => '.', var c => c };
            }
        }));
    }
}
