using System.Globalization;
using System.Text;

namespace Cleave.VirtualMachines;

/// <summary>Finds, in what comes from a console, the output of a command between its two marks. Pure.</summary>
internal sealed class GuestReply(string nonce)
{
    private readonly byte[] _begin = Encoding.ASCII.GetBytes($"{QemuGuest.Mark}begin {nonce}\n");
    private readonly byte[] _end = Encoding.ASCII.GetBytes($"{QemuGuest.Mark}end {nonce} ");
    private byte[] _rest = [];

    /// <summary>Whether the command has been started.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The command's exit code, once it is known.</summary>
    public int? Code { get; private set; }

    /// <summary>Takes what has come, and gives what is output of it.</summary>
    public byte[] Add(ReadOnlySpan<byte> bytes)
    {
        if (Code is not null)
        {
            return [];
        }

        byte[] all = [.. _rest, .. bytes];
        if (!HasBegun)
        {
            int at = all.AsSpan().IndexOf(_begin);
            if (at < 0)
            {
                _rest = all[Math.Max(0, all.Length - _begin.Length)..]; // a terminal may put a carriage return before the newline, and then it is not found
                return [];
            }

            HasBegun = true;
            all = all[(at + _begin.Length)..];
        }

        int end = all.AsSpan().IndexOf(_end);
        if (end >= 0)
        {
            ReadOnlySpan<byte> behind = all.AsSpan(end + _end.Length);
            if (behind.IndexOf((byte)'\n') is >= 0 and var line)
            {
                Code = int.Parse(Encoding.ASCII.GetString(behind[..line]).Trim(), CultureInfo.InvariantCulture);
                _rest = [];
                return all[..end];
            }
        }

        // What may be the beginning of the mark waits for more.
        int keep = end >= 0 ? all.Length - end : Held(all);
        _rest = all[(all.Length - keep)..];
        return all[..(all.Length - keep)];
    }

    private int Held(byte[] all)
    {
        int last = all.AsSpan().LastIndexOf((byte)QemuGuest.Mark);
        return last >= 0 && _end.AsSpan().StartsWith(all.AsSpan(last)) ? all.Length - last : 0;
    }
}
