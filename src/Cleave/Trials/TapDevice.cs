using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Trials;

/// <summary>A TAP device that is gone as soon as it was made (Documentation/networking/tuntap.rst).</summary>
internal static class TapDevice
{
    private const nuint TUNSETIFF = 0x400454ca;
    private const short IFF_TAP = 0x0002;
    private const short IFF_NO_PI = 0x1000;

    /// <exception cref="LinuxException">/dev/net/tun cannot be opened, or no device be made.</exception>
    public static unsafe void Try()
    {
        using Descriptor tun = Descriptor.Open("/dev/net/tun", Libc.O_RDWR);
        byte* request = stackalloc byte[40]; // struct ifreq: a name of 16 bytes, and the flags
        new Span<byte>(request, 40).Clear();
        "tap1"u8.CopyTo(new Span<byte>(request, 16));
        MemoryMarshal.Write(new Span<byte>(request + 16, 2), (short)(IFF_TAP | IFF_NO_PI));
        LinuxException.Check(Libc.ioctl(tun.Fd, TUNSETIFF, request), "make a TAP device");
    }
}
