using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Cleave.Names;

/// <summary>What to do with a message that has come in at port 53.</summary>
internal abstract record NameAnswer
{
    private NameAnswer() { }

    /// <summary>Send that.</summary>
    public sealed record Reply(byte[] Message, DnsQuery? Query) : NameAnswer;

    /// <summary>Somebody outside knows.</summary>
    public sealed record Forward(DnsQuery Query) : NameAnswer;

    /// <summary>Send nothing.</summary>
    public sealed record Silence : NameAnswer;
}

/// <summary>Answers questions about names. Pure: what the lab knows is answered, all else is for somebody outside, or does not exist where there is no way out.</summary>
/// <param name="names">What the lab knows.</param>
/// <param name="leadsOut">Whether there is a way out.</param>
internal sealed class NameAnswers(LabNames names, bool leadsOut)
{
    private static readonly NameAnswer.Silence Nothing = new();

    /// <summary>What to do with a message.</summary>
    /// <param name="message">Its bytes, whatever they are.</param>
    /// <param name="network">The number of the network that it came by.</param>
    /// <param name="from">Who has sent it.</param>
    /// <param name="faults">Which names fail.</param>
    public NameAnswer Answer(ReadOnlySpan<byte> message, int network, IPAddress from, NameFaults faults)
    {
        if (DnsQuery.Read(message, out DnsCode? error) is not { } query)
        {
            return error is { } wrong ? new NameAnswer.Reply(DnsReply.Error(message, wrong), null) : Nothing;
        }

        if (query.Edns is { Version: > 0 })
        {
            return Reply(query, DnsReply.Empty(query, DnsCode.BadVersion));
        }

        if (query.Class is not (DnsWire.ClassInternet or DnsWire.ClassAny) || query.Type is DnsType.Axfr or DnsType.Ixfr)
        {
            return Reply(query, DnsReply.Empty(query, DnsCode.Refused));
        }

        switch (faults.Of(query.Name))
        {
            case NameFault.Drop:
                return Nothing;
            case NameFault.Fail:
                return Reply(query, DnsReply.Empty(query, DnsCode.ServerFailure));
        }

        if (Known(query, network, from) is { } known)
        {
            return known;
        }

        // Where nothing leads out, nothing else exists: musl waits for an answer that does not say REFUSED, and everyone believes this one at once.
        return leadsOut ? new NameAnswer.Forward(query) : Reply(query, DnsReply.Empty(query, query.Name.Length == 0 ? DnsCode.Success : DnsCode.NameError));
    }

    private NameAnswer.Reply? Known(DnsQuery query, int network, IPAddress from)
    {
        if (Special(query) is { } special)
        {
            return Reply(query, special);
        }

        if (names.Find(query.Name, network, names.Owner(from)) is { } addresses)
        {
            return Reply(query, OfType(query, addresses) is { Count: > 0 } some
                ? DnsReply.Addresses(query, some)
                : DnsReply.Empty(query, DnsCode.Success, ZoneOf(query.Name)));
        }

        if (ReverseName.Read(query.Name) is { } address && names.HasNetworkOf(address))
        {
            return Reply(query, names.NameOf(address) switch
            {
                null => DnsReply.Empty(query, DnsCode.NameError),
                _ when query.Type is not (DnsType.Ptr or DnsType.Any) => DnsReply.Empty(query, DnsCode.Success),
                var name => DnsReply.Pointer(query, name),
            });
        }

        if (DnsName.IsIn(query.Name, LabNames.Zone) || (!leadsOut && names.IsAbove(query.Name)))
        {
            return Reply(query, DnsReply.Empty(query, names.IsAbove(query.Name) ? DnsCode.Success : DnsCode.NameError, ZoneOf(query.Name)));
        }

        // Nobody outside has addresses of a name without a dot.
        return query.Type is DnsType.A or DnsType.Aaaa && !query.Name.Contains('.', StringComparison.Ordinal)
            ? Reply(query, DnsReply.Empty(query, DnsCode.NameError))
            : null;
    }

    /// <summary>Names that mean the same everywhere (RFC 6761, RFC 7686).</summary>
    private static byte[]? Special(DnsQuery query)
    {
        if (DnsName.IsIn(query.Name, "localhost"))
        {
            return OfType(query, [IPAddress.Loopback, IPAddress.IPv6Loopback]) is { Count: > 0 } some
                ? DnsReply.Addresses(query, some)
                : DnsReply.Empty(query, DnsCode.Success);
        }

        return DnsName.IsIn(query.Name, "invalid") || DnsName.IsIn(query.Name, "onion") ? DnsReply.Empty(query, DnsCode.NameError) : null;
    }

    private static List<IPAddress> OfType(DnsQuery query, ImmutableArray<IPAddress> addresses) =>
    [
        .. addresses.Where(a => query.Type == DnsType.Any
            || query.Type == (a.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa)),
    ];

    private static string? ZoneOf(string name) => DnsName.IsIn(name, LabNames.Zone) ? LabNames.Zone : null;

    private static NameAnswer.Reply Reply(DnsQuery query, byte[] message) => new(message, query);
}
