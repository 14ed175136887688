using System.Globalization;
using System.IO.Compression;
using System.Text;
using Cleave.Linux;
using Cleave.Registry;

namespace Cleave.VirtualMachines;

/// <summary>A machine of plain qemu: a Debian kernel on the host's own files, read-only, with a disk that goes with the machine laid over them.</summary>
internal sealed class QemuMachine(MachineOptions options, KernelCache cache) : IMachine
{
    public const string Tool = "qemu-system-x86_64";

    private static readonly TimeSpan KvmPatience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(50);

    private readonly string _folder = Path.Combine(RuntimeDirectory.Ensure() + "-vm", options.Name);

    public string By => "qemu";

    public string Cleave => Environment.ProcessPath!;

    private string Log => Path.Combine(_folder, "console.log");

    private string Pid => Path.Combine(_folder, "pid");

    private string Done => Path.Combine(_folder, "up");

    public bool Up(Action<string> say, CancellationToken cancel)
    {
        if (Find() is not null && File.Exists(Done))
        {
            return false;
        }

        Down(); // what is left of one that was killed
        try
        {
            Kernel kernel = cache.Get(options.Image, say, cancel);
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            WriteFirstFiles(kernel);
            bool isKvm = File.Exists("/dev/kvm") && Start(kernel, "kvm", cancel) && Waits(QemuGuest.Alive, KvmPatience, cancel);
            if (!isKvm)
            {
                Stop();
                say("without KVM, which boots no kernel here: an emulated machine is several times slower");
                if (!Start(kernel, "tcg", cancel))
                {
                    throw new MachineException($"{Tool} does not start: {Said()}");
                }
            }

            if (!Waits(QemuGuest.Ready, Patience, cancel))
            {
                throw new MachineException($"the machine did not come up: {Said()}");
            }

            File.WriteAllText(Done, "");
            return true;
        }
        catch
        {
            Down();
            throw;
        }
    }

    public Task<int> RunAsync(string folder, IReadOnlyList<string> command, bool isTerminal, CancellationToken cancel)
    {
        string[] passed = ["DOTNET_ROOT", "NO_COLOR", "TERM"];
        var env = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(k => passed.Contains(k) || (k.StartsWith("CLEAVE_", StringComparison.Ordinal) && k is not ("CLEAVE_LAB" or "CLEAVE_RUNTIME")))
            .ToDictionary(k => k, k => Environment.GetEnvironmentVariable(k)!, StringComparer.Ordinal);
        if (!isTerminal)
        {
            env["TERM"] = "dumb"; // inside, its output is a terminal all the same
        }

        if (!isTerminal && Console.IsOutputRedirected)
        {
            env["NO_COLOR"] = "1";
        }

        return GuestConsole.RunAsync(_folder, QemuGuest.Script(folder, command, env), isTerminal, cancel);
    }

    public bool Down()
    {
        bool wasUp = Stop();
        if (!Directory.Exists(_folder))
        {
            return wasUp;
        }

        Directory.Delete(_folder, recursive: true);
        return true;
    }

    /// <summary>The command line.</summary>
    internal static IEnumerable<string> Arguments(MachineOptions options, Kernel kernel, string folder, string accelerator) =>
    [
        "-machine", "pc", "-accel", accelerator, "-cpu", accelerator == "kvm" ? "host" : "max",
        "-m", $"{options.Memory >> 20}M", "-smp", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        "-nodefaults", "-display", "none", "-no-reboot", "-daemonize", "-pidfile", $"{folder}/pid", "-nic", "none",
        "-serial", $"file:{folder}/console.log",
        "-kernel", kernel.Image, "-initrd", $"{folder}/initrd", "-append", "console=ttyS0 quiet panic=-1",
        "-drive", $"file={folder}/disk,format=raw,if=virtio,cache=unsafe",
        .. Share("/", "root", isReadOnly: true), .. Share(kernel.Modules, "modules", isReadOnly: true), .. Share(options.Project, "project", isReadOnly: false),
        "-device", "virtio-serial",
        .. Enumerable.Range(0, QemuGuest.Consoles).SelectMany(n => (string[])["-chardev", $"socket,id=c{n},path={folder}/c{n},server=on,wait=off", "-device", $"virtconsole,chardev=c{n}"]),
    ];

    // A comma in a value is written twice.
    private static string[] Share(string path, string tag, bool isReadOnly) =>
        ["-virtfs", $"local,path={path.Replace(",", ",,", StringComparison.Ordinal)},mount_tag={tag},security_model=none,multidevs=remap{(isReadOnly ? ",readonly=on" : "")}"];

    private void WriteFirstFiles(Kernel kernel)
    {
        using (var file = new GZipStream(File.Create(Path.Combine(_folder, "initrd")), CompressionLevel.Fastest))
        {
            var archive = new CpioArchive(file);
            string release = Path.GetFileName(kernel.Modules);
            archive.Add("bin/busybox", 0x1ed, File.ReadAllBytes(kernel.Busybox));
            archive.Add("init", 0x1ed, Encoding.UTF8.GetBytes(QemuGuest.Init(release)));
            archive.Add("cleave-vm/main", 0x1ed, Encoding.UTF8.GetBytes(QemuGuest.Main(options.Name, options.Project)));
            archive.Add("cleave-vm/session", 0x1ed, Encoding.UTF8.GetBytes(QemuGuest.Session));
            foreach (string name in (string[])["dev", "proc", "sys"])
            {
                archive.AddFolder(name);
            }

            string dependencies = File.ReadAllText(Path.Combine(kernel.Modules, "modules.dep"));
            archive.Add($"lib/modules/{release}/modules.dep", 0x1a4, Encoding.UTF8.GetBytes(dependencies));
            foreach (string module in ModuleFiles(dependencies, QemuGuest.Modules))
            {
                archive.Add($"lib/modules/{release}/{module}", 0x1a4, File.ReadAllBytes(Path.Combine(kernel.Modules, module)));
            }

            archive.End();
        }

        using (FileStream disk = File.Create(Path.Combine(_folder, "disk")))
        {
            disk.SetLength(options.Disk); // it takes room as it is written
        }

        HostProgram.Need(Trials.Tool.Find("mkfs.ext4", "/usr/sbin", "/sbin") ?? throw new MachineException("needs mkfs.ext4, from the package e2fsprogs"),
            ["-q", "-O", "^has_journal", "-E", "lazy_itable_init=1", Path.Combine(_folder, "disk")]);
    }

    /// <summary>Modules and all that they need, by modules.dep: paths, each once.</summary>
    internal static IEnumerable<string> ModuleFiles(string dependencies, IEnumerable<string> modules)
    {
        var lines = dependencies.Split('\n').Select(l => l.Split(':', 2)).Where(l => l.Length == 2)
            .ToDictionary(l => Path.GetFileName(l[0]).Split('.')[0].Replace('-', '_'), l => (string[])[l[0], .. l[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)], StringComparer.Ordinal);
        return modules.SelectMany(m => lines.GetValueOrDefault(m, [])).Distinct(StringComparer.Ordinal); // what is not there is built in
    }

    /// <summary>False if it ends at once.</summary>
    private bool Start(Kernel kernel, string accelerator, CancellationToken cancel)
    {
        File.Delete(Log);
        (int code, _, string errors) = HostProgram.Capture(Tool, Arguments(options, kernel, _folder, accelerator), cancel: cancel);
        if (code != 0)
        {
            File.AppendAllText(Log, errors);
        }

        return code == 0;
    }

    /// <summary>Whether a line comes while the machine runs.</summary>
    private bool Waits(string line, TimeSpan limit, CancellationToken cancel)
    {
        for (DateTime end = DateTime.UtcNow + limit; DateTime.UtcNow < end && Find() is not null; cancel.WaitHandle.WaitOne(Often))
        {
            cancel.ThrowIfCancellationRequested();
            if (ReadLog().Contains(line, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends the process; false if there is none.</summary>
    private bool Stop()
    {
        if (Find() is not { } pid)
        {
            return false;
        }

        _ = Libc.kill(pid, Libc.SIGKILL); // there is nothing on its disk that anybody wants
        while (Find() is not null)
        {
            Thread.Sleep(10);
        }

        return true;
    }

    /// <summary>The process that has our pid file, if it is a qemu with our folder in its command line.</summary>
    private int? Find()
    {
        try
        {
            return int.TryParse(File.ReadAllText(Pid).Trim(), CultureInfo.InvariantCulture, out int pid)
                && File.ReadAllText($"/proc/{pid}/cmdline").Contains($"{_folder}/pid", StringComparison.Ordinal) ? pid : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string ReadLog()
    {
        try
        {
            return File.ReadAllText(Log);
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>The end of what it has said.</summary>
    private string Said() => string.Join(" | ", ReadLog().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(3));
}
