using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cleave.Topology;

/// <summary>Subnets as they stand in a file: an address without host bits, and a prefix length.</summary>
/// <param name="expected">What is expected in their place, for messages.</param>
/// <param name="v4">The shortest and the longest prefix of IPv4.</param>
/// <param name="v6">The shortest and the longest prefix of IPv6.</param>
/// <param name="usual">The prefix lengths to suggest where none is given, of IPv4 and IPv6.</param>
internal sealed class SubnetText(string expected, (int Least, int Most) v4, (int Least, int Most) v6, (int V4, int V6) usual)
{
    /// <summary>Null and one mistake if it is none.</summary>
    public IPNetwork? Read(Reading reading, YamlNode node)
    {
        if (reading.Text(node, expected) is not { } text)
            return null;

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (AddressText.Parse(slash < 0 ? text : text[..slash]) is not { } address)
        {
            reading.Wrong(node, expected);
            return null;
        }

        var isV4 = address.AddressFamily == AddressFamily.InterNetwork;
        if (slash < 0)
        {
            reading.Mistakes.Add(node.At, $"{Quote.Text(text)} has no prefix length: expected {expected}",
                $"{text}/{(isV4 ? usual.V4 : usual.V6)}");
            return null;
        }

        var (least, most) = isV4 ? v4 : v6;
        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            || prefix < least || prefix > most)
        {
            reading.Mistakes.Add(node.At, $"{Quote.Text(text)} has the prefix length {Quote.Text(text[(slash + 1)..])}: "
                + $"expected /{least} to /{most}");
            return null;
        }

        var subnet = AddressRange.Of(new IPNetwork(address, prefix));
        var mended = new IPNetwork(subnet.Address(subnet.First), prefix);
        if (AddressRange.ToNumber(address) == subnet.First)
            return mended;
        reading.Mistakes.Add(node.At, $"{Quote.Text(text)} is not the network's own address: expected {mended}", $"{mended}");
        return null;
    }
}
