using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>NFTA_CT_*: loads what connection tracking knows of the packet, as <c>ct state</c> does.</summary>
/// <param name="Key">What to load.</param>
/// <param name="Destination">Into which register.</param>
public sealed record ConnectionLoad(ConnectionKey Key, Register Destination = Register.Register1) : Expression
{
    internal const string KernelName = "ct";

    /// <inheritdoc/>
    public override string Name => KernelName;

    internal static ConnectionLoad Read(ref ExpressionFields fields) =>
        new((ConnectionKey)fields.TakeUInt32(NFTA_CT_KEY), (Register)fields.TakeUInt32(NFTA_CT_DREG)) { Unknown = fields.ReadUnknown() };

    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.BigEndian(NFTA_CT_KEY, (uint)Key);
        writer.BigEndian(NFTA_CT_DREG, (uint)Destination);
    }
}

/// <summary>NFT_CT_*: what connection tracking knows of a packet.</summary>
public enum ConnectionKey : uint
{
    /// <summary>Bits of <see cref="ConnectionStates"/>, in host byte order.</summary>
    State = NFT_CT_STATE,

    /// <summary>The mark of the connection.</summary>
    Mark = NFT_CT_MARK,
}

/// <summary>NF_CT_STATE_BIT of linux/netfilter/nf_conntrack_common.h.</summary>
[Flags]
public enum ConnectionStates : uint
{
    /// <summary>No state.</summary>
    None = 0,

    /// <summary>It belongs to no connection, and cannot begin one.</summary>
    Invalid = 1,

    /// <summary>It belongs to a connection that has been seen both ways.</summary>
    Established = 2,

    /// <summary>It begins a connection that another one has announced, or is an ICMP error about one.</summary>
    Related = 4,

    /// <summary>It begins a connection.</summary>
    New = 8,
}

/// <summary><c>masquerade</c>: gives the packet, and the rest of its connection, the address of the link that it leaves by.</summary>
public sealed record Masquerade : Expression
{
    internal const string KernelName = "masq";

    /// <inheritdoc/>
    public override string Name => KernelName;

    internal static Masquerade Read(ref ExpressionFields fields) => new() { Unknown = fields.ReadUnknown() };

    private protected override void WriteData(NetlinkWriter writer) { }
}
