using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Cleave.Linux;
using Cleave.Registry;

namespace Cleave.Host;

/// <summary>
/// Appends lines with their times to a log file. Lines that a full disk does not take are counted, and where the file goes on stands how many are
/// missing: it is never silently incomplete. What is kept is bounded: when half of it is written, the file becomes the older one of two, in place of
/// the one before, and another begins. Not thread-safe.
/// </summary>
internal sealed class LogAppender : IDisposable
{
    private const int Append = 0x400; // O_APPEND, asm-generic/fcntl.h
    private const uint ReadWriteForAll = 0x1b6; // 0666, less the umask

    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly long _half;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly ArrayBufferWriter<byte> _line = new();
    private Descriptor? _file; // opened with the first line: of five hundred nodes many print none, and each start of a program copies all descriptors
    private long _size; // of the file, in bytes
    private long _lines; // in all files so far
    private int _marker; // bytes at the start of the buffer that tell of missing lines
    private int _errno; // since the last flush
    private bool _torn; // the file ends in the middle of a line

    /// <summary>For a file that is there, or will be made.</summary>
    /// <param name="path">The file.</param>
    /// <param name="clock">What the times are from.</param>
    /// <param name="kept">Bytes of it and the older one together.</param>
    public LogAppender(string path, TimeProvider clock, long kept)
    {
        (_path, _clock, _half) = (path, clock, kept / 2);
        var file = new FileInfo(path);
        _size = file.Exists ? file.Length : 0;
    }

    /// <summary>Lines that the file has not taken, and does not tell of yet.</summary>
    public long Missing { get; private set; }

    /// <summary>Adds a line to what the next <see cref="Flush"/> writes.</summary>
    public void Add(string text)
    {
        _line.ResetWrittenCount();
        WriteLine(_line, text);
        if (_size + _buffer.WrittenCount + _line.WrittenCount > _half)
        {
            WriteBuffer();
            if (_size > 0 && _size + _line.WrittenCount > _half)
            {
                Rotate();
            }
        }

        if (_buffer.WrittenCount == 0)
        {
            AddMarker();
        }

        _buffer.Write(_line.WrittenSpan);
    }

    /// <summary>Writes the lines added since the last time.</summary>
    /// <returns>0, or the error number by which lines are missing.</returns>
    public int Flush()
    {
        WriteBuffer();
        (int errno, _errno) = (_errno, 0);
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
        _file?.Dispose();
    }

    private void WriteBuffer()
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
            _errno = errno;
        }

        _size += done;
        _lines += bytes[..done].Count((byte)'\n');
        _torn = done == 0 ? _torn : bytes[done - 1] != '\n';
        _buffer.ResetWrittenCount();
        _marker = 0;
    }

    /// <summary>
    /// Begins another file. Its first line, which is none of the log's, says how many lines stood in all files before it: by that, a reader who was
    /// too slow knows.
    /// </summary>
    private void Rotate()
    {
        // Where no other file can be opened, this one goes on as the older one, until the next line tries again.
        _ = Libc.rename(_path, LabRecord.Older(_path));
        try
        {
            Descriptor next = Open(_path);
            _file?.Dispose();
            _file = next;
        }
        catch (LinuxException)
        {
            return;
        }

        byte[] head = Encoding.UTF8.GetBytes(LogHead.Line(_lines));
        int done = Write(head, out int errno);
        (_size, _torn) = (done, done > 0 && done < head.Length);
        _errno = errno == 0 ? _errno : errno;
    }

    /// <summary>Opens the file, making it if it is missing.</summary>
    public static Descriptor Open(string path) => Descriptor.Open(path, Libc.O_WRONLY | Libc.O_CREAT | Append, ReadWriteForAll);

    private void AddMarker()
    {
        if (_torn)
        {
            _buffer.Write("\n"u8);
            _marker = _buffer.WrittenCount;
        }

        if (Missing > 0)
        {
            WriteLine(_buffer, $"[cleave: {(Missing == 1 ? "1 line is" : $"{Missing} lines are")} missing here; the file could not be written]");
            _marker = _buffer.WrittenCount;
        }
    }

    private void WriteLine(ArrayBufferWriter<byte> buffer, string text)
    {
        if (_clock.GetUtcNow().TryFormat(buffer.GetSpan(32), out int length, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z' ", CultureInfo.InvariantCulture))
        {
            buffer.Advance(length);
        }

        Encoding.UTF8.GetBytes(text, buffer);
        buffer.Write("\n"u8);
    }

    private unsafe int Write(ReadOnlySpan<byte> bytes, out int errno)
    {
        int done = 0;
        errno = 0;
        if (bytes.IsEmpty)
        {
            return 0;
        }

        try
        {
            _file ??= Open(_path);
        }
        catch (LinuxException e)
        {
            errno = e.Errno;
            return 0;
        }

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
