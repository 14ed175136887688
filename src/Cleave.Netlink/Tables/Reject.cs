using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>NFTA_REJECT_*: drops the packet and answers its sender. In family bridge not at hook forward; in family netdev at ingress, from Linux 5.11 on.</summary>
/// <param name="Kind">NFTA_REJECT_TYPE.</param>
/// <param name="IcmpCode">NFTA_REJECT_ICMP_CODE: of the protocol itself, or for <see cref="RejectKind.IcmpOfEither"/> one of NFT_REJECT_ICMPX_*.</param>
public sealed record Reject(RejectKind Kind, byte IcmpCode = 0) : Expression
{
    internal const string KernelName = "reject";

    /// <summary><c>reject with tcp reset</c>; the rule has to have seen that it is TCP.</summary>
    public static Reject TcpReset => new(RejectKind.TcpReset);

    /// <summary><c>reject with icmpx port-unreachable</c>.</summary>
    public static Reject PortUnreachable => new(RejectKind.IcmpOfEither, NFT_REJECT_ICMPX_PORT_UNREACH);

    /// <summary><c>reject with icmpx admin-prohibited</c>.</summary>
    public static Reject AdministrativelyProhibited => new(RejectKind.IcmpOfEither, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);

    /// <inheritdoc/>
    public override string Name => KernelName;

    internal static Reject Read(ref ExpressionFields fields) =>
        new((RejectKind)fields.TakeUInt32(NFTA_REJECT_TYPE), fields.TryTake(NFTA_REJECT_ICMP_CODE, out var code) ? code.AsByte() : (byte)0)
        {
            Unknown = fields.ReadUnknown(),
        };

    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.BigEndian(NFTA_REJECT_TYPE, (uint)Kind);
        if (Kind != RejectKind.TcpReset) writer.Attribute(NFTA_REJECT_ICMP_CODE, IcmpCode);
    }
}

/// <summary>NFT_REJECT_*: how a packet is answered.</summary>
public enum RejectKind : uint
{
    /// <summary>ICMP or ICMPv6 destination unreachable, with a code of that protocol.</summary>
    Icmp = NFT_REJECT_ICMP_UNREACH,

    /// <summary>A TCP segment with RST.</summary>
    TcpReset = NFT_REJECT_TCP_RST,

    /// <summary>The ICMP of the packet's own family, with a code that both have.</summary>
    IcmpOfEither = NFT_REJECT_ICMPX_UNREACH,
}
