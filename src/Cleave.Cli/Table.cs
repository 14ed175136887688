namespace Cleave.Cli;

/// <summary>Columns of text.</summary>
internal static class Table
{
    // Loops, since ps is to start quickly, and Linq over numbers has to be compiled first.
    public static void Print(string[] head, IEnumerable<string[]> rows, TextWriter? output = null)
    {
        string[][] all = [head, .. rows];
        int[] widths = new int[head.Length];
        foreach (string[] row in all)
        {
            for (int column = 0; column < widths.Length; column++)
            {
                widths[column] = Math.Max(widths[column], row[column].Length);
            }
        }

        foreach (string[] row in all)
        {
            string line = "";
            for (int column = 0; column < widths.Length; column++)
            {
                line += row[column].PadRight(widths[column] + 2);
            }

            (output ?? Console.Out).WriteLine(line.TrimEnd());
        }
    }
}
