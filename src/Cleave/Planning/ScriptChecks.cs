using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Cleave.Netlink.Route;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>What a printed script looks at to say whether the network is there: a line for each link, address, route, neighbour, parameter and table.</summary>
internal static class ScriptChecks
{
    /// <summary>With so many nodes, pings of all pairs of a network take seconds; with more, each node asks the one after it.</summary>
    private const int MostNodesToAskAll = 12;

    /// <summary>What the lines of the check call.</summary>
    public const string Functions =
        """
        good=0
        bad=0

        # result MISSING WHAT: a line, and the count.
        result() {
            if [ -z "$1" ]; then
                good=$((good + 1))
                echo "PASS $2"
            else
                bad=$((bad + 1))
                echo "FAIL $2: $1"
            fi
        }

        # at NODE: looks into its namespace, of which the lines below it speak. What fails says nothing, and so nothing is found.
        at() {
            node=$1
            ns=$lab.$node
            routes="
        $(ip -n "$ns" -4 route 2>/dev/null || :; ip -n "$ns" -6 route 2>/dev/null || :)
        "
            neighbours="
        $(ip -n "$ns" neigh show nud permanent 2>/dev/null || :)
        "
            forwarding="
        $(bridge -n "$ns" fdb show 2>/dev/null || :)
        "
        }

        # link NAME WORDS...: ip(8) says all of these words of it.
        link() {
            seen=$(ip -n "$ns" -d -o link show dev "$1" 2>/dev/null) || seen=
            missing=
            words=
            name=$1
            shift
            for word; do
                words="$words${words:+, }$word"
                case " $seen " in *" $word "* | *",$word>"* | *",$word,"*) ;; *) missing="$missing${missing:+, }$word" ;; esac
            done
            result "${missing:+not so: $missing}" "$node: link $name is $words"
        }

        # address LINK ADDRESS: the link has it.
        address() {
            case $(ip -n "$ns" -o addr show dev "$1" 2>/dev/null) in *" $2 "*) missing= ;; *) missing="it has not" ;; esac
            result "$missing" "$node: $1 has the address $2"
        }

        # no_address LINK ADDRESS
        no_address() {
            case $(ip -n "$ns" -o addr show dev "$1" 2>/dev/null) in *" $2 "*) missing="it has" ;; "") missing="there is no $1" ;; *) missing= ;; esac
            result "$missing" "$node: $1 has no address $2"
        }

        # listed WHAT LINES BEGIN: one of the lines begins so, to the end of a word.
        listed() {
            case $2 in
            *"
        $3 "*) missing= ;;
            *) missing="not there" ;;
            esac
            result "$missing" "$node: $1 $3"
        }

        forwarding() { listed 'forwarding entry' "$forwarding" "$1"; }
        neighbour() { listed neighbour "$neighbours" "$1"; }
        route() { listed route "$routes" "$1"; }

        # param PATH VALUE [optional]: the kernel parameter has it.
        param() {
            value=$(ip netns exec "$ns" cat "$1" 2>/dev/null | tr -s '\t ' ' ') || value=
            if [ -z "$value" ] && [ "${3-}" = optional ]; then return; fi
            missing=
            if [ "$value" != "$2" ]; then missing="it is '$value'"; fi
            result "$missing" "$node: $1 is $2"
        }

        # chain NAME LINE...: in the table of cuts, this chain has these lines and no others.
        chain() {
            rules=$(ip netns exec "$ns" nft list chain bridge cleave "$1" 2>/dev/null | tr -s '\t\n ' ' ') || rules=
            missing=
            if [ "$rules" != "table bridge cleave { chain $1 { $2 } } " ]; then missing="it is '$rules'"; fi
            result "$missing" "$node: the table of cuts has chain $1 with: $2"
        }

        # asks ADDRESS WHOSE: it answers a ping from here.
        asks() {
            if ! command -v ping >/dev/null; then return; fi
            missing=
            ip netns exec "$ns" ping -n -c 1 -W 2 "$1" >/dev/null 2>&1 || missing="no answer"
            result "$missing" "$node: $2 answers at $1"
        }

        """;

    /// <summary>The lines of the check, by place.</summary>
    public static void Add(LabPlan plan, StringBuilder text)
    {
        var checks = new Checks(plan);
        foreach (Operation operation in plan.Network)
        {
            checks.Look(operation);
        }

        checks.AskNodes();
        foreach (Place place in plan.Topology.Nodes.Select((_, i) => new Place(i)).Prepend(Place.Fabric))
        {
            text.Append($"    at {checks.Names.Plain(place)}\n");
            foreach (string line in checks.LinesOf(place))
            {
                text.Append($"    {line}\n");
            }
        }

        text.Append("    if ! command -v ping >/dev/null; then echo \"SKIP pings: there is no ping (Debian's package iputils-ping)\"; fi\n");
    }

    /// <summary>Whether a kind of operation has a check; of those in nodes' rooms none has.</summary>
    internal static bool Knows(LabPlan plan, Operation operation) => new Checks(plan).Look(operation);

    private sealed class Checks(LabPlan plan)
    {
        private readonly Dictionary<Place, List<string>> _lines = [];
        private readonly Dictionary<(Place At, string Link), List<string>> _links = [];
        private readonly HashSet<string> _bridgesInUse = new(StringComparer.Ordinal);

        public PlaceNames Names { get; } = new(plan.Topology);

        public IEnumerable<string> LinesOf(Place place) =>
        [
            .. _links.Where(l => l.Key.At == place).Select(l => $"link {l.Key.Link} {string.Join(' ', Words(l.Key.Link, l.Value).Select(w => $"'{w}'"))}"),
            .. _lines.GetValueOrDefault(place, []),
        ];

        /// <summary>Takes down what is to be seen of an operation; false if nobody knows.</summary>
        public bool Look(Operation operation)
        {
            switch (operation)
            {
                case Operation.CreateNamespace:
                    break; // without it, nothing else is found
                case Operation.CreateBridge o:
                    Link(Place.Fabric, o.Bridge, "bridge", "stp_state 0", Ether(o.Mac), Mtu(o.Mtu));
                    break;
                case Operation.CreateVeth o:
                    _bridgesInUse.Add(o.Bridge.Name);
                    Link(Place.Fabric, o.Port, "veth", $"master {o.Bridge.Name}", Ether(o.PortMac), Mtu(o.Mtu), Up);
                    Link(o.Peer, o.Inside, "veth", Ether(o.InsideMac), Mtu(o.Mtu));
                    break;
                case Operation.CreateTrunk o:
                    _bridgesInUse.Add(o.Upper.Name);
                    Link(Place.Fabric, o.Down, "veth", $"master {o.Upper.Name}", Ether(o.DownMac), Mtu(o.Mtu), Up);
                    Link(Place.Fabric, o.Up, "veth", Ether(o.UpMac), Mtu(o.Mtu));
                    break;
                case Operation.ConnectTrunk o:
                    _bridgesInUse.Add(o.Lower.Name);
                    Link(Place.Fabric, o.Up, $"master {o.Lower.Name}", Up);
                    break;
                case Operation.CreateFabricEnd o:
                    _bridgesInUse.Add(o.Bridge.Name);
                    Link(Place.Fabric, o.Port, "veth", $"master {o.Bridge.Name}", Ether(o.PortMac), Mtu(o.Mtu), Up);
                    Link(Place.Fabric, o.End, "veth", Ether(o.EndMac), Mtu(o.Mtu));
                    break;
                case Operation.MakePortTransparent o:
                    Link(Place.Fabric, o.Port, "learning off", "flood on", $"group_fwd_mask 0x{BridgePort.AllGroups:x}");
                    break;
                case Operation.MakeUplink o:
                    Link(Place.Fabric, o.Port, "learning off", "flood on");
                    break;
                case Operation.MakePortStatic o:
                    Link(Place.Fabric, o.Port, "learning off", "flood off");
                    break;
                case Operation.AddForwarding o:
                    Line(o.At, $"forwarding '{o.Mac} dev {o.Port.Name} master'");
                    break;
                case Operation.SilenceIPv6:
                    break; // what is missing is an address that nobody asked for
                case Operation.SetLinkUp o:
                    Link(o.At, o.Link, Up);
                    break;
                case Operation.AddAddress o:
                    Line(o.At, $"address {o.Link.Name} {o.Address}/{o.PrefixLength}");
                    break;
                case Operation.RemoveLoopbackIPv6 o:
                    Line(o.At, "no_address lo ::1/128");
                    break;
                case Operation.AddNeighbour o:
                    Line(o.At, $"neighbour '{o.Address} dev {o.Link.Name} lladdr {o.Mac}'");
                    break;
                case Operation.AddRoute o:
                    Line(o.At, $"route '{Destination(o.Destination)} via {o.Gateway} dev {o.Link.Name}'");
                    break;
                case Operation.AddLinkRoute o:
                    Line(o.At, $"route '{Destination(o.Destination)} dev {o.Link.Name}'");
                    break;
                case Operation.SetSysctl o:
                    string value = string.Join(' ', o.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
                    Line(o.At, $"param {PlanPrinter.Quote(SysctlKey.PathOf(o.Key))} {PlanPrinter.Quote(value)}{(o.Optional ? " optional" : "")}");
                    break;
                case Operation.CreateCutTable o:
                    Line(o.At, "chain forward 'type filter hook forward priority filter; policy accept;'");
                    break;
                case Operation.CreatePortMarks o:
                    Line(o.At, "chain ports 'type filter hook prerouting priority filter; policy accept; meta mark set iif map @port'");
                    break;
                default:
                    return false;
            }

            return true;
        }

        /// <summary>Each node asks others of its networks, and the fabric; by all their addresses there.</summary>
        public void AskNodes()
        {
            foreach (Network network in plan.Topology.Networks)
            {
                (int Number, Node Node, Attachment On)[] members =
                [
                    .. from n in plan.Topology.Nodes.Index()
                       from a in n.Item.Attachments
                       where a.Network == network.Name
                       select (n.Index, n.Item, a),
                ];
                foreach ((int i, (int number, Node _, Attachment on)) in members.Index())
                {
                    IEnumerable<int> others = members.Length <= MostNodesToAskAll
                        ? Enumerable.Range(0, members.Length).Where(j => j != i)
                        : [(i + 1) % members.Length];
                    foreach ((_, Node other, Attachment there) in others.Select(j => members[j]))
                    {
                        foreach (IPAddress address in there.Addresses.Where(a => on.AddressOf(a.AddressFamily) is not null))
                        {
                            Line(new Place(number), $"asks {address} {other.Name}");
                        }
                    }
                }
            }
        }

        private const string Up = "LOWER_UP"; // on, and so is the other end; at once, where "state UP" may take a second

        /// <summary>A bridge without a port that is up is on and no more.</summary>
        private IEnumerable<string> Words(string link, List<string> words) =>
            words.Distinct().Select(w => w == Up && words.Contains("bridge") && !_bridgesInUse.Contains(link) ? "UP" : w);

        private void Link(Place at, Interface link, params ReadOnlySpan<string> words)
        {
            if (!_links.TryGetValue((at, link.Name), out List<string>? known))
            {
                _links.Add((at, link.Name), known = []);
            }

            known.AddRange(words);
        }

        private void Line(Place at, string line)
        {
            if (!_lines.TryGetValue(at, out List<string>? lines))
            {
                _lines.Add(at, lines = []);
            }

            lines.Add(line);
        }

        private static string Ether(Netlink.MacAddress mac) => $"link/ether {mac}";

        private static string Mtu(int? mtu) => string.Create(CultureInfo.InvariantCulture, $"mtu {mtu ?? 1500}");

        /// <summary>As ip(8) lists it.</summary>
        private static string Destination(IPNetwork destination) =>
            destination.PrefixLength == 0 ? "default"
            : destination.PrefixLength == (destination.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32) ? $"{destination.BaseAddress}"
            : $"{destination}";
    }
}
