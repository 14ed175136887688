namespace Cleave.Names;

/// <summary>Types of records (RFC 1035, RFC 3596, RFC 6891), as far as any is treated by its own rules.</summary>
internal enum DnsType : ushort
{
    A = 1,
    Soa = 6,
    Ptr = 12,
    Aaaa = 28,
    Opt = 41,
    Ixfr = 251,
    Axfr = 252,
    Any = 255,
}

/// <summary>How a question was answered (RFC 1035, RFC 6891).</summary>
internal enum DnsCode
{
    Success = 0,
    FormatError = 1,
    ServerFailure = 2,
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,
    BadVersion = 16,
}

/// <summary>Numbers of the wire format.</summary>
internal static class DnsWire
{
    public const int HeaderLength = 12;
    public const ushort ClassInternet = 1;
    public const ushort ClassAny = 255;

    /// <summary>The longest datagram of who says nothing else (RFC 1035).</summary>
    public const int PlainDatagram = 512;

    /// <summary>The longest datagram that we send and ask for: one that no network on the way takes apart (DNS flag day 2020).</summary>
    public const int Datagram = 1232;

    public const int Longest = ushort.MaxValue;

    // The bits of the second word of a header, the code in the lowest four.
    public const ushort Response = 0x8000;
    public const ushort OpcodeMask = 0x7800;
    public const ushort Authoritative = 0x0400;
    public const ushort Truncated = 0x0200;
    public const ushort RecursionDesired = 0x0100;
    public const ushort RecursionAvailable = 0x0080;
    public const ushort CheckingDisabled = 0x0010;
    public const ushort CodeMask = 0x000f;

    // The highest bit of the lower word of an OPT record's TTL.
    public const ushort DnssecOk = 0x8000;
}
