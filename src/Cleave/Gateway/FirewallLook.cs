using System.Collections.Immutable;
using Cleave.Doctor;
using Cleave.Linux;
using Cleave.Trials;

namespace Cleave.Gateway;

/// <summary>How far to go to see the host's firewall, which the kernel shows to root only.</summary>
public enum FirewallSight
{
    /// <summary>As root, or by a sudo that asks nothing; otherwise it stays unknown.</summary>
    Quiet,

    /// <summary>By sudo, which may ask for the password.</summary>
    BySudo,
}

/// <summary>Looks at the host's firewall.</summary>
internal static class FirewallLook
{
    private static readonly string[] Further = ["/usr/sbin", "/sbin"];

    /// <summary>Whether this process is root's, and needs no sudo.</summary>
    public static bool IsRoot => Libc.getuid() == 0;

    /// <summary>The commands by which it looks.</summary>
    public static ImmutableArray<string[]> Commands(IEnumerable<string> iptables) =>
        [["nft", "-j", "list", "ruleset"], .. iptables.Select(p => (string[])[$"{p}-save"])];

    /// <summary>Programs called iptables that are installed, each kind of rules once.</summary>
    public static ImmutableArray<string> Iptables()
    {
        if (Tool.Find("iptables", Further) is not { } usual)
        {
            return [];
        }

        string[] six = Tool.Find("ip6tables", Further) is null ? [] : ["ip6tables"];
        bool isLegacy = (new FileInfo(usual).ResolveLinkTarget(returnFinalTarget: true)?.Name ?? usual).Contains("legacy", StringComparison.Ordinal);
        string other = isLegacy ? "-nft" : "-legacy";
        return [.. ((string[])["iptables", .. six]).SelectMany(p => Tool.Find(p + other, Further) is null ? (string[])[p] : [p, p + other])];
    }

    /// <summary>What there is; null if nobody may look.</summary>
    /// <exception cref="MachineException">A program is missing, or refuses.</exception>
    public static FirewallFacts? Look(FirewallSight sight, ImmutableArray<string> iptables, string name)
    {
        if (Tool.Find("nft", Further) is null)
        {
            throw new MachineException("nft is not installed, by which the gateway's rules are made: sudo apt install nftables");
        }

        if (!IsRoot && Tool.Find("sudo") is null)
        {
            return sight == FirewallSight.Quiet
                ? null
                : throw new MachineException("a gateway takes root's rights, and there is no sudo: install it, or run this as root");
        }

        var seen = FirewallFacts.None;
        foreach ((int i, string[] command) in Commands(iptables).Index())
        {
            (Outcome outcome, string output) = Run(sight, command);
            if (i == 0 && !outcome.Worked)
            {
                return sight == FirewallSight.Quiet ? null : throw new MachineException($"{string.Join(' ', command)} failed: {outcome.Said}");
            }

            // A kernel without the one or the other kind of iptables has no rules of it.
            seen = i == 0 ? FirewallFacts.Read(output, name)
                : outcome.Worked ? seen with { Iptables = seen.Iptables.Add(FirewallFacts.ReadIptables(iptables[i - 1], output, name)) }
                : seen;
        }

        return seen;
    }

    private static (Outcome Outcome, string Output) Run(FirewallSight sight, string[] command)
    {
        string program = Tool.Find(command[0], Further) ?? command[0];
        return IsRoot ? Tool.Run(program, command[1..])
            : sight == FirewallSight.Quiet ? Tool.Run("sudo", ["-n", .. command])
            : HostCommand.Capture("sudo", command);
    }
}
