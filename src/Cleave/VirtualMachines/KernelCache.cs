using System.Security.Cryptography;

namespace Cleave.VirtualMachines;

/// <summary>
/// A kernel with its modules, and busybox, out of Debian packages that apt-get downloads; kept in the user's cache, and held against apt's own checksums, whose
/// list is signed, each time. Neither is installed.
/// </summary>
internal sealed class KernelCache(string folder)
{
    private const string Meta = "linux-image-amd64";
    private const string Busybox = "busybox-static";

    /// <summary>The user's.</summary>
    public static KernelCache OfUser() => new(Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given ? given : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "cleave", "vm"));

    /// <summary>The newest kernel of the distribution, or the package named.</summary>
    /// <exception cref="MachineException">It is not to be had.</exception>
    public Kernel Get(string? image, Action<string> say, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        string kernel = Unpack(image ?? Newest(cancel), say, cancel);
        string busybox = Path.Combine(Unpack(Busybox, say, cancel), "bin", "busybox");
        string[] releases = Directory.Exists(Path.Combine(kernel, "lib", "modules")) ? Directory.GetDirectories(Path.Combine(kernel, "lib", "modules")) : [];
        if (releases is not [var modules] || Path.Combine(kernel, "boot", $"vmlinuz-{Path.GetFileName(modules)}") is not { } image1 || !File.Exists(image1))
        {
            throw new MachineException($"{Path.GetFileName(kernel)} has no kernel with modules in it; --image takes a Debian package such as {Meta} has as its dependency");
        }

        string dependencies = Path.Combine(modules, "modules.dep");
        if (!File.Exists(dependencies))
        {
            HostProgram.Need(busybox, ["depmod", "-b", kernel, Path.GetFileName(modules)], cancel: cancel);
        }

        return new Kernel(image1, modules, busybox);
    }

    private static string Newest(CancellationToken cancel) =>
        HostProgram.Need("apt-cache", ["depends", Meta], cancel: cancel).Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith("Depends: linux-image-", StringComparison.Ordinal))?["Depends: ".Length..]
        ?? throw new MachineException($"apt-cache knows no {Meta}; apt-get update may help, or --image names a package with a kernel");

    /// <summary>The folder with what is in a package.</summary>
    private string Unpack(string package, Action<string> say, CancellationToken cancel)
    {
        Dictionary<string, string> fields = Show(package, cancel);
        string stem = $"{package}_{fields["Version"].Replace(':', '_')}";
        string file = Path.Combine(folder, $"{stem}.deb"), unpacked = Path.Combine(folder, stem);
        if (!IsRight(file, fields["SHA256"]))
        {
            say($"downloading {package} ({long.Parse(fields["Size"], System.Globalization.CultureInfo.InvariantCulture) >> 20} MiB)");
            Download(package, file, fields["SHA256"], cancel);
            Delete(unpacked);
        }

        if (!Directory.Exists(unpacked))
        {
            string half = $"{unpacked}.{Environment.ProcessId}";
            try
            {
                HostProgram.Need("dpkg-deb", ["-x", file, half], cancel: cancel);
                Directory.Move(half, unpacked);
            }
            finally
            {
                Delete(half);
            }
        }

        return unpacked;
    }

    private void Download(string package, string file, string sum, CancellationToken cancel)
    {
        string work = Path.Combine(folder, $"download.{Environment.ProcessId}");
        Directory.CreateDirectory(work);
        try
        {
            // Or root's apt would drop its rights, and could not write here.
            HostProgram.Need("apt-get", ["-q", "-o", "APT::Sandbox::User=root", "download", package], work, cancel);
            string got = Directory.GetFiles(work, "*.deb") is [var one] ? one : throw new MachineException($"apt-get has downloaded no {package}");
            if (!IsRight(got, sum))
            {
                throw new MachineException($"what apt-get has downloaded for {package} is not what its list says (SHA256); apt-get update may help");
            }

            File.Move(got, file, overwrite: true);
        }
        finally
        {
            Delete(work);
        }
    }

    private static Dictionary<string, string> Show(string package, CancellationToken cancel)
    {
        (int code, string output, string errors) = HostProgram.Capture("apt-cache", ["show", "--no-all-versions", package], cancel: cancel);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string[] field in output.Split('\n').TakeWhile(l => l.Length > 0).Select(l => l.Split(": ", 2)).Where(f => f.Length == 2))
        {
            fields[field[0]] = field[1];
        }

        return code == 0 && fields.ContainsKey("SHA256") && fields.ContainsKey("Version") && fields.ContainsKey("Size") ? fields
            : throw new MachineException($"apt-cache knows no package {package}: {errors}; apt-get update may help, or --image names another");
    }

    private static bool IsRight(string file, string sum)
    {
        if (!File.Exists(file))
        {
            return false;
        }

        using FileStream stream = File.OpenRead(file);
        return Convert.ToHexString(SHA256.HashData(stream)).Equals(sum, StringComparison.OrdinalIgnoreCase);
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}

/// <summary>What a machine boots.</summary>
/// <param name="Image">The kernel's file.</param>
/// <param name="Modules">The folder with its modules, named after its release.</param>
/// <param name="Busybox">A static busybox.</param>
internal sealed record Kernel(string Image, string Modules, string Busybox);
