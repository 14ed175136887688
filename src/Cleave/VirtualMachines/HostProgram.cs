using System.ComponentModel;
using System.Diagnostics;

namespace Cleave.VirtualMachines;

/// <summary>Programs of the host that make machines, or what these need.</summary>
internal static class HostProgram
{
    /// <summary>Runs one to its end, its terminal ours, and gives its exit code.</summary>
    public static async Task<int> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        using Process process = Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false });
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            // It is in our terminal's foreground, and has got the same Ctrl-C.
            await process.WaitForExitAsync(CancellationToken.None);
        }

        return process.ExitCode;
    }

    /// <summary>Runs one to its end without a terminal; killed when cancelled.</summary>
    public static (int Code, string Output, string Errors) Capture(string program, IEnumerable<string> arguments, string? folder = null, CancellationToken cancel = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        start.Environment["LC_ALL"] = "C";
        using Process process = Start(start);
        using CancellationTokenRegistration kill = cancel.Register(() => process.Kill(entireProcessTree: true));
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancel.ThrowIfCancellationRequested();
        return (process.ExitCode, output, errors.GetAwaiter().GetResult().Trim());
    }

    /// <summary>Runs one that has to succeed, and gives its output.</summary>
    /// <exception cref="MachineException">It failed.</exception>
    public static string Need(string program, IEnumerable<string> arguments, string? folder = null, CancellationToken cancel = default)
    {
        string[] all = [.. arguments];
        (int code, string output, string errors) = Capture(program, all, folder, cancel);
        return code == 0 ? output : throw new MachineException($"{program} {string.Join(' ', all)}: {(errors.Length > 0 ? errors : $"exit code {code}")}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new MachineException($"{start.FileName} cannot be run: {e.Message}");
        }
    }
}
