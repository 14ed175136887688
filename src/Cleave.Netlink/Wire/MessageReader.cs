namespace Cleave.Netlink.Wire;

/// <summary>Walks the messages of one datagram. Every step is bounds-checked and advances.</summary>
public ref struct MessageReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Reads the messages in <paramref name="datagram"/>.</summary>
    public MessageReader(ReadOnlySpan<byte> datagram) => _rest = datagram;

    /// <summary>Moves to the next message.</summary>
    /// <param name="message">The message, when there was one.</param>
    /// <returns>False at the end of the datagram.</returns>
    /// <exception cref="NetlinkFormatException">A length is smaller than a header or beyond the end.</exception>
    public bool Read(out NetlinkMessage message)
    {
        if (_rest.IsEmpty)
        {
            message = default;
            return false;
        }

        var header = NetlinkHeader.Read(_rest);
        if (header.Length < NetlinkHeader.Size || header.Length > _rest.Length)
            throw new NetlinkFormatException($"Message of type {header.Type} says {header.Length} bytes, {_rest.Length} are there.");

        var length = (int)header.Length;
        message = new NetlinkMessage(header, _rest[NetlinkHeader.Size..length]);
        _rest = _rest[Math.Min(Alignment.Up(length), _rest.Length)..];
        return true;
    }
}
