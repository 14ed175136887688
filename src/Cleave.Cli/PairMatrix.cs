using System.Text;

namespace Cleave.Cli;

/// <summary>Draws who-to-whom as a table: senders are rows, receivers are columns.</summary>
internal static class PairMatrix
{
    public static string Draw(string title, IReadOnlyList<string> nodes, Func<string, string, string> cell)
    {
        int head = Math.Max(title.Length, nodes.Select(n => n.Length).DefaultIfEmpty().Max());
        var text = new StringBuilder();
        text.Append(title.PadRight(head));
        foreach (string node in nodes)
        {
            text.Append("  ").Append(node);
        }

        text.Append('\n');
        foreach (string from in nodes)
        {
            text.Append(from.PadRight(head));
            foreach (string to in nodes)
            {
                text.Append("  ").Append((from == to ? "-" : cell(from, to)).PadRight(to.Length));
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
