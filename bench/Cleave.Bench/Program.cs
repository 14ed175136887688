using Cleave.Bench;

IBench[] benches = [new CreateBench(), new UndoBench(), new CutBench(), new StartupBench()];

// Not for people: a bench starts parts of itself in namespaces of their own, as "child BENCH …".
if (args is ["child", var child, .. var order])
{
    return benches.First(b => b.Name == child).RunChild(order);
}

if (BenchOptions.Parse(args, [.. benches.Select(b => b.Name)]) is not { } options)
{
    Console.Error.WriteLine(
        $"usage: ./build.sh bench [BENCH...] [--rounds N] [--json FILE]\n  BENCH: {string.Join(", ", benches.Select(b => b.Name))}; all unless named");
    return 2;
}

var report = new Report(Console.Out);
report.Machine();
foreach (IBench bench in benches.Where(b => options.Benches.Contains(b.Name)))
{
    bench.Run(options, report);
}

if (options.Json is { } file)
{
    report.WriteJson(file);
}

return 0;
