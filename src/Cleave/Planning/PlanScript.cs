using System.Text;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>
/// Prints a lab's network as a shell script for sh(1) that makes it, checks it and takes it away, with nothing but iproute2 and nftables: the commands of
/// the plan, in namespaces named after the lab.
/// </summary>
public static class PlanScript
{
    /// <summary>What it says and does before the lab's own commands; lines of no lab in particular.</summary>
    private const string Tools =
        """
        set -eu
        lab=LAB

        # A kernel parameter of a namespace; one that this kernel has not got is an error, unless it is optional.
        set_param() { # NAMESPACE PATH VALUE [optional]
            if [ "${4-}" = optional ] && ! ip netns exec "$1" test -e "$2"; then return; fi
            printf '%s\n' "$3" | ip netns exec "$1" tee "$2" >/dev/null
        }

        # A namespace of that kind is one's own if process 1 is in another.
        own() {
            theirs=$(readlink "/proc/1/ns/$1" 2>/dev/null) && [ "$(readlink "/proc/self/ns/$1")" != "$theirs" ]
        }

        refuse_the_hosts_own() {
            if [ "${1-}" = --here ]; then return; fi
            if [ "$(tr -s ' ' </proc/self/uid_map)" != " 0 0 4294967295" ]; then return; fi # a user namespace of one's own
            if own net && own mnt; then return; fi
            echo "$0: these are the machine's own namespaces: $lab.NODE would be seen by everyone in \"ip netns\"." >&2
            echo "Say --here if that is meant (sh $0 up --here), or run it where all of it ends with the shell, without root:" >&2
            echo "    unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run && sh $0 up && sh $0 check && exec sh'" >&2
            exit 2
        }

        refuse_what_is_there() {
            for node in $nodes; do
                if [ -e "/run/netns/$lab.$node" ]; then
                    echo "$0: there is a namespace $lab.$node already; sh $0 down takes it away" >&2
                    exit 1
                fi
            done
        }

        # Names the namespaces no longer; the kernel frees each with all that is in it as soon as no process is left in there.
        down() {
            for node in $nodes; do
                if [ -e "/run/netns/$lab.$node" ]; then ip netns del "$lab.$node"; fi
            done
        }

        undo() {
            code=$?
            trap - EXIT
            echo "$0: $lab could not be made; what there is of it goes" >&2
            down
            exit "$code"
        }

        """;

    private const string Verbs =
        """

        case ${1-} in
        up)
            refuse_the_hosts_own "${2-}"
            refuse_what_is_there
            trap undo EXIT
            trap 'exit 130' INT
            trap 'exit 143' TERM
            up
            trap - EXIT
            echo "$lab is up; a program in a node: ip netns exec $lab.NODE ip addr"
            ;;
        check)
            check
            echo "$good passed, $bad failed"
            [ "$bad" = 0 ]
            ;;
        down)
            down
            ;;
        *)
            echo "usage: sh $0 up [--here] | check | down" >&2
            exit 2
            ;;
        esac

        """;

    /// <summary>The whole script.</summary>
    /// <param name="plan">The plan of a lab without a way out, which a script cannot make.</param>
    public static string Print(LabPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        LabTopology topology = plan.Topology;
        string lab = LabName.Short(topology.Directory);
        var names = new PlaceNames(topology, "$lab.");
        var text = new StringBuilder();
        Head(topology, lab, text);
        text.Append(Tools.Replace("LAB", lab, StringComparison.Ordinal));
        text.Append($"nodes='{string.Join(' ', topology.Nodes.Select(n => n.Name).Prepend("fabric"))}'\n\nup() {{\n");
        text.Append($"    # The fabric: the lab's switch room.\n    ip netns add {names.Of(Place.Fabric)}\n");
        foreach (Operation operation in plan.Network)
        {
            text.Append(operation is Operation.CreateNamespace o ? $"\n    # Node {names.Plain(o.At)}.\n" : "");
            text.Append($"    {Command(operation, names)}\n");
        }

        text.Append("}\n\n").Append(ScriptChecks.Functions).Append("\ncheck() {\n");
        ScriptChecks.Add(plan, text);
        return text.Append("}\n").Append(Verbs).ToString();
    }

    /// <summary>The commands of an operation.</summary>
    internal static string Command(Operation operation, PlaceNames names) => operation switch
    {
        // sysctl(8) would be one package more.
        Operation.SetSysctl o => $"set_param {names.Of(o.At)} {PlanPrinter.Quote(SysctlKey.PathOf(o.Key))} {PlanPrinter.Quote(o.Value)}{(o.Optional ? " optional" : "")}",
        _ => PlanPrinter.Line(operation, names),
    };

    private static void Head(LabTopology topology, string lab, StringBuilder text)
    {
        text.Append(
            $"""
            #!/bin/sh
            # The network of the lab {lab}, by hand: what cleave up makes of {Path.GetFileName(topology.File)}, with ip, bridge and nft (Debian's packages
            # iproute2 and nftables). Printed by cleave plan --format sh; the same file gives the same script. If it is called plan.sh:
            #
            #   sh plan.sh up       makes it: a network namespace for each node, {lab}.NODE, and {lab}.fabric with the bridges
            #   sh plan.sh check    looks at every link, address, route, neighbour, parameter and rule, and sends pings where there is ping(8)
            #   sh plan.sh down     takes all of it away, as much as there is
            #
            # It takes the rights of root, in namespaces of one's own for instance; all of it then ends with that shell:
            #
            #   unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run && sh plan.sh up && sh plan.sh check && exec sh'
            #
            # Not here, since it is more than the network: programs, and what they see besides it (mounts, host names, /etc/hosts, users, limits).

            """);
        foreach (Node node in topology.Nodes)
        {
            foreach (string absent in Absent(node))
            {
                // What the file says must not end the comment.
                text.Append($"#   {node.Name}: {absent.ReplaceLineEndings(" ")}\n");
            }
        }

        if (topology.Gateway != GatewayChoice.None)
        {
            text.Append($"# Not here either: the way out, gateway: {GatewayWords.All[(int)topology.Gateway]}, which a program on the host's side carries; and so the default routes to it.\n");
        }
    }

    private static IEnumerable<string> Absent(Node node)
    {
        if (node.Run is { } run)
        {
            yield return $"runs {run}";
        }

        foreach (Command setup in node.Setup)
        {
            yield return $"is set up by {setup}";
        }

        foreach (NodeMount mount in node.Mounts)
        {
            yield return $"has something of its own at {mount.Target}";
        }

        foreach (PublishedPort port in node.Ports)
        {
            yield return $"is reached at {port.HostText} of the host, its port {port.NodeText}";
        }
    }
}
