namespace Cleave.Bench;

internal sealed class CutBench : IBench
{
    public string Name => "cut";

    public void Run(BenchOptions options, Report report) => report.Section("Cutting and healing");

    public int RunChild(string[] order) => 2;
}
