using System.Net;
using System.Text;
using Cleave.Topology;

namespace Cleave.Graphs;

/// <summary>Draws a lab as SVG.</summary>
internal sealed class SvgGraph
{
    private const string Style =
        """
        <style>
        text{font:12px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328}
        .page{fill:#fff}.name{font-weight:bold}.small{fill:#59636e}
        .box{fill:#f6f8fa;stroke:#59636e;stroke-width:1.5}.bus{stroke:#0969da;stroke-width:5;stroke-linecap:round}.gap{stroke:#fff;stroke-width:11}
        .cable{stroke:#59636e;stroke-width:1.5;fill:none}.plug{fill:#0969da}
        .cut{stroke:#cf222e;stroke-width:2;fill:none}.lost{stroke-dasharray:5 4}.cross{stroke:#cf222e;stroke-width:3;stroke-linecap:round}.head,.note{fill:#cf222e}.disc{fill:#fff;stroke:none}
        .side0{fill:#ddf4ff}.side1{fill:#fff8c5}.side2{fill:#dafbe1}.side3{fill:#ffeff7}
        @media (prefers-color-scheme:dark){
        text{fill:#e6edf3}.page{fill:#0d1117}.small{fill:#9198a1}.box{fill:#161b22;stroke:#9198a1}.bus{stroke:#4493f8}.gap{stroke:#0d1117}
        .cable{stroke:#9198a1}.plug{fill:#4493f8}.cut,.cross{stroke:#ff7b72}.head,.note{fill:#ff7b72}.disc{fill:#0d1117}
        .side0{fill:#0c2d6b}.side1{fill:#4b2900}.side2{fill:#04260f}.side3{fill:#5e103e}}
        </style>
        """;

    private readonly StringBuilder _text = new();
    private readonly GraphLayout _layout;
    private readonly GraphCuts _cuts;

    private SvgGraph(GraphLayout layout, GraphCuts cuts) => (_layout, _cuts) = (layout, cuts);

    public static string Draw(LabTopology topology, GraphCuts cuts)
    {
        var graph = new SvgGraph(new GraphLayout(topology, cuts), cuts);
        string title = $"lab {LabName.Short(topology.Directory)}{string.Concat(cuts.Notes.Take(1).Select(n => $", {n}"))}";
        graph.Add($"""<svg xmlns="http://www.w3.org/2000/svg" width="{graph._layout.Width}" height="{graph._layout.Height}" role="img" aria-label="{Escape(title)}">""");
        graph.Add($"<title>{Escape(title)}</title>");
        graph._text.Append(Style).Append('\n');
        graph.Add($"""<rect class="page" width="100%" height="100%" rx="8"/>""");
        graph.DrawCables();
        graph.DrawNetworks();
        graph.DrawLabels();
        graph.DrawBoxes();
        graph.DrawArrows();
        graph.DrawNotes();
        return graph._text.Append("</svg>\n").ToString();
    }

    private void DrawCables()
    {
        foreach (Box box in _layout.Boxes)
        {
            foreach (Join join in box.Joins)
            {
                Row row = _layout.Rows[join.Row];
                int end = row.Y > box.Y ? box.Y + box.Height : box.Y;
                string cut = _cuts.IsAlone(box.Name, row.Name) ? "cut lost" : "cable";
                Add($"""<path class="{cut}" d="M{join.X} {row.Y}V{end}"/>""");
            }
        }
    }

    private void DrawNetworks()
    {
        foreach (Row row in _layout.Rows)
        {
            if (row.IsLink)
            {
                string cut = row.Members.Any(m => _cuts.IsAlone(m.Name, row.Name)) ? "cut lost" : "cable";
                Add($"""<path class="{cut}" d="M{row.Left} {row.Y}H{row.Right}"/>""");
                Label((row.Left + row.Right) / 2, row.Y + 4, [string.Join(", ", [row.Name, .. row.Lines])]);
                continue;
            }

            // Cables that only pass go below it.
            Add($"""<path class="gap" d="M{row.Left} {row.Y}H{row.Right}"/><path class="bus" d="M{row.Left} {row.Y}H{row.Right}"/>""");
            Text(row.Left - 14, row.Y - 2, "name", row.Name, "end");
            foreach ((int i, string line) in row.Lines.Index())
            {
                Text(row.Left - 14, row.Y + 13 + (i * GraphLayout.Line), "small", line, "end");
            }

            foreach (Join join in row.Members.SelectMany(m => m.Joins).Where(j => _layout.Rows[j.Row] == row))
            {
                Add($"""<circle class="plug" cx="{join.X}" cy="{row.Y}" r="5"/>""");
            }
        }
    }

    private void DrawLabels()
    {
        foreach (Box box in _layout.Boxes)
        {
            foreach (Join join in box.Joins)
            {
                Row row = _layout.Rows[join.Row];
                bool isAbove = row.Y > box.Y;
                int first = isAbove ? row.Y - 22 - ((join.Lines.Length - 1) * GraphLayout.Line) : row.Y + 32;
                Label(join.X, first, join.Lines);

                if (_cuts.IsAlone(box.Name, row.Name))
                {
                    Cross(join.X, isAbove ? row.Y - 12 : row.Y + 13);
                }
            }
        }
    }

    private void DrawBoxes()
    {
        foreach (Box box in _layout.Boxes)
        {
            char? side = box.Joins.Select(j => _cuts.SideOf(box.Name, _layout.Rows[j.Row].Name)).FirstOrDefault(s => s is not null);
            string fill = side is { } s ? $" side{(s - 'A') % 4}" : "";
            Add($"""<rect class="box{fill}" x="{box.X - (box.Width / 2)}" y="{box.Y}" width="{box.Width}" height="{box.Height}" rx="6"/>""");
            Text(box.X, box.Y + 20, "name", side is { } letter ? $"{box.Name} ({letter})" : box.Name, "middle");
            foreach ((int i, string line) in box.Lines.Index())
            {
                Text(box.X, box.Y + 20 + ((i + 1) * GraphLayout.BoxLine), "small", line, "middle");
            }
        }
    }

    private void DrawArrows()
    {
        foreach (GraphCuts.Arrow arrow in _cuts.Arrows)
        {
            Box from = _layout.Boxes.First(b => b.Name == arrow.From), to = _layout.Boxes.First(b => b.Name == arrow.To);

            // Two between the same boxes would hide each other only if both were drawn, and then they are one with two heads.
            int shift = Math.Sign(to.X - from.X) * 10;
            (int x1, int y1, int x2, int y2) = (from.X + shift, from.Y + from.Height, to.X - shift, to.Y + to.Height);
            int depth = Math.Max(y1, y2) + (GraphLayout.Depth(from, to) * 4 / 3);
            Add($"""<path class="cut lost" d="M{x1} {y1 + 8}C{x1} {depth} {x2} {depth} {x2} {y2 + 8}"/>""");
            Head(x2, y2);
            if (arrow.IsBothWays)
            {
                Head(x1, y1);
            }

            Cross((x1 + x2) / 2, ((y1 + y2 + 16) / 8) + (depth * 3 / 4));
        }
    }

    private void DrawNotes()
    {
        int y = _layout.Height - 10 - ((_cuts.Notes.Count - 1) * (GraphLayout.Line + 2));
        foreach ((int i, string note) in _cuts.Notes.Index())
        {
            Text(20, y + (i * (GraphLayout.Line + 2)), "note", note, "start");
        }
    }

    private void Head(int x, int y) => Add($"""<path class="head" d="M{x} {y + 1}l-5 10h10z"/>""");

    private void Cross(int x, int y) =>
        Add($"""<circle class="disc" cx="{x}" cy="{y}" r="8"/><path class="cross" d="M{x - 5} {y - 5}l10 10m0 -10l-10 10"/>""");

    /// <summary>Text on a cable.</summary>
    private void Label(int x, int y, string[] lines)
    {
        int width = (int)(lines.Max(l => l.Length) * GraphLayout.Letter) + 6;
        Add($"""<rect class="page" x="{x - (width / 2)}" y="{y - 12}" width="{width}" height="{(lines.Length * GraphLayout.Line) + 1}"/>""");
        foreach ((int i, string line) in lines.Index())
        {
            Text(x, y + (i * GraphLayout.Line), "small", line, "middle");
        }
    }

    private void Text(int x, int y, string style, string text, string anchor) =>
        Add($"""<text class="{style}" x="{x}" y="{y}" text-anchor="{anchor}">{Escape(text)}</text>""");

    private void Add(string element) => _text.Append(element).Append('\n');

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
