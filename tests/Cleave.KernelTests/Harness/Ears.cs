using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cleave.KernelTests.Harness;

/// <summary>
/// A lab in which every node speaks to every other over UDP when told to from the fabric (which no cut concerns), and then says whom it heard: each
/// direction is judged by itself, and by nothing of Cleave's own.
/// </summary>
internal sealed class Ears
{
    private const string Node =
        """
        import json, select, socket, sys
        PORT, GROUP = 9000, "239.1.2.3"
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        for own in sys.argv[1:]:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + socket.inet_aton(own))
        s.bind(("", PORT))
        six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        six.bind(("", PORT))
        heard = set()
        print("listening", flush=True)
        def incoming():
            while True:
                for ready in select.select([s, six], [], [])[0]:
                    yield ready.recvfrom(65535)
        for data, sender in incoming():
            m = json.loads(data)
            if "say" in m:
                errors = []
                for source, target, at in m["say"]:
                    try:
                        if ":" not in target:
                            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(source))
                        out = six if ":" in target else s
                        out.sendto(json.dumps({"word": m["word"], "from": m["name"], "at": at}).encode(), (target, PORT))
                    except OSError as e:
                        errors.append(f"{m['name']} to {target}: {e}")
                s.sendto(json.dumps(errors).encode(), sender)
            elif "ask" in m:
                s.sendto(json.dumps(sorted(h[1:] for h in heard if h[0] == m["ask"])).encode(), sender)
            else:
                heard.add((m["word"], m["from"], m["at"]))
        """;

    private const string Fabric =
        """
        import json, socket, sys, time
        order = json.load(sys.stdin)
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(20)
        def everyone(message):
            for n in order["nodes"]:
                s.sendto(json.dumps(message(n)).encode(), (n["control"], 9000))
            answers = {}
            while len(answers) < len(order["nodes"]):
                data, sender = s.recvfrom(65535)
                answers[sender[0]] = json.loads(data)
            return answers
        said = everyone(lambda n: {"say": n["say"], "word": order["word"], "name": n["name"]})
        for e in sum(said.values(), []):
            sys.exit(e)
        # One after the other: the long answers of a hundred nodes would overflow the socket.
        def asked():
            answers = {}
            for n in order["nodes"]:
                s.sendto(json.dumps({"ask": order["word"]}).encode(), (n["control"], 9000))
                data, sender = s.recvfrom(65535)
                answers[sender[0]] = json.loads(data)
            return answers
        # A question may overtake what was said before it: by another socket of the node, or on another processor.
        heard, before = asked(), None
        while heard != before:
            time.sleep(0.1)
            heard, before = asked(), heard
        for n in order["nodes"]:
            for sender, at in heard[n["control"]]:
                if sender != n["name"]:
                    print(f"{sender}>{n['name']}@{at}")
        """;

    private readonly CleaveCommand _cleave;
    private readonly LabText _lab;
    private int _words;

    private Ears(CleaveCommand cleave, LabText lab, string id) => (_cleave, _lab, Id) = (cleave, lab, id);

    /// <summary>The lab's id.</summary>
    public string Id { get; }

    /// <summary>The lab file for it.</summary>
    public static string Yaml(LabText lab) => lab.Yaml(n =>
        $"run: [{Tool.Python}, ears.py, {string.Join(", ", lab.Addresses(n).Select(a => $"\"{a}\""))}], ready: {{log: listening}}");

    /// <summary>Starts the lab, whose file is <see cref="Yaml"/>.</summary>
    public static async Task<Ears> UpAsync(CleaveCommand cleave, LabText lab)
    {
        Tool.Require("python3", "python3");
        cleave.Write("ears.py", Node);
        cleave.Write("ask.py", Fabric);
        return new Ears(cleave, lab, (await cleave.OkAsync("up", "-d")).Trim());
    }

    /// <summary>Everyone speaks to everyone's addresses: who heard whom, as <see cref="LabText.Pairs"/> has it.</summary>
    public Task<SortedSet<string>> UnicastAsync() => HearAsync(
        node => from n in _lab.Networks
                where n.Nodes.Contains(node)
                from other in n.Nodes
                where other != node
                from path in _lab.IsDualStack
                    ? [(_lab.Address(node, n.Name), _lab.Address(other, n.Name), n.Name), (_lab.Address6(node, n.Name), _lab.Address6(other, n.Name), n.Name + " by ipv6")]
                    : ((string, string, string)[])[(_lab.Address(node, n.Name), _lab.Address(other, n.Name), n.Name)]
                select path);

    /// <summary>Everyone speaks to each network's broadcast address.</summary>
    public Task<SortedSet<string>> BroadcastAsync() => HearAsync(
        node => from n in _lab.Networks where n.Nodes.Contains(node) select (_lab.Address(node, n.Name), $"{n.Prefix}.255", n.Name));

    /// <summary>Everyone speaks to a multicast group that all have joined.</summary>
    public Task<SortedSet<string>> MulticastAsync() => HearAsync(
        node => from n in _lab.Networks where n.Nodes.Contains(node) select (_lab.Address(node, n.Name), "239.1.2.3", n.Name));

    /// <summary>Everyone hears by unicast exactly the pairs for which the condition holds (from, to), on every network.</summary>
    public async Task ExpectAsync(Func<string, string, bool> passes)
    {
        SortedSet<string> expected = _lab.Pairs((_, a, b) => passes(a, b));
        SortedSet<string> heard = await UnicastAsync();
        Assert.True(expected.SetEquals(heard), $"not heard: {string.Join(", ", expected.Except(heard))}; heard all the same: {string.Join(", ", heard.Except(expected))}");
    }

    private async Task<SortedSet<string>> HearAsync(Func<string, IEnumerable<(string Source, string Target, string At)>> say)
    {
        var order = new JsonObject
        {
            ["word"] = $"word {_words++}",
            ["nodes"] = new JsonArray([.. _lab.Nodes.Select(n => new JsonObject
            {
                ["name"] = n,
                ["control"] = _lab.Addresses(n)[0],
                ["say"] = new JsonArray([.. say(n).Select(s => new JsonArray(s.Source, s.Target, s.At))]),
            })]),
        };
        Outcome outcome = await _cleave.RunAsync(
            CleaveCommand.Program, ["exec", "--lab", Id, "fabric", "--", Tool.Python, Path.Combine(_cleave.Folder, "ask.py")], order.ToJsonString(JsonSerializerOptions.Default));
        Assert.True(outcome.Code == 0, $"the nodes could not be asked: {outcome}");
        return new(outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
    }
}
