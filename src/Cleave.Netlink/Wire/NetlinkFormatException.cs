namespace Cleave.Netlink.Wire;

/// <summary>
/// Bytes that are not well-formed netlink: a length that is too small or points beyond its container,
/// or an attribute of the wrong size. Decoding throws nothing else, whatever the bytes are.
/// </summary>
public sealed class NetlinkFormatException : FormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is malformed, and where.</param>
    public NetlinkFormatException(string message)
        : base(message)
    {
    }
}
