using System.Collections.Immutable;

namespace Cleave.Doctor;

/// <summary>Remedies that several verdicts share, as lines to read or to run.</summary>
internal static class Remedies
{
    /// <summary>Sets a sysctl now and for good; in a container that is for the host to do.</summary>
    public static ImmutableArray<string> Sysctl(Findings findings, string name, long value)
    {
        ImmutableArray<string> lines =
        [
            $"sudo sysctl -w {name}={value}",
            $"for good: echo '{name}={value}' | sudo tee /etc/sysctl.d/60-cleave.conf",
        ];
        return findings.Container is null ? lines : [$"outside this container ({findings.Container}), on its host:", .. lines];
    }

    /// <summary>Brings a kernel module, or a kernel that has it.</summary>
    public static ImmutableArray<string> Module(Findings findings, string module, string option)
    {
        if (findings.IsWsl)
        {
            return
            [
                "in Windows: wsl --update, then wsl --shutdown",
                $"if that kernel does not have it: one built with {option}=y, named as kernel= below [wsl2] in %UserProfile%\\.wslconfig",
            ];
        }

        ImmutableArray<string> lines =
        [
            $"sudo modprobe {module}",
            "if there is no such module: sudo apt install linux-modules-extra-$(uname -r) (Ubuntu), sudo dnf install kernel-modules-extra (Fedora),",
            $"linux-image-amd64 in place of a slimmer kernel (Debian), or a kernel with {option}",
        ];
        return findings.Container is null ? lines : [$"outside this container ({findings.Container}), on its host:", .. lines];
    }

    /// <summary>Lets the user open /dev/net/tun.</summary>
    /// <param name="error">How that failed, as errno(3) lists it.</param>
    /// <param name="container">The kind of container we are in, or null.</param>
    public static ImmutableArray<string> Tun(string? error, string? container) => error switch
    {
        "EACCES" or "EPERM" when container is null =>
        [
            "sudo chmod 0666 /dev/net/tun",
            "for good: echo 'KERNEL==\"tun\", MODE=\"0666\"' | sudo tee /etc/udev/rules.d/60-tun.rules",
        ],
        "ENOENT" or "ENODEV" when container is null => ["sudo modprobe tun"],
        _ => ["docker run --device /dev/net/tun, podman run --device /dev/net/tun"],
    };

    /// <summary>Lets a container make user namespaces, mount in them, and mount a /proc.</summary>
    public static ImmutableArray<string> Container(Findings findings) => findings.Container switch
    {
        "podman" =>
        [
            $"{Podman} (and on SELinux --security-opt label=disable)",
        ],
        "lxc" => ["lxc config set NAME security.nesting=true (LXD, Incus), or lxc.include = /usr/share/lxc/config/nesting.conf (LXC)"],
        "docker" => [Docker, Gitlab],
        _ => [$"with Docker: {Docker}", $"with Podman: {Podman}"],
    };

    // Podman's own filter lets namespaces be made and things be mounted, but no host name be set.
    private const string Podman = "podman run --security-opt unmask=ALL --security-opt seccomp=unconfined";

    private const string Docker =
        "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined";

    private const string Gitlab =
        "GitLab Runner, config.toml, [runners.docker]: privileged = true (systempaths is an option of docker's command alone, and the runner does not use that)";
}
