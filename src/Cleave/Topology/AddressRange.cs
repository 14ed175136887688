using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Cleave.Topology;

/// <summary>The addresses of a subnet, as numbers.</summary>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="First">Its own address; of IPv6 the anycast address of its routers (RFC 4291).</param>
/// <param name="Last">Of IPv4 the broadcast address.</param>
internal readonly record struct AddressRange(AddressFamily Family, UInt128 First, UInt128 Last)
{
    public static AddressRange Of(IPNetwork subnet)
    {
        var family = subnet.BaseAddress.AddressFamily;
        var first = ToNumber(subnet.BaseAddress);
        var hostBits = Bits(family) - subnet.PrefixLength;
        var hosts = hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
        return new(family, first & ~hosts, first | hosts);
    }

    public static int Bits(AddressFamily family) => family == AddressFamily.InterNetwork ? 32 : 128;

    public static UInt128 ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(address.AddressFamily == AddressFamily.InterNetwork ? bytes[12..] : bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public static IPAddress ToAddress(AddressFamily family, UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new(family == AddressFamily.InterNetwork ? bytes[12..] : bytes);
    }

    public IPAddress Address(UInt128 number) => ToAddress(Family, number);

    public bool Overlaps(AddressRange other) => Family == other.Family && First <= other.Last && other.First <= Last;
}
