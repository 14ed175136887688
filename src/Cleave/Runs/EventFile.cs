using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cleave.Control;
using Cleave.Linux;

namespace Cleave.Runs;

/// <summary>
/// Writes the events of a run, a line each, each by one write(2) at once: whatever is killed, what has happened until then is there. A disk that takes
/// no more stops nobody; when it does again, the file says how many events are missing. Not thread-safe.
/// </summary>
internal sealed unsafe class EventFile : IDisposable
{
    /// <summary>Lines that commands of steps may print into it; what nodes print is in their logs.</summary>
    public const int MostPrinted = 10_000;

    private const int Append = 0x400; // O_APPEND, asm-generic/fcntl.h
    private const uint OwnerOnly = 0x180; // 0600: programs print secrets

    // As text for people: it is no web page.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Utf8JsonWriter _writer;
    private readonly Descriptor _file;
    private bool _torn;
    private int _missing;
    private int _printed;

    /// <summary>Opens the file, making it if it is missing.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public EventFile(string path)
    {
        _file = Descriptor.Open(path, Libc.O_WRONLY | Libc.O_CREAT | Append, OwnerOnly);
        _writer = new Utf8JsonWriter(_line, Readable);
    }

    /// <summary>Adds an event.</summary>
    public void Add(LabEvent happened)
    {
        if (happened is { Kind: EventKind.Step, Step: null } && ++_printed >= MostPrinted)
        {
            if (_printed > MostPrinted)
            {
                return;
            }

            happened = happened with { Text = $"[cleave: what steps print after these {MostPrinted - 1} lines is left out]" };
        }

        _line.ResetWrittenCount();
        if (_torn)
        {
            _line.Write("\n"u8);
        }

        if (_missing > 0)
        {
            Serialize(new LabEvent(happened.Time, EventKind.Lab, null, $"{_missing} {(_missing == 1 ? "event is" : "events are")} missing here: the file could not be written") { At = happened.At });
        }

        Serialize(happened);
        Write();
    }

    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }

    private void Serialize(LabEvent happened)
    {
        _writer.Reset();
        JsonSerializer.Serialize(_writer, happened, ControlJson.Default.LabEvent);
        _writer.Flush();
        _line.Write("\n"u8);
    }

    private void Write()
    {
        ReadOnlySpan<byte> left = _line.WrittenSpan;
        fixed (byte* first = left)
        {
            for (int done = 0; done < left.Length;)
            {
                nint wrote = Libc.write(_file.Fd, first + done, (nuint)(left.Length - done));
                if (wrote >= 0)
                {
                    done += (int)wrote;
                }
                else if (Marshal.GetLastPInvokeError() != Libc.EINTR)
                {
                    _missing++;
                    _torn |= done > 0;
                    return;
                }
            }
        }

        (_missing, _torn) = (0, false);
    }
}
