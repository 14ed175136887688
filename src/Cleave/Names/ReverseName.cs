using System.Globalization;
using System.Net;

namespace Cleave.Names;

/// <summary>Names that stand for addresses: 1.0.23.172.in-addr.arpa (RFC 1035), and of IPv6 below ip6.arpa (RFC 3596).</summary>
internal static class ReverseName
{
    private const string IPv4 = ".in-addr.arpa";
    private const string IPv6 = ".ip6.arpa";
    private const int Nibbles = 32;

    /// <summary>The address; null if it is no such name, or of a whole network.</summary>
    public static IPAddress? Read(string name)
    {
        if (name.EndsWith(IPv4, StringComparison.Ordinal))
        {
            string[] labels = name[..^IPv4.Length].Split('.');
            byte[] bytes = new byte[4];
            for (int i = 0; i < labels.Length; i++)
            {
                if (labels.Length != bytes.Length || !byte.TryParse(labels[^(i + 1)], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i]))
                {
                    return null;
                }
            }

            return new IPAddress(bytes);
        }

        if (name.EndsWith(IPv6, StringComparison.Ordinal) && name.Length == IPv6.Length + (2 * Nibbles) - 1)
        {
            byte[] bytes = new byte[16];
            for (int i = 0; i < Nibbles; i++)
            {
                char digit = name[2 * (Nibbles - 1 - i)];
                if (!char.IsAsciiHexDigitLower(digit) && !char.IsAsciiDigit(digit) || (i > 0 && name[(2 * (Nibbles - i)) - 1] != '.'))
                {
                    return null;
                }

                bytes[i / 2] |= (byte)(Convert.ToInt32(digit.ToString(), 16) << (i % 2 == 0 ? 4 : 0));
            }

            return new IPAddress(bytes);
        }

        return null;
    }
}
