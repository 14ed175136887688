using System.Diagnostics;
using Cleave.Doctor;
using Cleave.Trials;

namespace Cleave.Gateway;

/// <summary>Runs the commands of a plan as they are printed, with the user's terminal: sudo may ask for a password.</summary>
internal static class HostCommand
{
    /// <summary>Runs lines of a shell; <c>$pid</c> and the folders of root's programs are known to them.</summary>
    /// <returns>The exit code, and what it said on its output and on its errors.</returns>
    public static (int Code, string Output, string Errors) Shell(string text, string? pid)
    {
        ProcessStartInfo start = Prepare("sh", ["-c", text]);
        start.Environment["pid"] = pid;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Trim(), errors.GetAwaiter().GetResult().Trim());
    }

    /// <summary>Runs a program to its end, however long the user takes to type a password.</summary>
    public static (Outcome Outcome, string Output) Capture(string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(Prepare(program, arguments))!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string said = errors.GetAwaiter().GetResult();
        return (process.ExitCode == 0 ? new Outcome() : TrialErrors.OfText(said.Trim().Length == 0 ? $"exit code {process.ExitCode}" : said), output);
    }

    private static ProcessStartInfo Prepare(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        start.Environment["PATH"] = GatewaySurvey.FullPath();
        return start;
    }
}
