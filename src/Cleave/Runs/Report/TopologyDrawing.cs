using static Cleave.Runs.Report.Markup;

namespace Cleave.Runs.Report;

/// <summary>The lab: a line a network, a box a node above them, and a wire from each node to each of its networks.</summary>
internal static class TopologyDrawing
{
    /// <summary>More are only listed.</summary>
    public const int MostNodes = 40;

    private const double Column = 118, Left = 130, Room = 24, BoxWidth = 100, BoxHeight = 34, Top = 10, FirstNetwork = 84, Network = 40;

    public static void Write(Markup output, RunHead head)
    {
        if (head.Nodes.Length <= MostNodes)
        {
            Draw(output, head);
        }

        output.Table(
            "Nodes and their addresses",
            ["Node", .. head.Networks.Select(n => $"{n.Name} {string.Join(", ", n.Subnets)}")],
            head.Nodes.Select(node => (IReadOnlyList<string>)
            [
                node.Name + (node.Router ? " (router)" : ""),
                .. head.Networks.Select(n => string.Join(", ", node.Places.Where(p => p.Network == n.Name).SelectMany(p => p.Addresses)) is { Length: > 0 } on ? on : "–"),
            ]));
    }

    private static void Draw(Markup output, RunHead head)
    {
        double width = Left + (2 * Room) + (head.Nodes.Length * Column);
        double height = FirstNetwork + (head.Networks.Length * Network);
        output.Open("div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", "Drawing of the lab");
        output.Open("svg", "viewBox", $"0 0 {Number(width)} {Number(height)}", "width", Number(width), "height", Number(height), "role", "img", "aria-label",
            $"{head.Nodes.Length} nodes on {head.Networks.Length} networks; the table below has the same", "class", "topology");
        foreach ((int index, RunNetwork network) in head.Networks.Index())
        {
            double y = FirstNetwork + (index * Network);
            output.Empty("line", "class", "network", "x1", Number(Left), "x2", Number(width - 10), "y1", Number(y), "y2", Number(y));
            output.Say("text", network.Name, "class", "name", "x", Number(Left - 8), "y", Number(y)).Say("text", string.Join(", ", network.Subnets), "class", "subnet", "x", Number(Left - 8), "y", Number(y + 13));
        }

        var rows = head.Networks.Index().ToDictionary(n => n.Item.Name, n => n.Index, StringComparer.Ordinal);
        foreach ((int index, RunNode node) in head.Nodes.Index())
        {
            double x = Left + Room + (index * Column) + (Column / 2);
            foreach ((int number, RunPlace place) in node.Places.Index())
            {
                double at = x + ((number - ((node.Places.Length - 1) / 2.0)) * 16);
                double y = FirstNetwork + (rows[place.Network] * Network);
                output.Empty("line", "class", "wire", "x1", Number(at), "x2", Number(at), "y1", Number(Top + BoxHeight), "y2", Number(y));
                output.Empty("circle", "class", "port", "cx", Number(at), "cy", Number(y), "r", "3.5");
                output.Say("text", Short(place.Addresses.FirstOrDefault() ?? "", 16), "class", "address", "x", Number(at + (number == 0 && node.Places.Length > 1 ? -5 : 5)), "y", Number(y - 5), "text-anchor", number == 0 && node.Places.Length > 1 ? "end" : null);
            }

            output.Open("g", "class", node.Router ? "box router" : "box");
            output.Empty("rect", "x", Number(x - (BoxWidth / 2)), "y", Number(Top), "width", Number(BoxWidth), "height", Number(BoxHeight), "rx", node.Router ? "16" : "4");
            output.Say("text", Short(node.Name, 14), "x", Number(x), "y", Number(Top + (node.Router ? 15 : 21)));
            if (node.Router)
            {
                output.Say("text", "router", "class", "small", "x", Number(x), "y", Number(Top + 27));
            }

            output.Say("title", $"{node.Name}: {string.Join("; ", node.Places.Select(p => $"{p.Network} {string.Join(", ", p.Addresses)}"))}").Close();
        }

        output.Close().CloseLine();
    }

    private static string Short(string text, int most) => text.Length > most ? text[..(most - 1)] + "…" : text;
}
