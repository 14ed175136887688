using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Cleave.Netlink.Wire;

namespace Cleave.Netlink.Tables;

/// <summary>The bytes of keys and data as nf_tables wants them in registers and sets.</summary>
public static class SetValue
{
    /// <summary>Bytes an interface name takes.</summary>
    public const int InterfaceNameSize = 16;

    /// <summary>An interface name, padded with NUL to 16 bytes.</summary>
    public static ValueList<byte> InterfaceName(string name)
    {
        Span<byte> bytes = stackalloc byte[InterfaceNameSize];
        WriteInterfaceName(bytes, name);
        return ValueList.Create<byte>(bytes);
    }

    /// <summary>Writes an interface name, padded with NUL, into 16 bytes.</summary>
    /// <exception cref="ArgumentException">The name takes more than 15 bytes.</exception>
    public static void WriteInterfaceName(Span<byte> destination, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        destination = destination[..InterfaceNameSize];
        destination.Clear();
        if (!Encoding.UTF8.TryGetBytes(name, destination[..^1], out _))
            throw new ArgumentException($"'{name}' is longer than {InterfaceNameSize - 1} bytes.", nameof(name));
    }

    /// <summary>A mark, class or other number of 4 bytes in host byte order.</summary>
    public static ValueList<byte> Number(uint value) => ValueList.Create(MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    /// <summary>A classid as <c>tc</c> and <c>nft</c> write it, MAJOR:MINOR.</summary>
    public static uint ClassId(ushort major, ushort minor) => ((uint)major << 16) | minor;

    /// <summary>A number of 2 bytes in network byte order: an EtherType or a port.</summary>
    public static ValueList<byte> Port(ushort value) => [(byte)(value >> 8), (byte)value];

    /// <summary>An IPv4 or IPv6 address.</summary>
    public static ValueList<byte> Address(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return ValueList.Create<byte>(address.GetAddressBytes());
    }

    /// <summary>A concatenated key: each part padded to four bytes.</summary>
    public static ValueList<byte> Concatenate(params ReadOnlySpan<ValueList<byte>> parts)
    {
        var length = 0;
        foreach (var part in parts)
            length += Alignment.Up(part.Count);
        var bytes = new byte[length];
        var offset = 0;
        foreach (var part in parts)
        {
            part.Span.CopyTo(bytes.AsSpan(offset));
            offset += Alignment.Up(part.Count);
        }

        return ValueList.Create<byte>(bytes);
    }
}
