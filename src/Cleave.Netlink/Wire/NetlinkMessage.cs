namespace Cleave.Netlink.Wire;

/// <summary>One received message: its header and what follows it. Valid as long as the buffer it points into.</summary>
public readonly ref struct NetlinkMessage
{
    /// <summary>Creates a message from its parts.</summary>
    public NetlinkMessage(NetlinkHeader header, ReadOnlySpan<byte> payload)
    {
        Header = header;
        Payload = payload;
    }

    /// <summary>The header.</summary>
    public NetlinkHeader Header { get; }

    /// <summary>Everything behind the header: a fixed struct of the family, then attributes.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}

/// <summary>Turns one message of an answer into a value.</summary>
/// <typeparam name="T">What it is decoded to.</typeparam>
/// <param name="message">The message; not to be kept beyond the call.</param>
/// <returns>The value, or null to leave the message out.</returns>
/// <exception cref="NetlinkFormatException">The message is malformed.</exception>
public delegate T? MessageDecoder<out T>(NetlinkMessage message)
    where T : class;
