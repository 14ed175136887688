using System.Globalization;
using System.Text;

namespace Cleave.VirtualMachines;

/// <summary>Writes archives as the kernel unpacks them at its start: cpio in the format "newc" (Documentation/driver-api/early-userspace/buffer-format.rst).</summary>
internal sealed class CpioArchive(Stream to)
{
    private const int Folder = 0x4000; // S_IFDIR
    private const int File = 0x8000; // S_IFREG
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private int _number;

    /// <summary>A file, and the folders above it.</summary>
    /// <param name="path">Without a slash in front.</param>
    /// <param name="mode">Permissions.</param>
    /// <param name="content">What is in it.</param>
    public void Add(string path, int mode, ReadOnlySpan<byte> content)
    {
        for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            AddFolder(path[..slash]);
        }

        Write(path, File | mode, content);
    }

    public void AddFolder(string path)
    {
        if (_folders.Add(path))
        {
            Write(path, Folder | 0x1ed, []); // 0755
        }
    }

    /// <summary>The end of the archive.</summary>
    public void End() => Write("TRAILER!!!", 0, []);

    private void Write(string path, int mode, ReadOnlySpan<byte> content)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + "\0");
        int[] fields = [++_number, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, name.Length, 0];
        byte[] head = Encoding.ASCII.GetBytes("070701" + string.Concat(fields.Select(f => f.ToString("x8", CultureInfo.InvariantCulture))));
        to.Write(head);
        to.Write(name);
        Pad(head.Length + name.Length);
        to.Write(content);
        Pad(content.Length);
    }

    private void Pad(int written) => to.Write(new byte[(4 - (written % 4)) % 4]);
}
