using System.Diagnostics;
using System.Globalization;

namespace Cleave.Bench;

/// <summary>Commands whose whole life is measured.</summary>
internal static class TimedCommand
{
    /// <summary>Runs it to its end, timed by the shell, whose own start is not in it.</summary>
    /// <returns>Milliseconds from start to end, and of processor time of the command itself.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static (double Wall, double Cpu) Run(string program, string[] arguments, string folder, string runtime)
    {
        var start = new ProcessStartInfo("bash", ["-c", "TIMEFORMAT='%3R %3U %3S'; time \"$@\" >/dev/null", "bash", program, .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardError = true,
        };
        start.Environment["XDG_RUNTIME_DIR"] = runtime;
        start.Environment.Remove("CLEAVE_LAB");
        using Process process = Process.Start(start)!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        string[] times = said.TrimEnd().Split('\n')[^1].Split(' ');
        if (process.ExitCode != 0 || times.Length != 3)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {said}");
        }

        double[] ms = [.. times.Select(t => 1000 * double.Parse(t, CultureInfo.InvariantCulture))];
        return (ms[0], ms[1] + ms[2]);
    }
}
