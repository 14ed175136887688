using System.Diagnostics;
using System.Text;

namespace Cleave.KernelTests.Harness;

/// <summary>What a command said and how it ended.</summary>
public sealed record Outcome(int Code, string Output, string Errors)
{
    public override string ToString() => $"exit code {Code}\n--- stdout\n{Output}\n--- stderr\n{Errors}";
}

/// <summary>
/// The cleave under test, run as a user runs it. All that it starts carries a mark in its environment, by which a leak is found, and has a runtime
/// directory of its own, so that labs of others on the machine are not seen.
/// </summary>
public sealed class CleaveCommand
{
    public const string Mark = "CLEAVE_TEST_RUN";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _folder;
    private readonly string _runtime;

    public CleaveCommand(string folder, string runtime)
    {
        _folder = folder;
        _runtime = runtime;
        Environment["XDG_RUNTIME_DIR"] = runtime;
        Environment[Mark] = runtime;
        Environment["CLEAVE"] = Program;
    }

    /// <summary>What every command is started by, in namespaces of the test's for instance; none: directly.</summary>
    public IReadOnlyList<string> Through { get; set; } = [];

    /// <summary>Where it is run: the folder of the lab file.</summary>
    public string Folder => _folder;

    /// <summary>Puts a file into the folder.</summary>
    public void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    /// <summary>Variables for every command; null removes one.</summary>
    public Dictionary<string, string?> Environment { get; } = new(StringComparer.Ordinal);

    public static string Repository { get; } =
        System.Environment.GetEnvironmentVariable("CLEAVE_REPO") ?? FindUpwards("Cleave.slnx") ?? throw new InvalidOperationException("set CLEAVE_REPO");

    /// <summary>
    /// The program itself, not the launcher: a test must not build. As users run it, compiled ahead of time, where build.sh says so: it is started a
    /// thousand times.
    /// </summary>
    public static string Program { get; } =
        System.Environment.GetEnvironmentVariable("CLEAVE_PROGRAM") ?? Path.Combine(AppContext.BaseDirectory, "Cleave.Cli");

    /// <summary>What its file is called: by that it is told among processes.</summary>
    public static string Name { get; } = Path.GetFileName(Program);

    /// <summary>Runs cleave to its end.</summary>
    public Task<Outcome> RunAsync(params string[] arguments) => RunAsync(Program, arguments, null);

    /// <summary>Runs cleave to its end and expects success.</summary>
    public async Task<string> OkAsync(params string[] arguments)
    {
        Outcome outcome = await RunAsync(arguments);
        Assert.True(outcome.Code == 0, $"cleave {string.Join(' ', arguments)}: {outcome}");
        return outcome.Output;
    }

    /// <summary>Runs a program in a node and expects success; its output without the last newline.</summary>
    public async Task<string> InAsync(string node, string shell) => (await OkAsync("exec", node, "--", "sh", "-c", shell)).TrimEnd('\n');

    /// <summary>Runs a shell line with this environment in the lab's folder, $CLEAVE being the program under test.</summary>
    public Task<Outcome> ShellAsync(string line) => RunAsync("env", Shell(line), null);

    /// <summary>Runs any program with this environment to its end.</summary>
    public async Task<Outcome> RunAsync(string program, IEnumerable<string> arguments, string? input)
    {
        using Process process = Start(program, arguments);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill();
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Limit}", e);
        }

        return new Outcome(process.ExitCode, await output, await errors);
    }

    /// <summary>Starts cleave in the background.</summary>
    /// <remarks>Tests that a shell runs in the background ignore Ctrl-C, those under nohup HUP, and so would all that they start.</remarks>
    public Background StartInBackground(params string[] arguments) => new(Start("env", ["--default-signal=INT,TERM,HUP", Program, .. arguments]));

    /// <summary>Starts a shell line in the background, as <see cref="ShellAsync"/>.</summary>
    public Background StartShell(string line) => new(Start("env", Shell(line)));

    // We are a .NET program, too: what we start ignores SIGPIPE otherwise, as no user's shell does.
    private static string[] Shell(string line) => ["--default-signal", "sh", "-c", line];

    private Process Start(string program, IEnumerable<string> arguments)
    {
        string[] whole = [.. Through, program, .. arguments];
        var start = new ProcessStartInfo(whole[0], whole[1..])
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Remove("CLEAVE_LAB");
        foreach ((string name, string? value) in Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static string? FindUpwards(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, file)))
            {
                return folder.FullName;
            }
        }

        return null;
    }

    /// <summary>A command that runs beside the test; killed when disposed of.</summary>
    public sealed class Background : IDisposable
    {
        private readonly StringBuilder _output = new();

        public Background(Process process)
        {
            Process = process;
            process.OutputDataReceived += (_, line) => Append(line.Data);
            process.ErrorDataReceived += (_, line) => Append(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public Process Process { get; }

        /// <summary>All it has printed so far, both streams.</summary>
        public string Output
        {
            get
            {
                lock (_output)
                {
                    return _output.ToString();
                }
            }
        }

        public Task SeesAsync(string text) => Wait.UntilAsync(() => Output.Contains(text, StringComparison.Ordinal), () => $"expected '{text}' in:\n{Output}");

        public async Task<int> EndsAsync()
        {
            using var limit = new CancellationTokenSource(Limit);
            await Process.WaitForExitAsync(limit.Token);
            return Process.ExitCode;
        }

        public void Signal(int signal) => Assert.Equal(0, Posix.Kill(Process.Id, signal));

        public void Dispose()
        {
            if (!Process.HasExited)
            {
                Process.Kill();
                Process.WaitForExit();
            }

            Process.Dispose();
        }

        private void Append(string? line)
        {
            lock (_output)
            {
                _output.Append(line).Append('\n');
            }
        }
    }
}
