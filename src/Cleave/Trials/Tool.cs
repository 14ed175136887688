using System.Diagnostics;
using Cleave.Doctor;

namespace Cleave.Trials;

/// <summary>Runs small programs to their end, and says how it went.</summary>
internal static class Tool
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>The first file of that name on the PATH, or in further folders; null if there is none.</summary>
    public static string? Find(string program, params ReadOnlySpan<string> further)
    {
        foreach (string folder in (string[])[.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), .. further])
        {
            string file = Path.Combine(folder, program);
            if (File.Exists(file))
            {
                return file;
            }
        }

        return null;
    }

    /// <summary>Runs a program that is quick, its messages in English.</summary>
    /// <returns>How it went, and its standard output.</returns>
    public static (Outcome Outcome, string Output) Run(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            return Finish(process);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (new Outcome("ENOENT", e.Message), "");
        }
    }

    /// <summary>Waits for a process to end; one that hangs is killed, and has failed.</summary>
    public static (Outcome Outcome, string Output) Finish(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return (new Outcome("ETIMEDOUT", $"not done after {Limit.TotalSeconds:0} s"), "");
        }

        process.WaitForExit();
        string said = errors.GetAwaiter().GetResult();
        return (process.ExitCode == 0 ? new Outcome() : TrialErrors.OfText(said.Trim().Length == 0 ? $"exit code {process.ExitCode}" : said), output.GetAwaiter().GetResult());
    }
}
