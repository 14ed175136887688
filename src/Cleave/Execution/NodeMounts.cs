using System.Text;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Planning;

namespace Cleave.Execution;

/// <summary>Makes what a node's processes see. The calling thread is in the node's new mount namespace from <see cref="Enter"/> on.</summary>
internal static class NodeMounts
{
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode EnterableByAll =
        ReadableByAll | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const int Room = Libc.CLONE_NEWNS | Libc.CLONE_NEWUTS | Libc.CLONE_NEWIPC | Libc.CLONE_NEWPID;

    public static void Enter(NodeRoom room)
    {
        NamespaceThread.GoHome(); // the next PID namespace is made from the lab's own, and the mounts are copied from there
        NamespaceThread.JoinNetwork(room.Network);
        NamespaceThread.Unshare(Room, "mount, host name, IPC and PID namespaces");
        MountPrivate();
    }

    /// <summary>What is mounted from now on is seen nowhere else.</summary>
    public static void MountPrivate() => Mount("none", "/", null, Libc.MS_REC | Libc.MS_PRIVATE, null, "keep the node's mounts to itself");

    /// <summary>Carries one out.</summary>
    /// <param name="operation">What to do.</param>
    /// <param name="held">The folders that are held, by slot.</param>
    public static void Do(Operation operation, IReadOnlyDictionary<int, Descriptor> held)
    {
        switch (operation)
        {
            case Operation.SetHostname o:
                SetHostname(o.Name);
                break;
            case Operation.SetIpcSysctl o:
                Sysctl.Write(o.Key, o.Value);
                break;
            case Operation.MountTmpfs o:
                MountTmpfs(o);
                break;
            case Operation.MakeFolder o:
                Directory.CreateDirectory(o.Folder);
                break;
            case Operation.GiveFolder o:
                LinuxException.Check(Libc.chown(o.Folder, o.Uid, o.Gid), $"give {o.Folder} to user id {o.Uid}");
                break;
            case Operation.BindVolume o:
                BindVolume(o, held);
                break;
            case Operation.MountSysfs:
                MountSysfs();
                break;
            case Operation.ReplaceFile o:
                ReplaceFile(o);
                break;
            default:
                throw new InvalidOperationException($"nobody carries out {operation.GetType().Name}");
        }
    }

    /// <summary>Mounts the sysfs of the network namespace that the thread is in.</summary>
    public static void MountSysfs(bool readOnly)
    {
        ulong flags = Libc.MS_NOSUID | Libc.MS_NODEV | Libc.MS_NOEXEC | (readOnly ? Libc.MS_RDONLY : 0);
        Mount("sysfs", "/sys", "sysfs", flags, null, "mount sysfs on /sys");
    }

    /// <inheritdoc cref="MountSysfs(bool)"/>
    public static void MountSysfs()
    {
        try
        {
            MountSysfs(readOnly: false);
        }
        catch (LinuxException e) when (e.Errno is Libc.EPERM or Libc.EACCES)
        {
            MountSysfs(readOnly: true); // in a container whose /sys is read-only the kernel gives no other
        }
    }

    private static unsafe void SetHostname(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        fixed (byte* first = bytes)
        {
            LinuxException.Check(Libc.sethostname(first, (nuint)bytes.Length), $"set the host name {name}");
        }
    }

    private static void MountTmpfs(Operation.MountTmpfs o)
    {
        MakeTarget(o.Target, isFolder: true);
        string options = $"mode={o.Mode}{(o.Size is { } size ? $",size={size}" : "")}{(o.Owner is { } owner ? $",uid={owner},gid={owner}" : "")}";

        // A folder below stays reachable through a descriptor once it is covered.
        using Descriptor? keep = o.Keep is null ? null : Descriptor.Open(o.Keep, Libc.O_RDONLY);
        Mount("tmpfs", o.Target, "tmpfs", Libc.MS_NOSUID | Libc.MS_NODEV, options, $"mount a tmpfs on {o.Target}");
        if (keep is not null)
        {
            MakeFolders(o.Target, o.Keep!);
            Mount($"/proc/self/fd/{keep.Fd}", o.Keep!, null, Libc.MS_BIND | Libc.MS_REC, null, $"show {o.Keep} below {o.Target}");
        }
    }

    private static void BindVolume(Operation.BindVolume o, IReadOnlyDictionary<int, Descriptor> held)
    {
        string source = o.Slot is { } slot ? $"/proc/self/fd/{held[slot].Fd}{o.Source}" : o.Source;
        MakeTarget(o.Target, Directory.Exists(source));
        Mount(source, o.Target, null, Libc.MS_BIND | Libc.MS_REC, null, $"show {o.Source} at {o.Target}");
        for (int i = 0; i < o.Covers; i++)
        {
            LinuxException.Check(Libc.umount2(o.Target, Libc.MNT_DETACH), $"uncover {o.Target}");
        }

        if (o.ReadOnly)
        {
            MakeReadOnly(o.Target);
        }
    }

    /// <summary>Makes what something is to be mounted on, unless it is there.</summary>
    private static void MakeTarget(string target, bool isFolder)
    {
        if (Path.Exists(target))
        {
            return;
        }

        string folder = isFolder ? target : Path.GetDirectoryName(target)!;
        string there = folder;
        while (!Directory.Exists(there))
        {
            there = Path.GetDirectoryName(there)!;
        }

        if (there != folder)
        {
            MakeFolders(there, folder);
        }

        if (!isFolder)
        {
            File.WriteAllBytes(target, []);
        }
    }

    /// <summary>The mount and all below it (mount_setattr(2), Linux 5.12).</summary>
    private static unsafe void MakeReadOnly(string target)
    {
        const long MountSetAttr = 442;
        const int AtFdCwd = -100;
        const int Recursive = 0x8000; // AT_RECURSIVE
        const ulong ReadOnly = 1; // MOUNT_ATTR_RDONLY
        ulong* attributes = stackalloc ulong[4] { ReadOnly, 0, 0, 0 }; // struct mount_attr: set, clear, propagation, user namespace
        byte[] path = Encoding.UTF8.GetBytes(target + "\0");
        fixed (byte* first = path)
        {
            LinuxException.Check((int)Libc.syscall(MountSetAttr, AtFdCwd, first, Recursive, attributes, 4 * sizeof(ulong)), $"make {target} read-only, which takes Linux 5.12");
        }
    }

    /// <summary>Makes the folders on the way, for every user id of the node, whatever the user's umask is.</summary>
    private static void MakeFolders(string from, string to)
    {
        string folder = from;
        foreach (string name in to[(from.Length + 1)..].Split('/'))
        {
            folder = Path.Combine(folder, name);
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, EnterableByAll);
        }
    }

    /// <summary>Carries one out, again for instance.</summary>
    public static void ReplaceFile(Operation.ReplaceFile o)
    {
        if (o.Optional && !File.Exists(o.Target))
        {
            return;
        }

        string source = $"/dev/shm/{Path.GetFileName(o.Target)}";
        File.WriteAllText(source, o.Text);
        File.SetUnixFileMode(source, ReadableByAll | UnixFileMode.UserWrite);
        Mount(source, o.Target, null, Libc.MS_BIND, null, $"put another {o.Target} in place");
        File.Delete(source); // the mount keeps it
    }

    private static void Mount(string source, string target, string? type, ulong flags, string? data, string action) =>
        LinuxException.Check(Libc.mount(source, target, type, flags, data), action);
}
