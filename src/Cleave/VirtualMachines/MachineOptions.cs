namespace Cleave.VirtualMachines;

/// <summary>What a user says of a machine.</summary>
/// <param name="Name">Its name, a DNS label.</param>
/// <param name="Memory">In bytes.</param>
/// <param name="Disk">In bytes; what is written there goes with the machine.</param>
/// <param name="Image">What it boots: a package with a kernel for qemu, an image or template for the others; null: the backend's default.</param>
/// <param name="Project">Absolute path of the folder that is there inside under the same path, and can be written.</param>
/// <param name="Program">The single-file program of Cleave for Linux that is copied into machines of multipass and lima.</param>
internal sealed record MachineOptions(string Name, long Memory, long Disk, string? Image, string Project, string Program)
{
    public const long DefaultMemory = 2L << 30;

    public const long DefaultDisk = 8L << 30;
}
