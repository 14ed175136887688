namespace Cleave.Cli;

/// <summary>Columns of text.</summary>
internal static class Table
{
    public static void Print(string[] head, IEnumerable<string[]> rows, TextWriter? output = null)
    {
        string[][] all = [head, .. rows];
        int[] widths = [.. Enumerable.Range(0, head.Length).Select(c => all.Max(r => r[c].Length))];
        foreach (string[] row in all)
        {
            (output ?? Console.Out).WriteLine(string.Join("  ", row.Select((cell, c) => cell.PadRight(widths[c]))).TrimEnd());
        }
    }
}
