using System.Diagnostics;
using Cleave.Namespaces;

namespace Cleave.Bench;

/// <summary>Programs that benches start and talk to.</summary>
internal static class Subprocess
{
    /// <summary>This program, as a child of the bench of that name, started through other programs that become it.</summary>
    public static Process StartSelf(IEnumerable<string> through, string bench, params IEnumerable<string> order) =>
        Start([.. through, Environment.ProcessPath!, "child", bench, .. order]);

    /// <summary>Standard input and output are pipes, errors go where ours go.</summary>
    public static Process Start(IReadOnlyList<string> argv)
    {
        var start = new ProcessStartInfo(argv[0], argv.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        NamespaceThread.PrepareRuntime(start.Environment);
        return Process.Start(start)!;
    }

    /// <summary>Runs it to its end and gives what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static string Run(IReadOnlyList<string> argv)
    {
        using Process process = Start(argv);
        return Finish(process, argv[0]);
    }

    /// <summary>Waits for the end of a process that says more, and gives what it says.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static string Finish(Process process, string what)
    {
        process.StandardInput.Close();
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{what} ended with {process.ExitCode}: {said}");
    }
}
