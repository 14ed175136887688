using System.Runtime.InteropServices;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.NetlinkConstants;

namespace Cleave.Netlink.Sockets;

/// <summary>Reads NLMSG_ERROR messages (struct nlmsgerr and extended-ack attributes) into failures.</summary>
internal readonly struct FailureCollector(NetlinkBatch batch)
{
    private const int ErrorSize = 4;

    public List<NetlinkFailure> List { get; } = [];

    /// <returns>The error; none for an acknowledgement.</returns>
    public Errno Add(int index, NetlinkMessage message)
    {
        var request = index < 0 ? default : batch.Bytes[batch.OffsetOf(index)..batch.OffsetOf(index + 1)];
        if (Parse(index, message, request) is not { } failure)
            return Errno.None;
        List.Add(failure);
        return failure.Error;
    }

    /// <summary>Orders by request: a transaction's failures come in the order the kernel found them.</summary>
    public void Sort() => List.Sort(static (a, b) => a.RequestIndex.CompareTo(b.RequestIndex));

    /// <summary>Reads NLMSG_ERROR or NLMSG_DONE; null means success.</summary>
    public static NetlinkFailure? Parse(int index, NetlinkMessage message, ReadOnlySpan<byte> request)
    {
        var payload = message.Payload;
        if (message.Header.Type == NLMSG_DONE && payload.Length < ErrorSize)
            return null;
        if (payload.Length < ErrorSize)
            throw new NetlinkFormatException($"An acknowledgement takes {ErrorSize} bytes, only {payload.Length} are there.");
        var error = MemoryMarshal.Read<int>(payload);
        if (error >= 0)
            return null;

        string? words = null;
        int? offset = null;
        if (message.Header.Flags.HasFlag(MessageFlags.ExtendedAcknowledgement))
        {
            var attributes = new AttributeReader(payload[AttributesOffset(message)..]);
            while (attributes.Read(out var attribute))
            {
                if (attribute.Type == NLMSGERR_ATTR_MSG) words = attribute.AsString();
                else if (attribute.Type == NLMSGERR_ATTR_OFFS) offset = attribute.AsInt32();
            }
        }

        int? type = offset >= 0 && offset + NLA_HDRLEN <= request.Length
            ? MemoryMarshal.Read<ushort>(request[(offset.Value + 2)..]) & NLA_TYPE_MASK
            : null;
        return new NetlinkFailure(index, (Errno)(-error), words, offset, type);
    }

    private static int AttributesOffset(NetlinkMessage message)
    {
        if (message.Header.Type == NLMSG_DONE)
            return ErrorSize;
        // The request's header is repeated, and without NLM_F_CAPPED all of the request.
        var offset = ErrorSize + NetlinkHeader.Size;
        if (!message.Header.Flags.HasFlag(MessageFlags.Capped) && message.Payload.Length >= offset)
            offset = ErrorSize + Alignment.Up((int)Math.Min(NetlinkHeader.Read(message.Payload[ErrorSize..]).Length, int.MaxValue / 2));
        return Math.Min(offset, message.Payload.Length);
    }
}
