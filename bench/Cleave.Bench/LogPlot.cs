using System.Globalization;
using System.Security;
using System.Text;

namespace Cleave.Bench;

/// <summary>Lines on two logarithmic axes, as an SVG that can be read on a light and on a dark page.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="XAxis">What goes to the right, with its unit.</param>
/// <param name="YAxis">What goes up, with its unit.</param>
/// <param name="Lines">A name and points each, all coordinates positive.</param>
internal sealed record LogPlot(string Title, string XAxis, string YAxis, IReadOnlyList<(string Name, IReadOnlyList<(double X, double Y)> Points)> Lines)
{
    private const int Width = 720;
    private const int Height = 420;
    private const int Left = 70;
    private const int Right = 190;
    private const int Top = 40;
    private const int Bottom = 50;

    // Of middle lightness: enough contrast on white and on black.
    private static readonly string[] Colours = ["#2f7fd6", "#d9711c", "#2e9e4f", "#c2408f", "#8a6fd1", "#a08a10", "#1f9aa0", "#c9443c", "#7a7f87", "#6b4a2b"];

    public string ToSvg()
    {
        (double fromX, double toX) = Range(Lines.SelectMany(l => l.Points).Select(p => p.X));
        (double fromY, double toY) = Range(Lines.SelectMany(l => l.Points).Select(p => p.Y));
        var svg = new StringBuilder(
            $$"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{Width}} {{Height}}" font-family="sans-serif" font-size="12">
            <style>
              text { fill: #444 } .axis { stroke: #888; fill: none } .grid { stroke: #888; stroke-opacity: .25 }
              @media (prefers-color-scheme: dark) { text { fill: #ccc } }
            </style>
            <text x="{{Left}}" y="22" font-size="14">{{Title}}</text>

            """);
        foreach (double x in Ticks(fromX, toX))
        {
            Say($"<line class=\"grid\" x1=\"{X(x):0.0}\" y1=\"{Top}\" x2=\"{X(x):0.0}\" y2=\"{Height - Bottom}\"/>");
            Say($"<text x=\"{X(x):0.0}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{x:0.###}</text>");
        }

        foreach (double y in Ticks(fromY, toY))
        {
            Say($"<line class=\"grid\" x1=\"{Left}\" y1=\"{Y(y):0.0}\" x2=\"{Width - Right}\" y2=\"{Y(y):0.0}\"/>");
            Say($"<text x=\"{Left - 8}\" y=\"{Y(y) + 4:0.0}\" text-anchor=\"end\">{y:0.###}</text>");
        }

        Say($"<path class=\"axis\" d=\"M{Left} {Top}V{Height - Bottom}H{Width - Right}\"/>");
        Say($"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 10}\" text-anchor=\"middle\">{XAxis}</text>");
        Say($"<text transform=\"translate(16 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{YAxis}</text>");
        for (int i = 0; i < Lines.Count; i++)
        {
            (string name, IReadOnlyList<(double X, double Y)> points) = Lines[i];
            string colour = Colours[i % Colours.Length];
            Say($"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{string.Join(' ', points.Select(p => FormattableString.Invariant($"{X(p.X):0.0},{Y(p.Y):0.0}")))}\"/>");
            foreach ((double x, double y) in points)
            {
                Say($"<circle cx=\"{X(x):0.0}\" cy=\"{Y(y):0.0}\" r=\"3\" fill=\"{colour}\"><title>{SecurityElement.Escape(name)}, {x:0}: {y:0.##}</title></circle>");
            }

            int at = Top + 10 + (i * 20);
            Say($"<line x1=\"{Width - Right + 15}\" y1=\"{at - 4}\" x2=\"{Width - Right + 35}\" y2=\"{at - 4}\" stroke=\"{colour}\" stroke-width=\"2\"/>");
            Say($"<text x=\"{Width - Right + 42}\" y=\"{at}\">{SecurityElement.Escape(name)}</text>");
        }

        return svg.Append("</svg>\n").ToString();

        double X(double x) => Left + ((Width - Right - Left) * Math.Log(x / fromX) / Math.Log(toX / fromX));
        double Y(double y) => Height - Bottom - ((Height - Bottom - Top) * Math.Log(y / fromY) / Math.Log(toY / fromY));
        void Say(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>Whole powers of ten around all.</summary>
    private static (double From, double To) Range(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double from = Math.Pow(10, Math.Floor(Math.Log10(all.Min())));
        return (from, Math.Max(from * 10, Math.Pow(10, Math.Ceiling(Math.Log10(all.Max())))));
    }

    private static IEnumerable<double> Ticks(double from, double to)
    {
        for (double tick = from; tick <= to * 1.001; tick *= 10)
        {
            yield return tick;
        }
    }
}
