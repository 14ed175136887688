using Cleave.Doctor;
using Cleave.Linux;
using Cleave.Trials;

namespace Cleave.Uplinks;

/// <summary>The device by which a program makes network links of its own (Documentation/networking/tuntap.rst).</summary>
internal static class TunDevice
{
    private const string Device = "/dev/net/tun";

    /// <summary>Whether every user may open it, as on ordinary distributions.</summary>
    public static bool IsForAll
    {
        get
        {
            const UnixFileMode ForAll = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            return File.Exists(Device) && (File.GetUnixFileMode(Device) & ForAll) == ForAll;
        }
    }

    /// <exception cref="MachineException">This user cannot open it.</exception>
    public static void Require()
    {
        try
        {
            using var tun = Descriptor.Open(Device, Libc.O_RDWR);
        }
        catch (LinuxException e)
        {
            string error = e.Errno switch
            {
                Libc.EACCES => "EACCES",
                Libc.EPERM => "EPERM",
                Libc.ENOENT => "ENOENT",
                Libc.ENODEV => "ENODEV",
                _ => "error",
            };
            throw new MachineException(
                $"gateway: user needs {Device}: {e.Message}" + string.Concat(Remedies.Tun(error, ProcFacts.Container()).Select(line => $"\n    {line}")));
        }
    }
}
