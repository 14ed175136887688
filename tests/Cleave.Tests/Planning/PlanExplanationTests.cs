using System.Reflection;
using Cleave.Planning;
using Cleave.Tests.Topology;
using Cleave.Topology;

namespace Cleave.Tests.Planning;

public class PlanExplanationTests
{
    private const string Everything = """
        cleave: 1
        networks: {lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}, wan: {subnet: 10.0.0.0/24}}
        nodes:
          a: {ip: [172.23.0.1, "fd00:23::1"], routes: {default: r}, sysctls: {net.ipv4.ip_forward: 0, kernel.shmmax: 9}}
          r: {ip: [172.23.0.2, "fd00:23::2", 10.0.0.1], router: true, sysctls: {net.ipv4.ip_forward: 1}}
          b: {ip: 10.0.0.2, tmpfs: [/opt], volumes: ["data:/srv"]}
        """;

    private static readonly LabPlan Plan = LabPlan.Of(Valid(Everything), new PlanInputs("/lab", "/run/user/1000/cleave", NodesOfABridge: 1)
    {
        Uplink = new Uplink(GatewayChoice.User, "pasta", [new("169.254.23.100", 24, "169.254.23.2")], []) { Commands = ["pasta --netns /run/netns/fabric &"] },
    });

    [Fact]
    public void Every_command_of_the_plan_is_explained_once()
    {
        string[] explained = [.. PlanExplanation.Print(Plan).Split('\n').Where(IsCommand).Order(StringComparer.Ordinal)];

        Assert.Equal(PlanPrinter.Print(Plan).Split('\n').Where(IsCommand).Order(StringComparer.Ordinal), explained);
        static bool IsCommand(string line) => line.Length > 0 && !line.StartsWith('#');
    }

    [Fact]
    public void A_chapter_tells_what_breaks_and_where_to_read_on_before_its_first_command()
    {
        string text = PlanExplanation.Print(Plan);

        Assert.Matches(
            @"# ==== Switches and cables =+\n(# .*\n)+#\n#   ip link add … type bridge: makes a switch(.|\n)*?#   Without it: there would be nothing between the nodes\.\n#   Read on: ip-link\(8\), bridge\(8\), .*\n" +
            @"\n# br1 is the switch of the network lan\.\nip -n fabric link add name br1 ", text);
        Assert.Contains("# eth0 of a, plugged into port p1 of br1.\nip -n fabric link add name p1 ", text, StringComparison.Ordinal);
        Assert.Contains("# Passes IPv4 packets on from one network to another: it is a router (r).\nip netns exec r sysctl -qw net.ipv4.ip_forward=1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text.Split('\n'), l => l.StartsWith('#') && l.Length > 160);
    }

    [Fact]
    public void Every_chapter_is_printed_where_there_are_commands_for_it()
    {
        string text = PlanExplanation.Print(Plan);
        IEnumerable<Chapter> chapters = typeof(Chapter).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.FieldType == typeof(Chapter)).Select(f => (Chapter)f.GetValue(null)!);

        Assert.Equal(chapters.OrderBy(c => c.What), Chapter.OfNetwork.Concat(Chapter.OfRooms).OrderBy(c => c.What));
        var meanings = new OperationMeanings(Plan);
        Assert.All(Plan.Network, o => Assert.Contains(meanings.ChapterOf(o), Chapter.OfNetwork));
        Assert.All(Plan.Rooms, o => Assert.Contains(meanings.ChapterOf(o), Chapter.OfRooms));
        Assert.All(
            Plan.Network.Concat(Plan.Rooms).Select(meanings.ChapterOf).Distinct(),
            c => Assert.Contains($"#   {string.Join(' ', c.Command.Split(' ').Take(2))}", text, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(PlanPrinterTests.Operations), MemberType = typeof(PlanPrinterTests))]
    public void Every_operation_has_a_meaning(string name)
    {
        Operation operation = PlanPrinterTests.Sample(name);
        var meanings = new OperationMeanings(Plan);

        Assert.NotNull(meanings.ChapterOf(operation));
        Assert.EndsWith(".", meanings.Sentence(operation), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(PlanPrinterTests.Operations), MemberType = typeof(PlanPrinterTests))]
    public void Every_operation_of_the_network_is_checked_by_the_script(string name)
    {
        // The way out is not the script's, cuts are not a new lab's, and rooms are no network.
        bool isInRoom = Chapter.OfRooms.Contains(new OperationMeanings(Plan).ChapterOf(PlanPrinterTests.Sample(name)));
        bool isNot = isInRoom || name is nameof(Operation.JoinUplink) or nameof(Operation.CreateUplinkTable) or nameof(Operation.ReplaceCuts);

        Assert.Equal(!isNot, ScriptChecks.Knows(Plan, PlanPrinterTests.Sample(name)));
    }

    [Fact]
    public void The_script_says_what_it_does_not_make_in_comments_that_cannot_be_left()
    {
        LabTopology lab = Valid(
            "cleave: 1\ngateway: user\nnodes: {a: {ip: 172.23.0.1, run: \"true\\nrm -rf /\", setup: [\"make x\"], ports: [\"8080:80\"], tmpfs: [/opt]}}\n");
        string[] script = PlanScript.Print(LabPlan.Of(lab, new PlanInputs("/lab", "/run/user/1000/cleave"))).Split('\n');

        Assert.Contains("#   a: runs true rm -rf /", script);
        Assert.Contains("#   a: is set up by make x", script);
        Assert.Contains("#   a: has something of its own at /opt", script);
        Assert.Contains("#   a: is reached at 127.0.0.1:8080 of the host, its port 80/tcp", script);
        Assert.Contains(script, l => l.StartsWith("# Not here either: the way out, gateway: user,", StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_file_that_many_nodes_see_is_printed_once()
    {
        int Length(int nodes) => PlanPrinter.Print(LabPlan.Of(
            LabText.Valid($"cleave: 1\nnetworks: {{lan: {{subnet: 10.0.0.0/8}}}}\nnodes:\n{string.Concat(Enumerable.Range(1, nodes).Select(n => $"  n{n}: {{ip: 10.1.{n / 250}.{(n % 250) + 1}}}\n"))}"),
            new PlanInputs("/lab", "/run/user/1000/cleave"))).Length;

        // With so many nodes no neighbours are printed either.
        Assert.InRange(Length(800), Length(400), Length(400) * 2.2);
    }

    private static LabTopology Valid(string lab) => LabText.Valid(lab, Surroundings.AsChecked(new Dictionary<string, string>()));
}
