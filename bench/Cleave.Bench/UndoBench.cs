using System.Diagnostics;
using System.Globalization;
using Cleave.Namespaces;
using Cleave.Processes;

namespace Cleave.Bench;

/// <summary>How long it takes to undo a lab's network when its very last operation fails.</summary>
internal sealed class UndoBench : IBench
{
    public string Name => "undo";

    public void Run(BenchOptions options, Report report)
    {
        report.Section("Undoing a lab's network whose last operation failed (ms, medians)");
        report.Note("From the operation that fails to the end of undoing; the namespaces are freed by the kernel afterwards.");
        int rounds = options.Rounds ?? 5;
        var rows = new List<object?[]>();
        var all = new Dictionary<string, IReadOnlyList<double>>();
        foreach (int nodes in (int[])[10, 100, 500, 1000])
        {
            double[] samples = [.. Enumerable.Range(0, rounds).Select(_ => RunOnce(nodes))];
            all[$"{nodes}"] = samples;
            rows.Add([nodes, samples.Median(), rounds]);
        }

        report.Table(["N", "undo", "rounds"], rows, all);
    }

    public int RunChild(string[] order)
    {
        using var thread = new NamespaceThread();
        var children = new Children();
        FailingLab.WarmUp(thread, children, others: 1); // the fabric
        Console.WriteLine(FailingLab.Make(int.Parse(order[0], CultureInfo.InvariantCulture), thread, children));
        Environment.Exit(0);
        return 0;
    }

    private double RunOnce(int nodes)
    {
        using Process lab = Subprocess.StartSelf(["unshare", "-Urmnuip", "--fork"], Name, $"{nodes}");
        return double.Parse(Subprocess.Finish(lab, "the lab"), CultureInfo.InvariantCulture);
    }
}
