using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cleave.Control;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Registry;

/// <summary>The user's labs on this machine: finds them, makes room for a new one, sweeps what dead ones left.</summary>
public static class LabRegistry
{
    private const int KeptLogs = 20;
    private const string NodeNames = "nodes"; // a file in the lab's folder, a line each

    /// <summary>All living labs, oldest first.</summary>
    public static IReadOnlyList<LabRecord> List()
    {
        // Neither Linq's sorting nor a text reader, which take longer to start than all the rest of this.
        var labs = new List<LabRecord>();
        foreach (string folder in Directory.GetDirectories(RuntimeDirectory.Ensure()))
        {
            if (TryRead(Path.Combine(folder, "lab.json")) is { } lab)
            {
                labs.Add(lab with { Folder = folder }); // a node may see it elsewhere
            }
        }

        labs.Sort((a, b) => a.Started != b.Started ? a.Started.CompareTo(b.Started) : string.CompareOrdinal(a.Id, b.Id));
        return labs;
    }

    /// <summary>The names of a lab's nodes, in the file's order, without asking it: for shells that complete.</summary>
    public static IReadOnlyList<string> Nodes(LabRecord lab)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(lab.Folder, NodeNames));
        }
        catch (IOException)
        {
            return []; // it is ending
        }
    }

    /// <summary>Makes the folders of a new lab, and marks it as alive for as long as the reservation is held.</summary>
    /// <param name="topology">The lab.</param>
    /// <param name="ports">Its published ports.</param>
    /// <param name="logs">Where its logs go, if not into a folder of its own.</param>
    internal static Reservation Reserve(LabTopology topology, ImmutableArray<PortRecord> ports, string? logs)
    {
        string runtime = RuntimeDirectory.Ensure();
        string name = LabName.Short(topology.Directory);
        for (int attempt = 0; attempt < 100; attempt++)
        {
            string id = $"{name}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}";
            string folder = Path.Combine(runtime, id);
            if (FileOwner.Of(folder + ".lock") is not null || LabLock.Hold(folder + ".lock", create: true) is not { } alive)
            {
                continue;
            }

            try
            {
                return new Reservation(MakeFolders(topology, ports, id, folder, logs), alive);
            }
            catch
            {
                RemoveTree(folder);
                File.Delete(folder + ".lock");
                alive.Dispose();
                throw; // a full disk, or no right to write there
            }
        }

        throw new CleaveException($"cannot find a free lab id in {runtime}; remove what is left there");
    }

    private static LabRecord MakeFolders(LabTopology topology, ImmutableArray<PortRecord> ports, string id, string folder, string? logs)
    {
        Directory.CreateDirectory(folder);
        var record = new LabRecord(id, topology.File, folder, ProjectState.Make(topology.Directory, "labs", id), DateTimeOffset.UtcNow, CleaveVersion.Current)
        {
            Grace = topology.Nodes.Max(n => n.Stop.Grace),
            Ports = ports,
        };
        string text = JsonSerializer.Serialize(record, RegistryJson.Default.LabRecord);
        string names = string.Concat(topology.Nodes.Select(n => n.Name + "\n"));
        File.WriteAllText(Path.Combine(folder, "lab.json"), text);
        File.WriteAllText(Path.Combine(folder, NodeNames), names);
        foreach ((int number, Node node) in topology.Nodes.Index())
        {
            if (node is { Control: true, User.IsRoot: false })
            {
                MakeFolderForAll(ControlPlan.FolderOf(folder, number), text, names);
            }
        }

        // Programs print secrets, and projects are open to others.
        Directory.CreateDirectory(logs ?? Path.Combine(record.State, "logs"), RuntimeDirectory.OwnerOnly);
        if (logs is not null)
        {
            Directory.CreateSymbolicLink(Path.Combine(record.State, "logs"), logs);
        }

        Directory.CreateDirectory(Path.Combine(record.State, "data")); // the nodes' own are the lab host's to make
        return record;
    }

    /// <summary>What only one node sees; whoever has started the lab is somebody else to the node's user, whatever the umask is.</summary>
    private static void MakeFolderForAll(string folder, string record, string names)
    {
        const UnixFileMode ReadByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode EnterByAll = ReadByAll | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, EnterByAll);
        foreach ((string name, string text) in (ReadOnlySpan<(string, string)>)[("lab.json", record), (NodeNames, names)])
        {
            string file = Path.Combine(folder, name);
            File.WriteAllText(file, text);
            File.SetUnixFileMode(file, ReadByAll);
        }
    }

    /// <summary>Removes what dead labs left: their runtime folders and data. Logs stay, the newest twenty of a lab file.</summary>
    /// <returns>The ids of the labs swept.</returns>
    public static IReadOnlyList<string> Sweep()
    {
        var swept = new List<string>();
        foreach (string lockFile in Directory.GetFiles(RuntimeDirectory.Ensure(), "*.lock"))
        {
            try
            {
                if (TrySweep(lockFile))
                {
                    swept.Add(Path.GetFileNameWithoutExtension(lockFile));
                }
            }
            catch (Exception e) when (e is CleaveException or IOException or UnauthorizedAccessException)
            {
                // What is left of one lab must not be in the way of all others; the next command tries again.
            }
        }

        return swept;
    }

    /// <summary>Sweeps one lab; false while it is alive.</summary>
    internal static bool TrySweep(LabRecord lab) => !File.Exists(lab.LockFile) || TrySweep(lab.LockFile);

    private static bool TrySweep(string lockFile)
    {
        LabLock? mine;
        try
        {
            mine = LabLock.TryOwn(lockFile);
        }
        catch (LinuxException e) when (e.Errno == Libc.ENOENT)
        {
            return false; // another command swept it just now
        }

        if (mine is null)
        {
            return false;
        }

        using (mine)
        {
            string folder = lockFile[..^".lock".Length];
            if (TryRead(Path.Combine(folder, "lab.json")) is { } record)
            {
                RemoveTree(Path.Combine(record.State, "data"));
                PruneLogs(Path.GetDirectoryName(record.State)!);
            }

            RemoveTree(folder);
            File.Delete(lockFile);
            return true;
        }
    }

    /// <summary>Deletes a tree that may hold files of subordinate user ids, which only root of such a user namespace can delete.</summary>
    internal static void RemoveTree(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            UserNamespace.Run(["rm", "-rf", "--", path]);
        }
    }

    private static LabRecord? TryRead(string file)
    {
        try
        {
            return PlainRecords.Lab(Encoding.UTF8.GetString(File.ReadAllBytes(file)));
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return null; // half made or half swept: not a lab one can talk to
        }
    }

    private static void PruneLogs(string labs)
    {
        var folders = new DirectoryInfo(labs).GetDirectories().OrderByDescending(d => d.CreationTimeUtc).Skip(KeptLogs);
        foreach (DirectoryInfo old in folders.Where(d => !Directory.Exists(Path.Combine(d.FullName, "data"))))
        {
            RemoveTree(old.FullName);
        }
    }

    /// <summary>A lab's place on the machine, held while it is being started.</summary>
    internal sealed record Reservation(LabRecord Record, LabLock Alive) : IDisposable
    {
        public void Dispose() => Alive.Dispose();
    }
}
