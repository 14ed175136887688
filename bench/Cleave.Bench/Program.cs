using Cleave.Bench;

IBench[] benches = [new CreateBench(), new UndoBench(), new UpBench(), new CutBench(), new PacketBench(), new PortsBench(), new StartupBench()];

// Not for people: a bench starts parts of itself in namespaces of their own, as "child BENCH …".
if (args is ["child", var child, .. var order])
{
    return benches.First(b => b.Name == child).RunChild(order);
}

if (args is ["plot", var measured, var folder])
{
    foreach (string plot in Plots.Write(measured, folder))
    {
        Console.WriteLine(plot);
    }

    return 0;
}

if (BenchOptions.Parse(args, [.. benches.Select(b => b.Name)]) is not { } options)
{
    Console.Error.WriteLine(
        $"usage: ./build.sh bench [BENCH...] [--rounds N] [--json FILE] [--markdown]\n  BENCH: {string.Join(", ", benches.Select(b => b.Name))}; all unless named\n       ./build.sh plots FILE: docs/figures/*.svg from what --json wrote");
    return 2;
}

var report = new Report(Console.Out, options.Markdown);
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
