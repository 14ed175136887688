using System.Runtime.InteropServices;
using System.Text;
using Cleave.Linux;

namespace Cleave.Cli;

/// <summary>
/// Standard output or error, in UTF-8, each text written at once. Console's own writers look up the terminal's description, encodings and more
/// first, which takes a third of the time in which an empty program starts and ends.
/// </summary>
internal sealed unsafe class PlainOutput(int descriptor) : TextWriter
{
    private readonly Encoder _encoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetEncoder();

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Puts it in the place of Console's.</summary>
    public static void Install()
    {
        Console.SetOut(new PlainOutput(1));
        Console.SetError(new PlainOutput(2));
    }

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void WriteLine() => Write("\n");

    public override void WriteLine(string? value) => Write(value + "\n");

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(buffer.Length)];
        int left = _encoder.GetBytes(buffer, bytes, flush: false); // half a surrogate pair waits for the other half
        fixed (byte* first = bytes)
        {
            for (byte* next = first; left > 0;)
            {
                nint written = Libc.write(descriptor, next, (nuint)left);
                if (written >= 0)
                {
                    next += written;
                    left -= (int)written;
                }
                else if (!TryWait(Marshal.GetLastPInvokeError()))
                {
                    return;
                }
            }
        }
    }

    /// <summary>False if nobody reads any more, as with <c>cleave ps | head -1</c>, which is no failure of ours.</summary>
    private bool TryWait(int errno)
    {
        const int EPIPE = 32;
        const short POLLOUT = 4;
        switch (errno)
        {
            case Libc.EINTR:
                return true;
            case Libc.EAGAIN: // someone else has made our terminal or pipe non-blocking
                ulong poll = (uint)descriptor | ((ulong)POLLOUT << 32); // struct pollfd: int fd, short events, short revents
                _ = Libc.poll(&poll, 1, -1);
                return true;
            case EPIPE:
                return false;
            default:
                throw new IOException($"cannot write the output: {Marshal.GetPInvokeErrorMessage(errno)}");
        }
    }
}
