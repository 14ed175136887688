using System.Globalization;
using System.Text.RegularExpressions;

namespace Cleave.KernelTests.Harness;

/// <summary>
/// A host that a test may do anything to: a network, mount and PID namespace, before it another that plays the internet. What runs there sees a
/// resolv.conf of its own; all of it ends with the test.
/// </summary>
internal sealed partial class PlayedHost : IDisposable
{
    /// <summary>An address of the internet, and of its web server and its name server.</summary>
    public const string Internet = "192.0.2.1";

    /// <summary>The host's own address on the way there.</summary>
    public const string Address = "192.0.2.2";

    /// <summary>A name that only that name server knows.</summary>
    public const string Name = "web.example.test";

    // What the namespaces are made of: first the host with its cable to the internet, then whatever the variant adds.
    private const string Foundation =
        """
        read -r outer rest </proc/self/stat
        mount --make-rprivate /
        mount -t proc proc /proc
        sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.addr_gen_mode=1
        ip link set lo up
        unshare --net sleep infinity & inet=$!
        until [ "$(readlink /proc/$inet/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
        ip link add wan type veth peer name inet netns $inet
        ip addr add 192.0.2.2/24 dev wan
        ip link set wan up
        ip route add default via 192.0.2.1
        nsenter --net=/proc/$inet/ns/net sh -e <<'INTERNET'
        ip link set lo up
        ip addr add 192.0.2.1/24 dev inet
        ip link set inet up
        INTERNET
        """;

    private readonly CleaveCommand.Background _process;
    private readonly CleaveCommand _cleave;
    private readonly string[] _enter;

    private PlayedHost(CleaveCommand.Background process, CleaveCommand cleave, string[] enter) => (_process, _cleave, _enter) = (process, cleave, enter);

    /// <summary>Makes one.</summary>
    /// <param name="cleave">Whose environment and folder its commands have.</param>
    /// <param name="resolvConf">Its /etc/resolv.conf.</param>
    /// <param name="more">What else to do there first, as a shell script; <c>$inet</c> is a process of the internet.</param>
    public static async Task<PlayedHost> StartAsync(CleaveCommand cleave, string resolvConf, string more = "")
    {
        Tool.Require("nft", "nftables");
        cleave.Write("resolv.conf", resolvConf);
        cleave.Write("host.sh", $"set -e\n{Foundation}\nmount --bind '{cleave.Folder}/resolv.conf' /etc/resolv.conf\n{more}\necho \"made $outer\"\nexec cat >/dev/null\n");
        string user = Posix.IsRoot ? "" : "--user --map-root-user ";
        CleaveCommand.Background process = cleave.StartShell(
            $"exec unshare {user}--net --mount --pid --fork --kill-child sh '{cleave.Folder}/host.sh'");
        await Wait.UntilAsync(
            () => process.Output.Contains("made ", StringComparison.Ordinal) || process.Process.HasExited,
            () => $"the host was not made:\n{process.Output}");
        string[] words = process.Output.Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("made", words);
        string pid = words[Array.IndexOf(words, "made") + 1];
        _ = int.Parse(pid, CultureInfo.InvariantCulture);
        return new PlayedHost(process, cleave, ["-t", pid, .. Posix.IsRoot ? (string[])[] : ["-U", "--preserve-credentials"], "-n", "-m", "-p", $"--wd={cleave.Folder}", "--"]);
    }

    /// <summary>The folder of the lab, where its commands are run.</summary>
    public string Folder => _cleave.Folder;

    /// <summary>Runs a program there.</summary>
    public Task<Outcome> RunAsync(params string[] command) => _cleave.RunAsync("nsenter", [.. _enter, .. command], null);

    /// <summary>Runs a shell line there and expects success; its output.</summary>
    public async Task<string> ShellAsync(string line)
    {
        Outcome outcome = await RunAsync("sh", "-c", line);
        Assert.True(outcome.Code == 0, $"{line}: {outcome}");
        return outcome.Output;
    }

    /// <summary>Runs cleave there and expects success; its output.</summary>
    public async Task<string> CleaveAsync(params string[] arguments)
    {
        Outcome outcome = await RunAsync([CleaveCommand.Program, .. arguments]);
        Assert.True(outcome.Code == 0, $"cleave {string.Join(' ', arguments)}: {outcome}");
        return outcome.Output;
    }

    /// <summary>What a gateway must leave as it was, as the host's own tools show it, without what moves by itself.</summary>
    public async Task<string> StateAsync() => await ShellAsync(ShowState);

    /// <summary>The script that shows it.</summary>
    public const string ShowState =
        """
        for c in 'ip -j addr' 'ip -j route show table all' 'ip -j -6 route show table all' 'ip -j rule' 'nft -a list ruleset' 'iptables-save' 'ip6tables-save' 'iptables-legacy-save' 'ip6tables-legacy-save'; do
            echo "== $c"
            $c 2>/dev/null | sed -E 's/,?"(valid|preferred)_life_time":[0-9]+//g; s/counter packets [0-9]+ bytes [0-9]+/counter/; s/^(:.*) \[[0-9]+:[0-9]+\]$/\1/; /^#/d'
        done
        echo '== sysctls'
        grep -H . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding /proc/sys/net/ipv4/conf/*/route_localnet /proc/sys/net/ipv6/conf/*/*forwarding
        echo '== mounts'
        cut -d ' ' -f 3- /proc/self/mountinfo
        echo '== processes'
        for p in /proc/[0-9]*; do ! tr '\0' '\n' <$p/environ 2>/dev/null | grep -qx "CLEAVE_GATEWAY=$XDG_RUNTIME_DIR/cleave/gateway" || echo holder; done
        echo '== files'
        ls -A "$XDG_RUNTIME_DIR/cleave" 2>/dev/null || true
        """;

    /// <summary>The state without what differs from one making to the next: MAC addresses, identities of namespaces, handles, indexes.</summary>
    public static string Anonymous(string state) => Identities().Replace(state, "");

    public void Dispose() => _process.Dispose();

    [GeneratedRegex("""[0-9a-f]{2}(:[0-9a-f]{2}){5}|\[\d+\]|# handle \d+|"(ifindex|link_index|link_netnsid)":\d+""", RegexOptions.ExplicitCapture)]
    private static partial Regex Identities();
}
