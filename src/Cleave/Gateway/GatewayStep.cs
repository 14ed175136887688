using System.Globalization;
using System.Net;
using Cleave.Planning;

namespace Cleave.Gateway;

/// <summary>
/// One thing to do to the host. The same list is printed as a script and run, each command as it is printed; each step knows the one that undoes it.
/// </summary>
public abstract record GatewayStep
{
    /// <summary>The variable by which a process that holds namespaces is known again: it has the folder's path.</summary>
    internal const string HolderMark = "CLEAVE_GATEWAY";

    /// <summary>The command, or several; <c>$pid</c> is what <see cref="StartHolder"/> has set.</summary>
    /// <param name="sudo"><c>sudo</c> and a space, or nothing for root.</param>
    public abstract string Command(string sudo);

    /// <summary>What takes it back; null: it goes with what another step has made.</summary>
    public virtual GatewayStep? Undo => null;

    /// <summary>Whether what it makes is there; null where nobody could look, or where it makes nothing that stays.</summary>
    public virtual bool? IsThere(HostFacts facts) => null;

    /// <summary>What it makes, for people.</summary>
    public virtual string? Makes => null;

    /// <summary>Starts a process in namespaces of its own, and says its number. No race: the shell goes on when they are made.</summary>
    public sealed record StartHolder(string Folder) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) =>
            $"pid=$({HolderMark}={PlanPrinter.Quote(Folder)} unshare --user --map-root-user --net sh -c 'sleep infinity >/dev/null 2>&1 & echo $!')";

        /// <inheritdoc/>
        public override GatewayStep Undo => new StopHolder(null);
    }

    /// <summary>Ends such a process.</summary>
    /// <param name="Pid">Null: the one just started.</param>
    public sealed record StopHolder(int? Pid) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => Pid is { } pid ? string.Create(CultureInfo.InvariantCulture, $"kill {pid}") : "kill $pid";
    }

    /// <summary>Makes the folder and the files that namespaces are mounted on.</summary>
    public sealed record MakeFolder(string Folder) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo)
        {
            string folder = PlanPrinter.Quote(Folder);
            return $"mkdir -p {folder} && : >{folder}/user && : >{folder}/net";
        }

        /// <inheritdoc/>
        public override GatewayStep Undo => new RemoveFolder(Folder);

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) => facts.HasFolder;

        /// <inheritdoc/>
        public override string Makes => $"the folder {Folder}";
    }

    /// <summary>Removes that folder.</summary>
    public sealed record RemoveFolder(string Folder) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"rm -rf {PlanPrinter.Quote(Folder)}";
    }

    /// <summary>Holds a namespace by a mount.</summary>
    /// <param name="Folder">The gateway's folder.</param>
    /// <param name="Kind"><c>user</c> or <c>net</c>.</param>
    public sealed record HoldNamespace(string Folder, string Kind) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}mount --bind /proc/$pid/ns/{Kind} {PlanPrinter.Quote($"{Folder}/{Kind}")}";

        /// <inheritdoc/>
        public override GatewayStep Undo => new ReleaseNamespace(Folder, Kind);

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) => facts.Held.Contains(Kind);

        /// <inheritdoc/>
        public override string Makes => $"the mount {Folder}/{Kind}";
    }

    /// <summary>Takes that mount away, even while somebody enters the namespace by it.</summary>
    public sealed record ReleaseNamespace(string Folder, string Kind) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}umount -l {PlanPrinter.Quote($"{Folder}/{Kind}")}";
    }

    /// <summary>Makes the cable between host and gateway.</summary>
    public sealed record AddCable(string Name) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}ip link add {Name} type veth peer name {GatewayPlan.InsideLink} netns $pid";

        /// <inheritdoc/>
        public override GatewayStep Undo => new DeleteCable(Name);

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) => facts.HasCable;

        /// <inheritdoc/>
        public override string Makes => $"the link {Name}";
    }

    /// <summary>Deletes the cable, and with it its addresses and settings.</summary>
    public sealed record DeleteCable(string Name) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}ip link delete {Name}";
    }

    /// <summary>Writes at the host's end what the gateway is made with.</summary>
    public sealed record MarkCable(string Name, GatewayMark Mark) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}ip link set {Name} alias {PlanPrinter.Quote($"{Mark}")}";

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) => facts.Mark == Mark;

        /// <inheritdoc/>
        public override string Makes => $"what the gateway is made with, at {Name}";
    }

    /// <summary>Gives the host's end its addresses, and brings it up.</summary>
    public sealed record ConnectHost(string Name, GatewayNetwork Network, bool IPv6) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) =>
            $"{sudo}ip addr replace {Network.Host}/30 dev {Name}{(IPv6 ? $" && {sudo}ip addr replace {Network.Host6}/126 dev {Name} nodad" : "")} && {sudo}ip link set {Name} up";

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) => Has(facts, Network.Cable) && (!IPv6 || Has(facts, Network.Cable6));

        private bool Has(HostFacts facts, IPNetwork cable) => facts.Used.Any(u => u.Link == Name && u.Network.Equals(cable));

        /// <inheritdoc/>
        public override string Makes => $"the address {Network.Host} of {Name}, up";
    }

    /// <summary>Lets packets to the host's loopback addresses in by the cable, and by nothing else: the resolver listens there.</summary>
    public sealed record RouteLoopback(string Name) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}sysctl -qw net.ipv4.conf.{Name}.route_localnet=1";

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) => facts.RoutesLoopback;

        /// <inheritdoc/>
        public override string Makes => $"route_localnet of {Name}";
    }

    /// <summary>Lets the host forward.</summary>
    public sealed record Forward : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}sysctl -qw net.ipv4.ip_forward=1";

        /// <inheritdoc/>
        public override GatewayStep Undo => new StopForwarding();

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) => facts.Forwards;

        /// <inheritdoc/>
        public override string Makes => "forwarding (net.ipv4.ip_forward)";
    }

    /// <summary>Lets the host forward no more, as before the first gateway.</summary>
    public sealed record StopForwarding : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}sysctl -qw net.ipv4.ip_forward=0";
    }

    /// <summary>Lets a link forward IPv6 though the host does not: it would no longer configure itself by what routers advertise.</summary>
    /// <param name="Link">The link.</param>
    /// <param name="IsOurs">Whether it is the cable, with which the setting goes.</param>
    public sealed record Force(string Link, bool IsOurs) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}sysctl -qw {Key(Link)}=1";

        /// <inheritdoc/>
        public override GatewayStep? Undo => IsOurs ? null : new StopForcing(Link);

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) => facts.IPv6.Forcing?.Contains(Link) == true;

        /// <inheritdoc/>
        public override string Makes => $"forwarding of IPv6 by {Link} (force_forwarding)";

        internal static string Key(string link) => PlanPrinter.Quote($"net/ipv6/conf/{link}/force_forwarding"); // a link's name may have dots
    }

    /// <summary>Lets it forward no more, as before the first gateway.</summary>
    public sealed record StopForcing(string Link) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}sysctl -qw {Force.Key(Link)}=0";
    }

    /// <summary>Makes, inside, the way to the host, and the rules that keep labs apart.</summary>
    public sealed record ConnectInside(string Folder, GatewayNetwork Network, bool IPv6) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) =>
            $$"""
            {{GatewayPlan.Enter(Folder)}} sh -e <<'INSIDE'
            ip link set lo up
            ip addr replace {{Network.Inside}}/30 dev {{GatewayPlan.InsideLink}}
            ip link set {{GatewayPlan.InsideLink}} up
            ip route replace default via {{Network.Host}}
            sysctl -qw net.ipv4.ip_forward=1{{(IPv6 ? Six() : "")}}
            nft -f - <<'NFT'
            {{GatewayRules.Inside(Network, IPv6)}}
            NFT
            INSIDE
            """;

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) => facts.Inside is { HasRules: true } inside && inside.Joined.Contains(4) && (!IPv6 || inside.Joined.Contains(6));

        /// <inheritdoc/>
        public override string Makes => "the gateway's own link, route and rules";

        private string Six() =>
            $"""

            ip addr replace {Network.Inside6}/126 dev {GatewayPlan.InsideLink} nodad
            ip -6 route replace default via {Network.Host6}
            sysctl -qw net.ipv6.conf.all.forwarding=1
            """;
    }

    /// <summary>Makes our table of the host's firewall.</summary>
    public sealed record AddTable(string Name, GatewayNetwork Network, IPAddress? Resolver, bool IPv6) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}nft -f - <<'NFT'\n{GatewayRules.Host(Name, Network, Resolver, IPv6)}\nNFT";

        /// <inheritdoc/>
        public override GatewayStep Undo => new DeleteTable(Name);

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) => facts.Firewall?.OwnTable;

        /// <inheritdoc/>
        public override string Makes => $"the nftables table inet {Name}";
    }

    /// <summary>Deletes it.</summary>
    public sealed record DeleteTable(string Name) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}nft delete table inet {Name}";
    }

    /// <summary>Opens a chain of somebody else's by a rule at its head, marked as ours.</summary>
    /// <param name="Chain">The chain.</param>
    /// <param name="Name">The beginning of its mark.</param>
    /// <param name="What">What it lets through, in a word: the end of its mark.</param>
    /// <param name="Match">The same as nft reads it.</param>
    public sealed record OpenChain(ClosedChain Chain, string Name, string What, string Match) : GatewayStep
    {
        /// <summary>Its mark.</summary>
        internal string Comment => $"{Name} {What}";

        /// <inheritdoc/>
        public override string Command(string sudo) =>
            $"{sudo}nft 'insert rule {Chain.Family} {Chain.Table} {Chain.Name} {Match} accept comment \"{Comment}\"'";

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) =>
            facts.Firewall?.Marked.Any(m => (m.Family, m.Table, m.Chain, m.Comment) == (Chain.Family, Chain.Table, Chain.Name, Comment));

        /// <inheritdoc/>
        public override string Makes => $"a rule ({What}) in the nftables chain {Chain.Family} {Chain.Table} {Chain.Name}";
    }

    /// <summary>Deletes such a rule.</summary>
    public sealed record CloseChain(MarkedRule Rule) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) =>
            string.Create(CultureInfo.InvariantCulture, $"{sudo}nft delete rule {Rule.Family} {Rule.Table} {Rule.Chain} handle {Rule.Handle}");
    }

    /// <summary>Adds a rule to iptables' filter, marked as ours, unless it is there.</summary>
    /// <param name="Program">Which iptables.</param>
    /// <param name="Chain">The chain.</param>
    /// <param name="Rule">The rule, without its mark.</param>
    /// <param name="Name">Its mark.</param>
    public sealed record OpenIptables(string Program, string Chain, string Rule, string Name) : GatewayStep
    {
        private string Whole => $"{Chain} {Rule} -m comment --comment {Name} -j ACCEPT";

        /// <inheritdoc/>
        public override string Command(string sudo) =>
            $"{sudo}{Program} -w -C {Whole} 2>/dev/null || {sudo}{Program} -w -I {Whole}";

        /// <inheritdoc/>
        public override GatewayStep Undo => new CloseIptables(Program, $"-t filter -A {Whole}");

        /// <inheritdoc/>
        public override bool? IsThere(HostFacts facts) =>
            facts.Firewall?.Iptables.Any(i => i.Program == Program && i.Marked.Any(m => m.StartsWith($"-t filter -A {Chain} ", StringComparison.Ordinal) && Same(m, Whole)));

        /// <inheritdoc/>
        public override string Makes => $"{Program}: {Rule} in {Chain}";

        /// <summary>iptables-save orders words in its own way: the same ones are the same rule.</summary>
        private static bool Same(string saved, string ours)
        {
            string[] of = saved.Split(' ');
            return ours.Split(' ').All(of.Contains);
        }
    }

    /// <summary>Deletes such a rule.</summary>
    /// <param name="Program">Which iptables.</param>
    /// <param name="Saved">As iptables-save prints it, with its table.</param>
    public sealed record CloseIptables(string Program, string Saved) : GatewayStep
    {
        /// <inheritdoc/>
        public override string Command(string sudo) => $"{sudo}{Program} -w {Saved.Replace(" -A ", " -D ", StringComparison.Ordinal)}";
    }
}
