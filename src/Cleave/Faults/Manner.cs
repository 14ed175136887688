using System.Collections.Immutable;
using System.Globalization;

namespace Cleave.Faults;

/// <summary>What the sender of a packet that is cut learns.</summary>
public enum CutMode
{
    /// <summary>Nothing: silence, as beyond a broken cable or a dead switch.</summary>
    Drop,

    /// <summary>What a firewall says that refuses: ICMP "administratively prohibited" (RFC 1812, RFC 4443), for TCP too.</summary>
    Reject,

    /// <summary>What a machine says on which no program listens: for TCP a reset, also of established connections (RFC 9293), else ICMP "port unreachable".</summary>
    Reset,
}

/// <summary>Which packets of a pair are lost, and how.</summary>
/// <param name="Traffic">Null: every IPv4 and IPv6 packet.</param>
/// <param name="Mode">What the sender learns.</param>
/// <param name="Arp">ARP, neighbour discovery and every other frame is lost, too, as with a dead switch.</param>
public sealed record Manner(Traffic? Traffic, CutMode Mode, bool Arp)
{
    /// <summary>Every packet, silently; ARP and neighbour discovery go on.</summary>
    public static Manner Silent { get; } = new(null, CutMode.Drop, false);
}

/// <summary>A protocol above IP that a cut can be about.</summary>
public enum Protocol
{
    /// <summary>IP protocol 6.</summary>
    Tcp,

    /// <summary>IP protocol 17.</summary>
    Udp,

    /// <summary>ICMP and ICMPv6, neighbour discovery apart.</summary>
    Icmp,
}

/// <summary>Ports, both ends included.</summary>
public readonly record struct PortRange(int First, int Last)
{
    /// <inheritdoc/>
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}

/// <summary>Packets of one protocol.</summary>
/// <param name="Protocol">Which.</param>
/// <param name="Ports">Destination ports, in order, none overlapping; empty: all, and those without a port.</param>
public readonly record struct TrafficClass(Protocol Protocol, ImmutableArray<PortRange> Ports)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Ports.IsDefaultOrEmpty ? Protocol.ToString().ToLowerInvariant() : $"{Protocol.ToString().ToLowerInvariant()} {string.Join(',', Ports)}";
}

/// <summary>Some of the packets of a pair: of one or more protocols, to these ports. Equal if it means the same packets.</summary>
public sealed class Traffic : IEquatable<Traffic>
{
    private readonly string _text;

    private Traffic(ImmutableArray<TrafficClass> classes)
    {
        Classes = classes;
        _text = string.Join(' ', classes);
    }

    /// <summary>One a protocol, in the order of <see cref="Protocol"/>; never empty.</summary>
    public ImmutableArray<TrafficClass> Classes { get; }

    /// <summary>The traffic of some classes; ranges are put in order and joined, and all ports of a protocol include single ones.</summary>
    public static Traffic? Of(IEnumerable<TrafficClass> classes)
    {
        ImmutableArray<TrafficClass> ordered =
        [
            .. classes.GroupBy(c => c.Protocol).OrderBy(g => g.Key).Select(g =>
                new TrafficClass(g.Key, g.Any(c => c.Ports.IsDefaultOrEmpty) ? [] : Join(g.SelectMany(c => c.Ports)))),
        ];
        return ordered.IsEmpty ? null : new Traffic(ordered);
    }

    /// <summary>Reads what <see cref="ToString"/> writes: "tcp 80,443,8000-8010 icmp".</summary>
    /// <exception cref="InputException">It is not written so.</exception>
    public static Traffic? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var classes = new List<TrafficClass>();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Enum.TryParse(word, ignoreCase: true, out Protocol protocol) && char.IsAsciiLetter(word[0]))
            {
                classes.Add(new(protocol, []));
            }
            else if (classes is [.., { Protocol: not Protocol.Icmp, Ports: [] } last] && TryPorts(word, out ImmutableArray<PortRange> ports))
            {
                classes[^1] = last with { Ports = ports };
            }
            else
            {
                throw new InputException($"'{text}' is no traffic: expected for instance 'tcp 80,8000-8010', 'udp' or 'icmp'");
            }
        }

        return Of(classes);
    }

    /// <summary>Ports as "80,443,8000-8010", each from 1 to 65535.</summary>
    public static bool TryPorts(string text, out ImmutableArray<PortRange> ports)
    {
        ArgumentNullException.ThrowIfNull(text);
        ports = [];
        var read = ImmutableArray.CreateBuilder<PortRange>();
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryPort(ends[0], out int first) || !TryPort(ends[^1], out int last) || last < first)
            {
                return false;
            }

            read.Add(new(first, last));
        }

        ports = Join(read);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Traffic? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Traffic);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => _text;

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535;

    private static ImmutableArray<PortRange> Join(IEnumerable<PortRange> ranges)
    {
        var joined = ImmutableArray.CreateBuilder<PortRange>();
        foreach (PortRange range in ranges.OrderBy(r => r.First))
        {
            if (joined.Count > 0 && range.First <= joined[^1].Last + 1)
            {
                joined[^1] = joined[^1] with { Last = Math.Max(joined[^1].Last, range.Last) };
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined.ToImmutable();
    }
}
