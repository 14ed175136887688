using System.Globalization;
using System.Xml.Linq;
using Cleave.Control;
using Cleave.Faults;
using Cleave.Graphs;
using Cleave.Tests.Faults;
using Cleave.Tests.Topology;
using Cleave.Topology;

namespace Cleave.Tests.Graphs;

public class LabGraphTests
{
    private const string Rewrite = "CLEAVE_REWRITE_GOLDEN";

    private static readonly LabTopology Five = LabText.Valid(
        "cleave: 1\nnodes:\n" + string.Concat(Enumerable.Range(1, 5).Select(n => $"  n{n}: {{ip: 172.23.0.{n}}}\n")));

    private static readonly LabTopology Routed = LabText.Valid("""
        cleave: 1
        networks: {left: {subnet: [10.1.0.0/24, "fd00:1::/64"]}, middle: {subnet: 10.2.0.0/24, mtu: 1400}, right: {subnet: 10.3.0.0/24}}
        links: {cable: {ends: {fabric: 192.0.2.1, a: {ip: 192.0.2.7, interface: veth1}}}}
        nodes:
          a: {ip: [10.1.0.1, "fd00:1::1"], ports: ["8080:80"]}
          r: {ip: [10.1.0.2, 10.3.0.2], router: true}
          b: {ip: [10.2.0.1, 10.3.0.1]}
        """);

    [Fact]
    public void The_picture_of_the_readme_is_that_of_the_quickstart_with_a_node_alone()
    {
        LabTopology quickstart = TopologyReader.Load(Repository.PathOf("examples", "quickstart", "cleave.yaml")).Topology!;
        string drawn = LabGraph.Svg(quickstart, With(quickstart, Labs.Isolate("c")));
        string file = Repository.PathOf("docs", "lab.svg");
        if (Environment.GetEnvironmentVariable(Rewrite) is { Length: > 0 })
        {
            File.WriteAllText(file, drawn);
        }

        Assert.True(File.ReadAllText(file) == drawn, $"the picture has changed; look at it after a run with {Rewrite}=1");
        Assert.Contains("(docs/lab.svg)", File.ReadAllText(Repository.PathOf("README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_network_node_interface_and_address_stands_in_the_picture()
    {
        string[] texts = [.. Texts(LabGraph.Svg(Routed))];

        Assert.Equal(
            ["left", "10.1.0.0/24", "fd00:1::/64", "middle", "10.2.0.0/24", "mtu 1400", "right", "10.3.0.0/24", "cable", "eth0 10.1.0.1", "fd00:1::1", "veth1 192.0.2.7",
                "eth0 10.1.0.2", "eth1 10.3.0.2", "eth0 10.2.0.1", "eth1 10.3.0.1", "link1 192.0.2.1", "a", "127.0.0.1:8080 → 80", "r", "router", "b", "fabric"],
            texts);
    }

    [Fact]
    public void Nothing_lies_on_anything_else_or_outside()
    {
        XElement svg = XDocument.Parse(LabGraph.Svg(Routed, With(Routed, Labs.Isolate("a")))).Root!;
        (int Width, int Height) page = (Number(svg, "width"), Number(svg, "height"));
        (int X, int Y, int Width, int Height)[] boxes =
            [.. Elements(svg, "rect").Where(r => Class(r).StartsWith("box", StringComparison.Ordinal)).Select(r => (Number(r, "x"), Number(r, "y"), Number(r, "width"), Number(r, "height")))];

        Assert.Equal(4, boxes.Length);
        Assert.All(boxes, b => Assert.True(b.X >= 0 && b.Y >= 0 && b.X + b.Width <= page.Width && b.Y + b.Height <= page.Height, $"{b} is not within {page}"));
        Assert.All(boxes.Index(), a => Assert.All(boxes.Index(), b => Assert.True(
            a.Index == b.Index || a.Item.X + a.Item.Width <= b.Item.X || b.Item.X + b.Item.Width <= a.Item.X || a.Item.Y + a.Item.Height <= b.Item.Y || b.Item.Y + b.Item.Height <= a.Item.Y)));
        Assert.All(Elements(svg, "text"), t => Assert.InRange(Number(t, "y"), 10, page.Height));
    }

    [Fact]
    public void Who_is_alone_has_a_cross_on_each_cable()
    {
        XElement svg = XDocument.Parse(LabGraph.Svg(Five, With(Five, Labs.Isolate("n2 n4")))).Root!;

        Assert.Equal(2, Elements(svg, "path").Count(p => Class(p) == "cross"));
        Assert.Equal(2, Elements(svg, "path").Count(p => Class(p) == "cut lost"));
        Assert.Contains("partition: isolate n2, n4", Texts(svg));
    }

    [Fact]
    public void Sides_have_letters_and_colours()
    {
        string svg = LabGraph.Svg(Five, With(Five, Labs.Split("n1 n2 | n3 n4 n5")));

        Assert.Equal(["n1 (A)", "n2 (A)", "n3 (B)", "n4 (B)", "n5 (B)"], Texts(svg).Where(t => t.Contains('(', StringComparison.Ordinal)));
        Assert.Contains("sides of lan: A n1 n2, B n3 n4 n5", Texts(svg));
        Assert.Contains("class=\"box side1\"", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Overlapping_sides_are_arrows_and_one_way_is_an_arrow_with_one_head()
    {
        XElement overlap = XDocument.Parse(LabGraph.Svg(Five, With(Five, Labs.Split("n1 n2 n3 | n3 n4 n5")))).Root!;
        Assert.Equal((4, 8), Arrows(overlap));

        XElement oneWay = XDocument.Parse(LabGraph.Svg(Five, With(Five, Labs.Cut("n1", "n2")))).Root!;
        Assert.Equal((1, 1), Arrows(oneWay));
    }

    [Fact]
    public void Too_many_arrows_are_a_line_of_text()
    {
        LabTopology many = LabText.Valid("cleave: 1\nnodes:\n" + string.Concat(Enumerable.Range(1, 12).Select(n => $"  n{n}: {{ip: 172.23.0.{n}}}\n")));
        string svg = LabGraph.Svg(many, With(many, Labs.Split("n1 n2 n3 n4 n5 n6 | n6 n7 n8 n9 n10 n11 n12")));

        Assert.Equal((0, 0), Arrows(XDocument.Parse(svg).Root!));
        Assert.Contains("30 pairs that are not drawn; cleave status lists them", Texts(svg));
    }

    [Fact]
    public void Mermaid_has_networks_nodes_cables_and_cuts() => Assert.Equal(
        """
        flowchart TB
            net0[["left<br/>10.1.0.0/24<br/>fd00:1::/64"]]
            net1[["middle<br/>10.2.0.0/24"]]
            net2[["right<br/>10.3.0.0/24"]]
            n0["a<br/>127.0.0.1:8080 → 80"]
            n1["r<br/>router"]
            n2["b"]
            fabric["fabric"]
            net0 ---|"eth0 10.1.0.1<br/>fd00:1::1"| n0
            net0 ---|"eth0 10.1.0.2"| n1
            net1 ---|"eth0 10.2.0.1"| n2
            net2 ---|"eth1 10.3.0.2"| n1
            net2 ---|"eth1 10.3.0.1"| n2
            n0 ---|"cable: veth1 192.0.2.7 · link1 192.0.2.1"| fabric
            n0 -.-x n1
            notes>"1 ordered pair is cut"]
            style notes stroke:#cf222e,stroke-width:2px
            linkStyle 6 stroke:#cf222e,stroke-width:2px

        """,
        LabGraph.Mermaid(Routed, With(Routed, Labs.Cut("a", "r"))));

    [Fact]
    public void What_a_lab_says_cannot_leave_its_place_in_the_picture()
    {
        var status = new FaultStatus(1, "split <script>&\"", []) { Summary = "]]>\"" };

        Assert.Contains("partition: split <script>&\"", Texts(LabGraph.Svg(Five, status)));
        Assert.Contains("notes>\"partition: split <script>&'<br/>]]>'\"]", LabGraph.Mermaid(Five, status), StringComparison.Ordinal);
    }

    private static FaultStatus With(LabTopology lab, Fault fault) => FaultReport.Of(FaultsInForce.None(lab).With(fault), lab);

    private static (int Paths, int Heads) Arrows(XElement svg) =>
        (Elements(svg, "path").Count(p => Class(p) == "cut lost" && p.Attribute("d")!.Value.Contains('C', StringComparison.Ordinal)), Elements(svg, "path").Count(p => Class(p) == "head"));

    private static IEnumerable<string> Texts(string svg) => Texts(XDocument.Parse(svg).Root!);

    private static IEnumerable<string> Texts(XElement svg) => Elements(svg, "text").Select(t => t.Value);

    private static IEnumerable<XElement> Elements(XElement svg, string name) => svg.Descendants().Where(e => e.Name.LocalName == name);

    private static string Class(XElement element) => element.Attribute("class")?.Value ?? "";

    private static int Number(XElement element, string name) => int.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
