using static Cleave.Netlink.Kernel.NetlinkConstants;

namespace Cleave.Netlink.Wire;

/// <summary>NLM_F_* of linux/netlink.h. Some values mean different things in requests to get, to make and to delete.</summary>
[Flags]
public enum MessageFlags : ushort
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>NLM_F_REQUEST: a request to the kernel.</summary>
    Request = NLM_F_REQUEST,

    /// <summary>NLM_F_MULTI: part of an answer that ends with NLMSG_DONE.</summary>
    Multi = NLM_F_MULTI,

    /// <summary>NLM_F_ACK: acknowledge success, too.</summary>
    Acknowledge = NLM_F_ACK,

    /// <summary>NLM_F_ECHO: send the notification of this change to the requester as well.</summary>
    Echo = NLM_F_ECHO,

    /// <summary>NLM_F_DUMP_INTR: the table changed during the dump, which may be inconsistent.</summary>
    DumpInterrupted = NLM_F_DUMP_INTR,

    /// <summary>NLM_F_DUMP: all entries rather than one.</summary>
    Dump = NLM_F_DUMP,

    /// <summary>NLM_F_REPLACE: replace what exists.</summary>
    Replace = NLM_F_REPLACE,

    /// <summary>NLM_F_EXCL: fail with EEXIST when it exists.</summary>
    Exclusive = NLM_F_EXCL,

    /// <summary>NLM_F_CREATE: create when it does not exist.</summary>
    Create = NLM_F_CREATE,

    /// <summary>NLM_F_APPEND: add at the end of the list.</summary>
    Append = NLM_F_APPEND,

    /// <summary>NLM_F_CAPPED: the acknowledgement does not repeat the request.</summary>
    Capped = NLM_F_CAPPED,

    /// <summary>NLM_F_ACK_TLVS: the acknowledgement carries extended-ack attributes.</summary>
    ExtendedAcknowledgement = NLM_F_ACK_TLVS,
}
