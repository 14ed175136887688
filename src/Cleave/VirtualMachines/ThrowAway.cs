namespace Cleave.VirtualMachines;

/// <summary>Chooses what makes a machine, by what is installed.</summary>
internal static class ThrowAway
{
    /// <summary>In the order in which they are taken.</summary>
    public static readonly string[] Backends = ["multipass", "lima", "qemu"];

    /// <summary>The machine.</summary>
    /// <param name="options">What the user says of it.</param>
    /// <param name="backend">One of <see cref="Backends"/>; null: the first that is installed.</param>
    /// <exception cref="MachineException">None is.</exception>
    public static IMachine Choose(MachineOptions options, string? backend) => (backend ?? Installed()) switch
    {
        "multipass" => new MultipassMachine(options),
        "lima" => new LimaMachine(options),
        _ => new QemuMachine(options, KernelCache.OfUser()),
    };

    private static string Installed() =>
        Has("multipass") ? "multipass" : Has("limactl") ? "lima" : Has(QemuMachine.Tool) ? "qemu"
        : throw new MachineException(
            "nothing that makes virtual machines is installed: multipass (snap install multipass, or brew), lima (brew install lima), or qemu (apt-get install qemu-system-x86)");

    private static bool Has(string program) => Trials.Tool.Find(program) is not null;
}
