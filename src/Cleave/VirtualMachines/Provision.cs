namespace Cleave.VirtualMachines;

/// <summary>What is put into machines that come with a distribution of their own.</summary>
internal static class Provision
{
    /// <summary>Where the program is copied to, by a user who is not root.</summary>
    public const string Transferred = "/tmp/cleave-program";

    /// <summary>Where it is then.</summary>
    public const string Program = "/usr/local/bin/cleave";

    /// <summary>As root: what labs need, of Debian and of Ubuntu.</summary>
    public const string Script =
        $"export DEBIAN_FRONTEND=noninteractive; apt-get update -q && apt-get install -qy --no-install-recommends iproute2 nftables iputils-ping uidmap util-linux libicu* && install -m 755 {Transferred} {Program}";
}
