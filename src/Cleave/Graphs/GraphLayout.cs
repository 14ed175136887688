using System.Globalization;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Graphs;

/// <summary>
/// Where things stand in a picture: networks are horizontal lines, one below the other in the file's order, links behind them; a node is a box below its
/// first network, in a column in which nobody else is between that and its last one.
/// </summary>
internal sealed class GraphLayout
{
    public const int Line = 15; // of small text
    public const int BoxLine = 17;
    public const double Letter = 7.3; // of monospace at 12 px
    private const int Margin = 20;
    private const int Gap = 26;

    private readonly List<Box> _boxes = [];
    private readonly List<Row> _rows = [];
    private readonly List<int> _columns = [];

    public GraphLayout(LabTopology topology, GraphCuts cuts)
    {
        var wiring = new Wiring(topology);
        foreach ((int number, Node node) in topology.Nodes.Index())
        {
            _boxes.Add(new Box(
                node.Name,
                [.. node.IsRouter ? ["router"] : (string[])[], .. node.Ports.Select(p => $"{p.HostText} → {p.NodePort}")],
                [.. node.Attachments.Select((a, i) => Join(topology, a.Network, wiring.Inside(number, i).Name, a.Addresses))]));
        }

        if (topology.Networks.Any(n => n.Link?.Fabric is not null))
        {
            _boxes.Add(new Box(
                "fabric", [],
                [.. topology.Networks.Where(n => n.Link?.Fabric is not null).Select(n => Join(topology, n.Name, n.Link!.Fabric!.Interface, n.Link.Fabric.Addresses))]));
        }

        _boxes.ForEach(Place);
        foreach ((int i, Network network) in topology.Networks.Index())
        {
            _rows.Add(new Row(network.Name, [.. network.Subnets.Where(_ => network.Link is null).Select(s => s.ToString()),
                .. network.Mtu is { } mtu ? [string.Create(CultureInfo.InvariantCulture, $"mtu {mtu}")] : (string[])[]], network.Link is not null,
                [.. _boxes.Where(b => b.Joins.Any(j => j.Row == i))]));
        }

        Measure(cuts);
    }

    public IReadOnlyList<Box> Boxes => _boxes;

    public IReadOnlyList<Row> Rows => _rows;

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>How deep an arrow bends below its boxes.</summary>
    public static int Depth(Box from, Box to) => 22 + (6 * Math.Min(8, Math.Abs(from.Column - to.Column)));

    private static Join Join(LabTopology topology, string network, string name, IEnumerable<System.Net.IPAddress> addresses)
    {
        string[] texts = [.. addresses.Select(a => a.ToString())];
        return new Join(topology.Networks.Index().First(n => n.Item.Name == network).Index, [texts.Length == 0 ? name : $"{name} {texts[0]}", .. texts.Skip(1)]);
    }

    /// <summary>In the first column where nobody is in the way.</summary>
    private void Place(Box box)
    {
        box.Column = Enumerable.Range(0, _boxes.Count).First(c =>
            !_boxes.TakeWhile(b => b != box).Any(b => b.Column == c && b.First <= box.Last && box.First <= b.Last));
        while (_columns.Count <= box.Column)
        {
            _columns.Add(0);
        }

        int letters = box.Joins.SelectMany(j => j.Lines).Concat(box.Lines).Append(box.Name + "    ").Max(l => l.Length);
        box.Width = (int)(Letter * Math.Max(box.Name.Length + 4, box.Lines.Select(l => l.Length).DefaultIfEmpty(0).Max())) + 24;
        _columns[box.Column] = Math.Max(_columns[box.Column], Math.Max((int)(Letter * letters) + 10, box.Width));
    }

    private void Measure(GraphCuts cuts)
    {
        int left = Margin + (int)_rows.SelectMany(r => r.Lines.Append(r.Name + "  ")).Max(l => l.Length * Letter) + 14;
        int x = left;
        foreach ((int column, int width) in _columns.Index())
        {
            foreach (Box box in _boxes.Where(b => b.Column == column))
            {
                box.X = x + (width / 2);
            }

            x += width + Gap;
        }

        foreach (Box box in _boxes)
        {
            // Those that leave it downwards stand side by side, or one would seem to be a branch of another.
            Join[] down = [.. box.Joins.Where(j => j.Row > box.First)];
            Array.ForEach(box.Joins, j => j.X = box.X);
            foreach ((int i, Join join) in down.Index())
            {
                join.X += ((2 * i) - (down.Length - 1)) * 9;
            }
        }

        int y = Margin;
        foreach ((int i, Row row) in _rows.Index())
        {
            int above = row.Members.Where(b => b.First < i).SelectMany(b => b.Joins.Where(j => j.Row == i)).Select(j => j.Lines.Length).DefaultIfEmpty(0).Max();
            Box[] below = [.. row.Members.Where(b => b.First == i)];
            int lines = below.SelectMany(b => b.Joins.Where(j => j.Row == i)).Select(j => j.Lines.Length).DefaultIfEmpty(0).Max();
            row.Y = y + (above > 0 ? (above * Line) + 30 : 12);
            y = row.Y + (lines > 0 ? (lines * Line) + 32 : 24);
            foreach (Box box in below)
            {
                box.Y = y;
                box.Height = BoxLine * (1 + box.Lines.Length) + 14;
            }

            int arrows = cuts.Arrows.Select(a => (From: _boxes.Find(b => b.Name == a.From)!, To: _boxes.Find(b => b.Name == a.To)!))
                .Where(a => below.Contains(a.From) || below.Contains(a.To)).Select(a => Depth(a.From, a.To)).DefaultIfEmpty(0).Max();
            y = Math.Max(y + below.Select(b => b.Height).DefaultIfEmpty(0).Max() + arrows, row.Y + (Line * row.Lines.Length) + 6) + 12;
            IEnumerable<int> plugs = row.Members.SelectMany(b => b.Joins).Where(j => j.Row == i).Select(j => j.X);
            row.Left = row.IsLink ? plugs.Min() : left - 8;
            row.Right = plugs.Max() + (row.IsLink ? 0 : 24);
        }

        Height = y + (cuts.Notes.Count > 0 ? 12 + (cuts.Notes.Count * (Line + 2)) : 0) + 8;
        Width = Math.Max(x - Gap + Margin, (2 * Margin) + (int)(Letter * cuts.Notes.Select(n => n.Length).DefaultIfEmpty(0).Max()));
    }
}

/// <summary>A node, or the fabric where links lead to it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Lines">What stands below it.</param>
/// <param name="Joins">Its cables.</param>
internal sealed record Box(string Name, string[] Lines, Join[] Joins)
{
    public int First => Joins.Min(j => j.Row);

    public int Last => Joins.Max(j => j.Row);

    public int Column { get; set; } = -1;

    /// <summary>The middle.</summary>
    public int X { get; set; }

    /// <summary>The upper edge.</summary>
    public int Y { get; set; }

    public int Width { get; set; }

    public int Height { get; set; }
}

/// <summary>A cable of a node.</summary>
/// <param name="Row">The number of the network or link.</param>
/// <param name="Lines">Interface and addresses.</param>
internal sealed record Join(int Row, string[] Lines)
{
    public int X { get; set; }
}

/// <summary>A network or link.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Lines">Subnets and MTU.</param>
/// <param name="IsLink">Whether it is a cable between two.</param>
/// <param name="Members">Who is on it.</param>
internal sealed record Row(string Name, string[] Lines, bool IsLink, Box[] Members)
{
    public int Y { get; set; }

    public int Left { get; set; }

    public int Right { get; set; }
}
