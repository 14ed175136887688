namespace Cleave.Netlink.Sockets;

/// <summary>The kernel's refusal of one request.</summary>
/// <param name="RequestIndex">Which request of the batch, counted from 0; -1 when the transaction as a whole was refused.</param>
/// <param name="Error">The error number.</param>
/// <param name="KernelMessage">The kernel's own words (NLMSGERR_ATTR_MSG), when it had any.</param>
/// <param name="AttributeOffset">Where the offending attribute begins, in bytes from the start of the request (NLMSGERR_ATTR_OFFS).</param>
/// <param name="AttributeType">The type of that attribute.</param>
public sealed record NetlinkFailure(int RequestIndex, Errno Error, string? KernelMessage, int? AttributeOffset, int? AttributeType)
{
    /// <summary>What happened in one line, for people.</summary>
    public override string ToString()
    {
        var request = RequestIndex < 0 ? "transaction" : $"request {RequestIndex}";
        var words = KernelMessage is null ? "" : $": {KernelMessage}";
        var attribute = AttributeOffset is null ? "" : $" (attribute {AttributeType} at byte {AttributeOffset})";
        return $"{request}: {Error} ({(int)Error}){words}{attribute}";
    }
}
