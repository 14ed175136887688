using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Cleave.Topology;

namespace Cleave.Gateway;

/// <summary>
/// The addresses of a gateway: a /16, of which <c>.255.0/30</c> is the cable to the host and <c>.192.0/19</c> the pool of the cables to labs, a /30
/// each. The rest is for the labs' own networks, which nobody outside of them ever sees. Where IPv6 leads out, too, the same addresses end those of a
/// /64 of its own: 172.23.255.1 and fd63:6c65:6176:ac17::ff01.
/// </summary>
public sealed record GatewayNetwork
{
    /// <summary>How many labs a gateway has addresses for.</summary>
    public const int Slots = 2048;

    private const int SlotSize = 4; // a /30, and of IPv6 a /126
    private const int PoolSize6 = 115; // as many addresses as a /19 of IPv4
    private const string UniqueLocal = "fd63:6c65:6176"; // RFC 4193; its 40 bits are "cleav"
    private const int CableOffset = 0xff00;
    private const int PoolOffset = 0xc000;

    private readonly AddressRange _range;

    private readonly AddressRange _range6;

    private GatewayNetwork(IPNetwork whole)
    {
        (Whole, _range) = (whole, AddressRange.Of(whole));
        byte[] bytes = whole.BaseAddress.GetAddressBytes();
        Whole6 = IPNetwork.Parse(string.Create(CultureInfo.InvariantCulture, $"{UniqueLocal}:{bytes[0]:x2}{bytes[1]:x2}::/64"));
        _range6 = AddressRange.Of(Whole6);
    }

    /// <summary>Where nothing else is asked for: the first of these that is not another user's.</summary>
    public static ImmutableArray<GatewayNetwork> Usual { get; } =
        [.. Enumerable.Range(23, 9).Select(b => new GatewayNetwork(IPNetwork.Parse(string.Create(CultureInfo.InvariantCulture, $"172.{b}.0.0/16"))))];

    /// <summary>All of it.</summary>
    public IPNetwork Whole { get; }

    /// <summary>All of it that is IPv6.</summary>
    public IPNetwork Whole6 { get; }

    /// <summary>The cable between host and gateway.</summary>
    public IPNetwork Cable => new(At(CableOffset), 30);

    /// <summary>The same in IPv6.</summary>
    public IPNetwork Cable6 => new(At6(CableOffset), 126);

    /// <summary>The host's end of it, which labs ask for names.</summary>
    public IPAddress Host => At(CableOffset + 1);

    /// <summary>The gateway's end of it.</summary>
    public IPAddress Inside => At(CableOffset + 2);

    /// <summary>The host's end in IPv6.</summary>
    public IPAddress Host6 => At6(CableOffset + 1);

    /// <summary>The gateway's end in IPv6.</summary>
    public IPAddress Inside6 => At6(CableOffset + 2);

    /// <summary>The cables between gateway and labs, in IPv6.</summary>
    public IPNetwork Pool6 => new(At6(PoolOffset), PoolSize6);

    /// <summary>The cables between gateway and labs.</summary>
    public IPNetwork Pool => new(At(PoolOffset), 19);

    /// <summary>One of these.</summary>
    /// <param name="slot">From 0 to <see cref="Slots"/> less one.</param>
    public IPNetwork LabCable(int slot) => new(At(PoolOffset + (SlotSize * slot)), 30);

    /// <summary>The gateway's end of it.</summary>
    public IPAddress GatewayEnd(int slot) => At(PoolOffset + (SlotSize * slot) + 1);

    /// <summary>The lab's end of it.</summary>
    public IPAddress LabEnd(int slot) => At(PoolOffset + (SlotSize * slot) + 2);

    /// <summary>The gateway's end in IPv6.</summary>
    public IPAddress GatewayEnd6(int slot) => At6(PoolOffset + (SlotSize * slot) + 1);

    /// <summary>The lab's end in IPv6.</summary>
    public IPAddress LabEnd6(int slot) => At6(PoolOffset + (SlotSize * slot) + 2);

    /// <summary>Whether any address is in both.</summary>
    public bool Overlaps(IPNetwork other) => _range.Overlaps(AddressRange.Of(other));

    /// <summary>The network that somebody has written.</summary>
    /// <exception cref="InputException">It is none that a gateway can have.</exception>
    public static GatewayNetwork Parse(string text)
    {
        const string Expected = "expected an IPv4 network of 16 bits, such as 10.99.0.0/16";
        string[] parts = text.Split('/');
        if (AddressText.Parse(parts[0]) is not { AddressFamily: System.Net.Sockets.AddressFamily.InterNetwork } address || parts.Length > 2)
        {
            throw new InputException($"the network '{text}' is none: {Expected}");
        }

        if (parts is not [_, "16"])
        {
            throw new InputException($"the network '{text}' has {(parts.Length == 1 ? "no prefix length" : $"the prefix length '{parts[1]}'")}: {Expected}");
        }

        var range = AddressRange.Of(new IPNetwork(address, 16));
        if (AddressText.WhyUnusable(range) is { } why)
        {
            throw new InputException($"the network '{text}' cannot be given to hosts ({why}): {Expected}");
        }

        var whole = new IPNetwork(range.Address(range.First), 16);
        return AddressRange.ToNumber(address) == range.First
            ? new GatewayNetwork(whole)
            : throw new InputException($"the network '{text}' is not the network's own address: expected {whole}");
    }

    /// <inheritdoc/>
    public bool Equals(GatewayNetwork? other) => Whole.Equals(other?.Whole);

    /// <inheritdoc/>
    public override int GetHashCode() => Whole.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => Whole.ToString();

    private IPAddress At6(int offset) => _range6.Address(_range6.First + (UInt128)offset);

    private IPAddress At(int offset) => _range.Address(_range.First + (UInt128)offset);
}
