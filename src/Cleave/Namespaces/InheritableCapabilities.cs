using Cleave.Linux;

namespace Cleave.Namespaces;

/// <summary>
/// What unshare passed on to the lab host as inheritable and ambient capabilities. A node's program shall have those of any program that root
/// starts, no more.
/// </summary>
internal static unsafe class InheritableCapabilities
{
    private const uint Version3 = 0x20080522; // linux/capability.h

    /// <summary>Drops them for this thread and what it starts; without inheritable ones there are no ambient ones (capabilities(7)).</summary>
    public static void Drop()
    {
        uint* header = stackalloc uint[2] { Version3, 0 };
        uint* sets = stackalloc uint[6]; // twice 32 bits of each: effective, permitted, inheritable
        LinuxException.Check(Libc.capget(header, sets), "read the capabilities");
        sets[2] = 0;
        sets[5] = 0;
        LinuxException.Check(Libc.capset(header, sets), "drop the inheritable capabilities");
    }
}
