using System.Buffers;
using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Runs.Packets;

/// <summary>
/// The newest packets of a node, in two files of which the older one is replaced when the newer one is half of what is kept: both are whole at any moment,
/// whatever is killed. Not thread-safe.
/// </summary>
internal sealed unsafe class PacketRing : IDisposable
{
    private const uint OwnerOnly = 0x180; // 0600: packets have secrets

    private readonly string _path;
    private readonly string _application;
    private readonly long _half;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly List<(string Name, ushort Hardware)> _links = [];
    private Descriptor? _file;
    private long _size;
    private bool _failed;

    /// <summary>Begins a recording.</summary>
    /// <param name="path">The file.</param>
    /// <param name="application">What it is made by.</param>
    /// <param name="kept">Bytes of it and the older one together.</param>
    public PacketRing(string path, string application, long kept) => (_path, _application, _half) = (path, application, kept / 2);

    /// <summary>The file with what came before.</summary>
    public static string Older(string path) => path + ".1";

    /// <summary>The number of a new link.</summary>
    public int Add(string name, ushort hardware)
    {
        _links.Add((name, hardware));
        if (_file is not null)
        {
            PcapNg.WriteLink(_buffer, name, hardware);
        }

        return _links.Count - 1;
    }

    /// <summary>Adds a packet to what the next <see cref="Flush"/> writes.</summary>
    public void Add(SeenPacket packet, ReadOnlySpan<byte> bytes)
    {
        if (_file is null || _size + _buffer.WrittenCount > _half)
        {
            Begin();
        }

        PcapNg.WritePacket(_buffer, packet, bytes);
    }

    /// <summary>Adds what became of a link's packets.</summary>
    public void AddStatistics(int link, long nanoseconds, ulong received, ulong dropped)
    {
        if (_file is not null)
        {
            PcapNg.WriteStatistics(_buffer, link, nanoseconds, received, dropped);
        }
    }

    /// <summary>Writes what was added. A disk that takes no more ends the recording.</summary>
    /// <returns>0, or the error number, once.</returns>
    public int Flush()
    {
        ReadOnlySpan<byte> left = _buffer.WrittenSpan;
        int errno = 0;
        fixed (byte* first = left)
        {
            for (int done = 0; done < left.Length && !_failed;)
            {
                nint wrote = Libc.write(_file!.Fd, first + done, (nuint)(left.Length - done));
                if (wrote >= 0)
                {
                    done += (int)wrote;
                }
                else if ((errno = Marshal.GetLastPInvokeError()) != Libc.EINTR)
                {
                    _failed = true;
                }
            }
        }

        _size += left.Length;
        _buffer.ResetWrittenCount();
        return _failed ? errno : 0;
    }

    /// <summary>Makes one file of both, when nobody writes any more.</summary>
    public static void Join(string path)
    {
        string older = Older(path);
        if (!File.Exists(older))
        {
            return;
        }

        string joined = path + ".new";
        using (FileStream before = File.OpenRead(older))
        using (FileStream after = File.OpenRead(path))
        using (var whole = new FileStream(joined, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            PcapNg.Join(before, after, whole);
        }

        File.Move(joined, path, overwrite: true);
        File.Delete(older);
    }

    public void Dispose() => _file?.Dispose();

    private void Begin()
    {
        if (_file is not null)
        {
            _ = Flush();
            _file.Dispose();
            _ = Libc.rename(_path, Older(_path));
        }

        _file = Descriptor.Open(_path, Libc.O_WRONLY | Libc.O_CREAT, OwnerOnly);
        _size = 0;
        PcapNg.WriteHeader(_buffer, _application);
        _links.ForEach(l => PcapNg.WriteLink(_buffer, l.Name, l.Hardware));
    }
}
