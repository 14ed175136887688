using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cleave.Netlink.Wire;

/// <summary>The fixed C struct that stands between a message's header and its attributes.</summary>
internal static class FixedStruct
{
    /// <summary>Reads it and gives the attributes behind it.</summary>
    public static T Read<T>(ReadOnlySpan<byte> payload, out AttributeReader attributes)
        where T : unmanaged
    {
        var size = Unsafe.SizeOf<T>();
        if (payload.Length < size)
            throw new NetlinkFormatException($"{typeof(T).Name} takes {size} bytes, only {payload.Length} are there.");
        attributes = new AttributeReader(payload[Math.Min(Alignment.Up(size), payload.Length)..]);
        return MemoryMarshal.Read<T>(payload);
    }

    public static void Write<T>(NetlinkWriter writer, in T value)
        where T : unmanaged =>
        MemoryMarshal.Write(writer.Reserve(Unsafe.SizeOf<T>()), in value);
}
