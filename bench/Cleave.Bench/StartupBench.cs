namespace Cleave.Bench;

/// <summary>How long commands of one question take from their start to their end, beside an empty .NET program published in the same way.</summary>
internal sealed class StartupBench : IBench
{
    private const double Limit = 2.5;
    private const string Empty = "empty";
    private const string Native = "native"; // without a runtime an empty program does nothing at all, so that nothing is promised in relation to it

    private static readonly string[] CompiledAhead = ["-p:PublishReadyToRun=true", "-p:PublishSingleFile=true"];

    private static readonly (string Name, string[] Arguments, bool Promised)[] Commands =
    [
        ("--help", ["--help"], true),
        ("--version", ["--version"], false),
        ("ps --all", ["ps", "--all"], false),
        ("ps", ["ps"], true),
        ("isolate", ["isolate", "a"], true),
    ];

    public string Name => "startup";

    public void Run(BenchOptions options, Report report)
    {
        report.Section("From a command's start to its end (ms, medians)");
        report.Note(
            """
            empty is "return 0;", published with the same options. A lab of three nodes runs meanwhile. Methods take turns; to empty is the median of the
            ratios round by round. cpu is the processor time of the command itself, without what the lab host does for it.
            """);
        foreach ((string kind, string[] how) in ((string, string[])[])
        [
            ("framework-dependent", [.. CompiledAhead, "--self-contained", "false"]),
            ("self-contained", [.. CompiledAhead, "--self-contained", "true", "-p:PublishTrimmed=true"]),
            (Native, ["-p:PublishAot=true"]),
        ])
        {
            string cleave = Path.Combine(options.Published, kind, "cleave");
            if (!File.Exists(cleave))
            {
                throw new InvalidOperationException($"{cleave} does not exist; ./build.sh publish makes it");
            }

            DirectoryInfo scratch = Directory.CreateTempSubdirectory("cleave-bench-");
            try
            {
                Measure(kind, cleave, PublishEmpty(scratch.FullName, how), scratch.FullName, options.Rounds ?? 21, report);
            }
            finally
            {
                scratch.Delete(recursive: true);
            }
        }
    }

    public int RunChild(string[] order) => throw new InvalidOperationException("this bench has no children");

    private static void Measure(string kind, string cleave, string empty, string scratch, int rounds, Report report)
    {
        string lab = Path.Combine(scratch, "lab");
        string runtime = Path.Combine(scratch, "run");
        Directory.CreateDirectory(lab);
        Directory.CreateDirectory(runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(
            Path.Combine(lab, "cleave.yaml"),
            "cleave: 1\nnodes:\n" + string.Concat("abc".Select((n, i) => $"  {n}: {{ip: 172.23.0.{i + 1}, run: [sleep, infinity]}}\n")));
        var samples = new Dictionary<string, (List<double> Wall, List<double> Cpu)> { [Empty] = ([], []) };
        TimedCommand.Run(cleave, ["up", "-d"], lab, runtime);
        try
        {
            for (int round = -1; round < rounds; round++) // the first one warms the page cache
            {
                Take(Empty, TimedCommand.Run(empty, [], lab, runtime));
                foreach ((string name, string[] arguments, _) in Commands)
                {
                    Take(name, TimedCommand.Run(cleave, arguments, lab, runtime));
                }

                void Take(string name, (double Wall, double Cpu) time)
                {
                    if (round >= 0)
                    {
                        samples.TryAdd(name, ([], []));
                        samples[name].Wall.Add(time.Wall);
                        samples[name].Cpu.Add(time.Cpu);
                    }
                }
            }
        }
        finally
        {
            TimedCommand.Run(cleave, ["down"], lab, runtime);
        }

        report.Note($"\n{kind}: cleave {Megabytes(cleave)} MB, empty {Megabytes(empty)} MB");
        report.Table(
            ["command", "wall", "to empty", "cpu", "to empty"],
            [.. samples.Select(s => (object?[])
            [
                s.Key, s.Value.Wall.Median(), Samples.MedianRatio(s.Value.Wall, samples[Empty].Wall), s.Value.Cpu.Median(), Samples.MedianRatio(s.Value.Cpu, samples[Empty].Cpu),
            ])],
            samples.ToDictionary(s => $"{kind} {s.Key}", s => (IReadOnlyList<double>)s.Value.Wall));
        foreach ((string name, _, _) in Commands.Where(c => c.Promised && kind != Native))
        {
            report.Target($"{kind}, {name}, to an empty program", Samples.MedianRatio(samples[name].Wall, samples[Empty].Wall), Limit);
        }
    }

    private static string PublishEmpty(string scratch, string[] how)
    {
        string project = Path.Combine(scratch, Empty);
        Directory.CreateDirectory(project);
        File.WriteAllText(
            Path.Combine(project, "empty.csproj"),
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(project, "Program.cs"), "return 0;\n");
        string rid = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier.EndsWith("arm64", StringComparison.Ordinal) ? "linux-arm64" : "linux-x64";
        Subprocess.Run(
        [
            "dotnet", "publish", project, "-c", "Release", "-v", "quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-r", rid,
            .. how, "-o", Path.Combine(scratch, "published"),
        ]);
        return Path.Combine(scratch, "published", Empty);
    }

    private static string Megabytes(string file) => (new FileInfo(file).Length / 1e6).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
}
