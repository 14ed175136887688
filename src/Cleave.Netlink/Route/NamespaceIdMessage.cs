using Cleave.Netlink.Kernel;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.RouteConstants;

namespace Cleave.Netlink.Route;

/// <summary>The number one network namespace knows another by: struct rtgenmsg and NETNSA_* of linux/net_namespace.h.</summary>
public sealed record NamespaceIdMessage
{
    /// <summary>NETNSA_NSID of a namespace that has none.</summary>
    public const int None = -1;

    /// <summary>NETNSA_NSID; -1 in a request lets the kernel choose, in an answer says there is none.</summary>
    public int? Id { get; init; }

    /// <summary>NETNSA_FD: an open descriptor of the namespace.</summary>
    public int? Fd { get; init; }

    /// <summary>NETNSA_PID: a process in the namespace.</summary>
    public int? Pid { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    /// <summary>Reads what follows the header of RTM_NEWNSID.</summary>
    /// <exception cref="NetlinkFormatException">It is malformed.</exception>
    public static NamespaceIdMessage Decode(ReadOnlySpan<byte> payload)
    {
        FixedStruct.Read<GenericInfo>(payload, out var attributes);
        var unknown = default(UnknownAttributes);
        int? id = null, fd = null, pid = null;
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case NETNSA_NSID: id = attribute.AsInt32(); break;
                case NETNSA_FD: fd = attribute.AsInt32(); break;
                case NETNSA_PID: pid = attribute.AsInt32(); break;
                default: unknown.Add(attribute); break;
            }
        }

        return new NamespaceIdMessage { Id = id, Fd = fd, Pid = pid, Unknown = unknown.ToList() };
    }

    /// <summary>Writes what follows the header.</summary>
    public void Encode(NetlinkWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        FixedStruct.Write(writer, default(GenericInfo));
        if (Id is { } id) writer.Attribute(NETNSA_NSID, id);
        if (Fd is { } fd) writer.Attribute(NETNSA_FD, fd);
        if (Pid is { } pid) writer.Attribute(NETNSA_PID, pid);
        writer.Attributes(Unknown);
    }
}
