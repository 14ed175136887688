using System.Globalization;
using System.Text;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>Processor time is the process's: what is measured runs alone.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public class MeasuredAlone;

/// <summary>Whatever the bytes: no crash, no hang, and mistakes that are in order and inside the file.</summary>
[Collection(nameof(MeasuredAlone))]
public class HostileFileTests
{
    private const int Files = 20_000;
    private const int Seed = 20_260_101;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static readonly string[] Tokens =
    [
        "&a ", "*a", "*base", "<<: *base", "<<: *a", "[", "]", "{", "}", "- ", "? ", ": ", ":", ",", "!!int ", "!x ", "!", "\"", "'", "|\n", ">-\n", "---\n", "...\n",
        "%YAML 1.2\n", "\t", "\n", "\r", "\r\n", "  ", "#", "\\", "\0", "\u0001", "\u0085", "\u2028", "\uFEFF", "é", "😀", "${save.leader}", "${save.", "${", "~", "null", "true",
        "172.23.0.1", "172.23.0.0/24", "10.0.0.0/8", "0", "-1", "99999999999999999999", "5s", "5", "nodes", "networks", "ip", "run", "isolate", "heal", "cut", "mend",
        "during", "repeat", "parallel", "steps", "for", "within", "save", "name", "disjoint", "split", "expect", "wait", "app", "nginx", "db", "lan", "wan", "x-y", "fd00:23::1", "\"fd01::/64\"", "::", "/", "router", "routes", "default", "aliases", "hostname", "sysctls", "net.core.x", "env-file", "limits", "nofile", "log", "tmpfs", "volumes", "./x:/y:ro", "user", "control", "interface", "eth0", "mtu", "links", "ends", "fabric", "host", "wire", "10.9.0.1/30", "/33", "cleave", "(", "[a",
    ];

    private static readonly byte[][] Originals =
    [
        Encoding.UTF8.GetBytes(LabText.Full),
        Encoding.UTF8.GetBytes(LabText.Steps + "\n    - &x {isolate: alpha}\n    - *x\n    - cut: {between: [alpha, beta]}\n"),
        "cleave: 1\nnodes: {app: {ip: 172.23.0.1, run: \"a\\\"b\"}, db: {ip: 172.23.0.2, run: 'x'}}\n"u8.ToArray(),
        """
        cleave: 1
        networks: {lan: {subnet: ["fd00:23::/64", 172.23.0.0/24], mtu: 1280}, wan: {subnet: [10.0.0.0/24, "fd01::/64"]}}
        nodes:
          app: {ip: [172.23.0.1, "fd00:23::1"], aliases: [www, db.example.com], routes: {default: [172.23.0.254, "fd00:23::fe"], 10.1.0.0/16: nginx}}
          nginx: {networks: {lan: {ip: [172.23.0.254, "fd00:23::fe"], interface: lan0}, wan: 10.0.0.1}, router: true, hostname: r.example.com}
          db: {ip: 10.0.0.2, interface: wan0, sysctls: {net.ipv4.tcp_retries2: 5, kernel.shmmax: 1000000}, routes: {default: nginx}}

        """u8.ToArray(),
        """
        cleave: 1
        links:
          wire: {mtu: 1400, ends: {app: 10.9.0.1/30, db: {ip: [10.9.0.2/30, "fd00:9::2/64"], interface: eth7}}}
          cable: {ends: {fabric: {ip: 192.0.2.1, interface: veth1}, app: "fd00:200::1"}}
          bare: {ends: {db: , nginx: }}
        nodes:
          app: {router: true, routes: {default: cable}, ports: ["auto:80"]}
          nginx: {ip: 172.23.0.1}
          db: {routes: {default: app, 10.1.0.0/16: wire, "fd01::/64": bare}}

        """u8.ToArray(),
    ];

    [Fact]
    public void Twenty_thousand_mutated_files_are_read_without_a_crash_or_a_hang()
    {
        var index = 0;
        Exception? failure = null;
        var worker = new Thread(
            () =>
            {
                try
                {
                    for (; index < Files; Volatile.Write(ref index, index + 1))
                        Check(Mutate(index));
                }
                catch (Exception e)
                {
                    failure = e;
                }
            })
        { IsBackground = true };
        worker.Start();

        // A file that takes too long is waited for ten times its limit, then it hangs.
        for (var seen = -1; !worker.Join(Limit * 10) && failure is null;)
        {
            Assert.False(seen == Volatile.Read(ref index), $"file {index} of seed {Seed} hangs:\n{Show(Mutate(index))}");
            seen = Volatile.Read(ref index);
        }

        Assert.True(failure is null, $"file {index} of seed {Seed}: {failure}\n{Show(Mutate(index))}");
    }

    [Fact]
    public void Some_mutated_files_are_still_valid_and_some_are_not()
    {
        var valid = Enumerable.Range(0, 500).Count(i => TopologyReader.Parse(LabText.Path, Mutate(i)).Topology is not null);

        Assert.InRange(valid, 5, 495);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("\n")]
    [InlineData(" ")]
    [InlineData("\t")]
    [InlineData("- ")]
    [InlineData("- a\n")]
    [InlineData("? a\n")]
    [InlineData(": ")]
    [InlineData(":\n")]
    [InlineData("[")]
    [InlineData("]")]
    [InlineData("[],")]
    [InlineData("{a: ")]
    [InlineData("'")]
    [InlineData("\"")]
    [InlineData("\"\\")]
    [InlineData("&a ")]
    [InlineData("*a ")]
    [InlineData("*a: ")]
    [InlineData("!a ")]
    [InlineData("%a ")]
    [InlineData("%a\n")]
    [InlineData("|\n")]
    [InlineData("|\n ")]
    [InlineData(">\n")]
    [InlineData("#")]
    [InlineData("---\n")]
    [InlineData("...\n")]
    [InlineData("--- ")]
    [InlineData("<<: ")]
    [InlineData("é")]
    [InlineData("a: b\n")]
    [InlineData("a\n\t")]
    public void A_mebibyte_of_one_token_ends_soon(string token)
    {
        foreach (var head in new[] { "", "cleave: 1\nx-a: ", "cleave: 1\nx-a: [", "cleave: 1\nx-a: \"", "cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, run: " })
            Check(Encoding.UTF8.GetBytes(head + string.Concat(Enumerable.Repeat(token, ((1 << 20) - 60) / Encoding.UTF8.GetByteCount(token)))));
    }

    [Fact]
    public void A_file_full_of_names_that_are_wrong_ends_soon()
    {
        var nodes = Enumerable.Range(0, 8000).Select(i => $"  node{i}: {{ip: 10.{i / 200}.{i % 200}.1}}\n");
        var steps = Enumerable.Range(0, 15_000).Select(i => $"    - isolate: nodee{i}\n");
        Check(Encoding.UTF8.GetBytes($"cleave: 1\nnetworks: {{lan: {{subnet: 10.0.0.0/8}}}}\nnodes:\n{string.Concat(nodes)}scenarios:\n  s:\n{string.Concat(steps)}"));
    }

    [Fact]
    public void A_large_cut_between_many_nodes_is_read_soon()
    {
        var names = string.Join(", ", Enumerable.Range(0, 8000).Select(i => $"n{i}"));
        var nodes = Enumerable.Range(0, 8000).Select(i => $"  n{i}: {{ip: 10.{i / 200}.{i % 200}.1}}\n");
        var lab = LabText.Valid(
            $"cleave: 1\nnetworks: {{lan: {{subnet: 10.0.0.0/8}}}}\nnodes:\n{string.Concat(nodes)}scenarios:\n  s:\n    - cut: {{between: [{names}]}}\n    - disjoint: [[{names}]]\n");

        Assert.Equal(8000, lab.Nodes.Length);
    }

    private static void Check(byte[] bytes)
    {
        // Not by a clock on the wall: the machine may be busy.
        var start = Environment.CpuUsage.TotalTime;
        var result = TopologyReader.Parse(LabText.Path, bytes);
        var took = Environment.CpuUsage.TotalTime - start;
        Assert.True(took < Limit, $"took {took}");

        Assert.Equal(result.Diagnostics.IsEmpty, result.Topology is not null);
        Assert.Equal(result.Diagnostics.Distinct().Count(), result.Diagnostics.Length);
        var lines = Encoding.UTF8.GetString(bytes).ReplaceLineEndings("\n").Split('\n');
        var last = (Line: 0, Column: 0);
        foreach (var (file, at, message, suggestion) in result.Diagnostics)
        {
            Assert.Equal(LabText.Path, file);
            Assert.InRange(at.Line, 1, lines.Length);
            Assert.InRange(at.Column, 1, lines[at.Line - 1].Length + 1);
            Assert.True(last.CompareTo((at.Line, at.Column)) <= 0, $"{at} stands after {last}");
            Assert.DoesNotContain(message, c => char.IsControl(c));
            Assert.Contains("expected", message, StringComparison.Ordinal);
            Assert.NotEqual("", suggestion);
            Assert.DoesNotContain(suggestion ?? "", c => char.IsControl(c));
            last = (at.Line, at.Column);
        }

        if (result.Topology is not { } lab)
            return;
        Assert.NotEmpty(lab.Nodes);
        foreach (var attachment in lab.Nodes.SelectMany(n => n.Attachments))
        {
            Assert.True(attachment.Addresses.Length > 0 || lab.Links.Any(l => l.Name == attachment.Network));
            Assert.All(attachment.Addresses, a => Assert.NotNull(lab.Networks.Single(n => n.Name == attachment.Network).SubnetOf(a)));
        }

        Assert.All(lab.Nodes, n => Assert.NotEmpty(n.Attachments));
        Assert.Distinct(lab.Nodes.SelectMany(n => n.Attachments).SelectMany(a => a.Addresses));
        Assert.All(lab.Nodes, n => Assert.Distinct(n.Attachments.Select(a => a.Interface)));
        Assert.Distinct(lab.Nodes.SelectMany(n => n.Aliases.Prepend(n.Name)));
        Assert.All(lab.Nodes, n => Assert.All(n.Routes, r => Assert.Contains(
            n.Attachments, a => r.Gateway is { } gateway ? lab.Networks.Single(w => w.Name == a.Network).SubnetOf(gateway) is not null : a.Network == r.Link)));
        Assert.All(lab.Links, l => Assert.Equal(l.Link!.Fabric is null ? 2 : 1, lab.Nodes.Count(n => n.Attachments.Any(a => a.Network == l.Name && a.HasFabric == (l.Link.Fabric is not null)))));
        Assert.NotEmpty(LabPlan.Of(lab, new PlanInputs("/project", "/run/cleave")).Network);
    }

    private static byte[] Mutate(int index)
    {
        var random = new Random(HashCode(index));
        var bytes = Originals[random.Next(Originals.Length)].ToList();
        for (var times = random.Next(1, 7); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(9))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                    break;
                case 3 or 4:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
                case 5:
                    var (start, length) = Word(bytes, at);
                    bytes.RemoveRange(start, length);
                    bytes.InsertRange(start, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
                case 6:
                    var copied = Line(bytes, at);
                    bytes.InsertRange(Line(bytes, random.Next(bytes.Count)).Start, bytes.GetRange(copied.Start, copied.Length));
                    break;
                case 7:
                    var removed = Line(bytes, at);
                    bytes.RemoveRange(removed.Start, removed.Length);
                    break;
                default:
                    bytes.InsertRange(Line(bytes, at).Start, Enumerable.Repeat((byte)' ', random.Next(1, 5)));
                    break;
            }
        }

        return [.. bytes];
    }

    // Not System.HashCode, which differs from run to run.
    private static int HashCode(int index) => unchecked((Seed * 31) + (index * 7919));

    private static (int Start, int Length) Line(List<byte> bytes, int at)
    {
        var start = at == 0 ? 0 : bytes.LastIndexOf((byte)'\n', at - 1) + 1;
        var end = bytes.IndexOf((byte)'\n', at);
        return (start, (end < 0 ? bytes.Count : end + 1) - start);
    }

    private static (int Start, int Length) Word(List<byte> bytes, int at)
    {
        var (start, end) = (at, at);
        while (start > 0 && char.IsAsciiLetterOrDigit((char)bytes[start - 1]))
            start--;
        while (end < bytes.Count && char.IsAsciiLetterOrDigit((char)bytes[end]))
            end++;
        return (start, end - start);
    }

    private static string Show(byte[] bytes) =>
        string.Concat(Encoding.Latin1.GetString(bytes).Select(c => c is '\n' or (>= ' ' and <= '~') ? c.ToString() : $"\\x{((int)c).ToString("X2", CultureInfo.InvariantCulture)}"));
}
