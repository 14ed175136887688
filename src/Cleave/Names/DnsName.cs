using System.Text;

namespace Cleave.Names;

/// <summary>Domain names in messages (RFC 1035, sections 3.1 and 4.1.4), as text: labels in lower case, joined by dots, without one at the end.</summary>
internal static class DnsName
{
    private const int Longest = 255; // in the message, with the lengths of labels
    private const int LongestLabel = 63;
    private const int Pointer = 0xc0;

    /// <summary>Reads a name, which may end in a pointer to an earlier one.</summary>
    /// <param name="message">The message.</param>
    /// <param name="at">Where the name begins; afterwards, where what follows it begins.</param>
    /// <param name="name">The name; bytes that are no letter, digit, hyphen or underscore are written as \DDD, so that no dot is one of a label's.</param>
    /// <param name="pointers">Whether it may have one.</param>
    /// <returns>False if it is malformed.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int at, out string name, bool pointers = true)
    {
        var text = new StringBuilder();
        name = "";
        int from = at;
        int? end = null;
        int length = 1;
        while (true)
        {
            if (from >= message.Length)
            {
                return false;
            }

            int label = message[from];
            if (label == 0)
            {
                at = end ?? from + 1;
                name = text.ToString();
                return true;
            }

            if ((label & Pointer) == Pointer)
            {
                if (from + 1 >= message.Length)
                {
                    return false;
                }

                int target = ((label & ~Pointer) << 8) | message[from + 1];
                end ??= from + 2;
                if (target >= from || !pointers)
                {
                    return false; // always back, so that there is an end
                }

                from = target;
                continue;
            }

            length += label + 1;
            if (label > LongestLabel || length > Longest || from + label >= message.Length)
            {
                return false;
            }

            if (text.Length > 0)
            {
                text.Append('.');
            }

            Append(text, message.Slice(from + 1, label));
            from += label + 1;
        }
    }

    /// <summary>Appends a name to a message; only such as <see cref="IsHostName"/> allows.</summary>
    public static void Write(List<byte> message, string name)
    {
        foreach (string label in name.Split('.'))
        {
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }

        message.Add(0);
    }

    /// <summary>Whether a text is a host name that fits into a message.</summary>
    public static bool IsHostName(string name) =>
        name.Length is > 0 and < Longest - 1 && Array.TrueForAll(name.Split('.'), l => l.Length is > 0 and <= LongestLabel && l.All(IsPlain));

    /// <summary>Whether a name is another one, or below it.</summary>
    public static bool IsIn(string name, string above) =>
        name.Length == above.Length ? name == above : name.EndsWith(above, StringComparison.Ordinal) && name[^(above.Length + 1)] == '.';

    private static void Append(StringBuilder text, ReadOnlySpan<byte> label)
    {
        foreach (byte b in label)
        {
            char c = char.ToLowerInvariant((char)b);
            if (b < 0x80 && IsPlain(c))
            {
                text.Append(c);
            }
            else
            {
                text.Append('\\').Append($"{b:d3}");
            }
        }
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
}
