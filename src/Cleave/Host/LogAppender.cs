using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Cleave.Linux;

namespace Cleave.Host;

/// <summary>
/// Appends lines with their times to a log file. Lines that a full disk does not take are counted, and where the file goes on stands how many are
/// missing: it is never silently incomplete. Not thread-safe.
/// </summary>
internal sealed class LogAppender : IDisposable
{
    private const int Append = 0x400; // O_APPEND, asm-generic/fcntl.h
    private const uint ReadWriteForAll = 0x1b6; // 0666, less the umask

    private readonly Descriptor _file;
    private readonly TimeProvider _clock;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private int _marker; // bytes at the start of the buffer that tell of missing lines
    private bool _torn; // the file ends in the middle of a line

    /// <summary>Opens the file, making it if it is missing.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public LogAppender(string path, TimeProvider clock)
    {
        _file = Descriptor.Open(path, Libc.O_WRONLY | Libc.O_CREAT | Append, ReadWriteForAll);
        _clock = clock;
    }

    /// <summary>Lines that the file has not taken, and does not tell of yet.</summary>
    public long Missing { get; private set; }

    /// <summary>Adds a line to what the next <see cref="Flush"/> writes.</summary>
    public void Add(string text)
    {
        if (_buffer.WrittenCount == 0)
        {
            AddMarker();
        }

        AddLine(text);
    }

    /// <summary>Writes the lines added since the last time.</summary>
    /// <returns>0, or the error number by which lines are missing.</returns>
    public int Flush()
    {
        ReadOnlySpan<byte> bytes = _buffer.WrittenSpan;
        int done = Write(bytes, out int errno);
        if (errno == 0)
        {
            Missing = bytes.IsEmpty ? Missing : 0;
        }
        else
        {
            Missing = (done < _marker ? Missing : 0) + bytes[Math.Max(done, _marker)..].Count((byte)'\n');
        }

        _torn = done == 0 ? _torn : bytes[done - 1] != '\n';
        _buffer.ResetWrittenCount();
        _marker = 0;
        return errno;
    }

    /// <summary>Tells of what is missing at the end, if there is room now, and closes the file.</summary>
    public void Dispose()
    {
        if (_buffer.WrittenCount == 0)
        {
            AddMarker();
        }

        _ = Flush();
        _file.Dispose();
    }

    private void AddMarker()
    {
        if (Missing > 0)
        {
            if (_torn)
            {
                _buffer.Write("\n"u8);
            }

            AddLine($"[cleave: {(Missing == 1 ? "1 line is" : $"{Missing} lines are")} missing here; the file could not be written]");
            _marker = _buffer.WrittenCount;
        }
    }

    private void AddLine(string text)
    {
        if (_clock.GetUtcNow().TryFormat(_buffer.GetSpan(32), out int length, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z' ", CultureInfo.InvariantCulture))
        {
            _buffer.Advance(length);
        }

        Encoding.UTF8.GetBytes(text, _buffer);
        _buffer.Write("\n"u8);
    }

    private unsafe int Write(ReadOnlySpan<byte> bytes, out int errno)
    {
        int done = 0;
        errno = 0;
        fixed (byte* first = bytes)
        {
            while (done < bytes.Length)
            {
                nint wrote = Libc.write(_file.Fd, first + done, (nuint)(bytes.Length - done));
                if (wrote >= 0)
                {
                    done += (int)wrote;
                }
                else if ((errno = Marshal.GetLastPInvokeError()) != Libc.EINTR)
                {
                    return done;
                }
            }
        }

        errno = 0;
        return done;
    }
}
