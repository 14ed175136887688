using System.Text;
using Cleave.KernelTests.Harness;
using Cleave.Topology;

namespace Cleave.KernelTests;

/// <summary>
/// examples/from-scratch: whatever is cut or taken away in one of its labs, some check of the lab fails that names who is concerned; mended, all pass.
/// </summary>
public sealed class CourseChecksTests : CourseTest
{
    // Runs in the fabric, where a check need not start a program of ours for each command: "cleave exec NODE -- COMMAND" enters the node's namespaces by
    // its first process, and nobody waits a second for an answer that takes less than a millisecond.
    private const string Tools =
        """
        mkdir bin
        cat >bin/cleave <<'END'
        #!/bin/sh
        [ "$1" = exec ] || exec "$REAL_CLEAVE" "$@"
        node=$2
        shift 3
        [ "$node" != fabric ] || exec "$@"
        exec nsenter -t "$(cat "$TOOLS/$node.pid")" -n -m -u -i -p -- sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"
        END
        cat >bin/ping <<'END'
        #!/bin/sh
        exec /bin/ping "$@" -W0.4
        END
        chmod +x bin/*
        TOOLS=$PWD/bin REAL_CLEAVE=$CLEAVE PATH=$PWD/bin:$PATH
        export TOOLS REAL_CLEAVE PATH
        for p in /proc/[0-9]*; do
            p=${p#/proc/}
            [ "$p" = 1 ] || ! grep -q '^NSpid:.*[[:space:]]1$' "/proc/$p/status" 2>/dev/null || echo "$p" >"bin/$(nsenter -t "$p" -u hostname).pid"
        done

        # what WORDS: what is wrong now, and what the checks say of it; all routes of a place are put back as they were.
        what() {
            printf '\001%s\n' "$1"
            ./checks.sh
        }

        # in_place NODE NAMESPACE COMMAND...: a namespace inside the node, or - for the node itself.
        in_place() {
            node=$1 namespace=$2
            shift 2
            if [ "$namespace" = - ]; then cleave exec "$node" -- "$@"; else cleave exec "$node" -- ip netns exec "$namespace" "$@"; fi
        }

        take_away() {
            in_place "$1" "$2" ip -4 route show | grep -E "dev ($3) " >routes
            in_place "$1" "$2" ip -o -4 addr show scope global | grep -E "^[0-9]+: ($3) " | while read -r _ dev _ address _; do
                in_place "$1" "$2" ip addr del "$address" dev "$dev"
                what "$1 $2: address $address of $dev"
                in_place "$1" "$2" ip addr add "$address" broadcast + dev "$dev" 2>/dev/null || in_place "$1" "$2" ip addr add "$address" dev "$dev"
                put_back "$1" "$2"
            done
            while read -r route; do
                # shellcheck disable=SC2086
                in_place "$1" "$2" ip route del $route
                what "$1 $2: route $route"
                put_back "$1" "$2"
            done <routes
        }

        put_back() {
            # Those that lead to neighbours first, since the others need them.
            { grep -v via routes; grep via routes; } >ordered
            while read -r back; do
                # shellcheck disable=SC2086
                in_place "$1" "$2" ip route replace $back
            done <ordered
        }

        """;

    // Side by side, since most of the time is waiting for answers that do not come.
    [Fact]
    public async Task Whatever_is_taken_away_from_a_lab_a_check_with_the_right_name_fails()
    {
        (string Lab, int Count)[] labs = [("01-single-namespace", 5), ("02-bridge", 8), ("03-two-hosts", 24), ("04-overlay", 23), ("05-nat", 27), ("06-cni", 14)];
        foreach ((string lab, _) in labs)
        {
            RequireTools(lab);
        }

        string root = Clone(Course);
        await Task.WhenAll(labs.Select(l => TakeAwayAsync(new CleaveCommand(Path.Combine(root, Course, l.Lab), Runtime), l.Count)));
    }

    private static async Task TakeAwayAsync(CleaveCommand cleave, int count)
    {
        LabTopology topology = TopologyReader.Load(Path.Combine(cleave.Folder, "cleave.yaml")).Topology!;
        await cleave.OkAsync("up", "-d");
        var script = new StringBuilder(Tools).Append("what before\n");
        foreach (Network network in topology.Networks)
        {
            string[] ends = [.. topology.Nodes.Where(n => n.Attachments.Any(a => a.Network == network.Name)).Select(n => n.Name)];
            foreach (string end in network.Link is null ? ends : [ends[0]])
            {
                string other = network.Link is null ? "all" : network.Link.Fabric is null ? ends[1] : "fabric";
                string only = other == "fabric" ? "" : $" --network {network.Name}";
                script.Append($"cleave cut {end} --to {other}{only} >/dev/null && what '{end} {(other == "all" ? "-" : other)}: cut on {network.Name}'\ncleave heal >/dev/null\n");
            }
        }

        foreach (string end in topology.Links.Select(l => l.Link!.Fabric?.Interface).OfType<string>())
        {
            script.Append($"take_away fabric - {end}\n");
        }

        foreach (Node node in topology.Nodes)
        {
            script.Append($"take_away {node.Name} - '[^ ]*'\n");
            if (node.Mounts.Any(m => m.Target == "/run"))
            {
                // The namespaces of its own; where it sees the machine's /run there are only those of others.
                script.Append($"for n in $(cleave exec {node.Name} -- ls /run/netns); do take_away {node.Name} $n '[^ ]*'; done\n");
            }
        }

        cleave.Write("take-away.sh", script.Append("what after\n").ToString());
        Outcome outcome = await cleave.RunAsync("exec", "fabric", "--", "sh", "take-away.sh");
        await cleave.OkAsync("down");

        string[] runs = outcome.Output.Split('\x01')[1..];
        Assert.True(outcome.Errors.Length == 0, outcome.ToString());
        Assert.All([runs[0], runs[^1]], r => Assert.True(r.Contains(" checks, 0 failed", StringComparison.Ordinal), $"{cleave.Folder}: {r}"));
        Assert.All(runs[1..^1], run =>
        {
            string what = run[..run.IndexOf('\n', StringComparison.Ordinal)];
            string[] concerned = [.. what[..what.IndexOf(':', StringComparison.Ordinal)].Split(' ').SelectMany(Names)];
            Assert.True(run.Split('\n').Any(l => l.StartsWith("FAIL  ", StringComparison.Ordinal) && concerned.Any(c => l.Contains(c, StringComparison.Ordinal))), $"{Path.GetFileName(cleave.Folder)}: no check says so: {run}");
        });
        Assert.Equal(count, runs.Length - 2);
    }

    /// <summary>What checks call it: hosts, and the fabric, which plays one, are hosts to their containers.</summary>
    private static string[] Names(string place) => place switch
    {
        "-" => [],
        "fabric" or "host1" or "host2" => ["host"],
        "router1" or "router2" => [place, "its router"],
        _ => [place],
    };
}
