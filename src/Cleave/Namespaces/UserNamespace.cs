using System.Diagnostics;

namespace Cleave.Namespaces;

/// <summary>
/// Starts a program as root of a user namespace of its own, with own network, mount and PID namespaces. A .NET process has threads before
/// Main and cannot make a user namespace (unshare(2): EINVAL), so util-linux unshare does.
/// </summary>
internal static class UserNamespace
{
    // unshare's child says that the namespaces are made, waits until its ids are mapped from outside, and becomes the program.
    private const string Prologue = "echo unshared && read -r mapped && ";
    private const string OwnProc = "mount -t proc -o nosuid,nodev,noexec proc /proc && ";
    private const string Become = "exec \"$@\" 2>>\"$0\"";

    /// <summary>Starts the program as PID 1 of new namespaces; it ends when unshare, the process returned, is killed.</summary>
    /// <param name="argv">The program; it inherits the environment given.</param>
    /// <param name="errors">A file that its standard error is appended to.</param>
    /// <param name="change">Changes the environment of the program.</param>
    /// <param name="ownProcesses">False to leave it in the PID namespace it is started from, with that one's /proc.</param>
    /// <returns>The process to watch, with open standard input, output and error, and what ids it has.</returns>
    /// <exception cref="CleaveException">This machine does not let the user make namespaces.</exception>
    public static (Process Process, IdMapKind Ids) Start(
        IReadOnlyList<string> argv, string errors = "/dev/stderr", Action<IDictionary<string, string?>>? change = null, bool ownProcesses = true)
    {
        // --keep-caps: until its ids are mapped the child is nobody, and an exec would cost it the death signal that --kill-child set.
        var start = new ProcessStartInfo("setsid")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] unshare =
        [
            "unshare", "--user", "--keep-caps", "--net", "--mount", "--uts", "--ipc", .. ownProcesses ? (string[])["--pid", "--fork", "--kill-child"] : [],
            "sh", "-c", Prologue + (ownProcesses ? OwnProc : "") + Become, errors,
        ];
        foreach (string argument in unshare.Concat(argv))
        {
            start.ArgumentList.Add(argument);
        }

        change?.Invoke(start.Environment);
        Process process = StartProcess(start);
        if (process.StandardOutput.ReadLine() != "unshared")
        {
            throw Refused(process);
        }

        try
        {
            IdMapKind ids = IdMap.Write(process.Id);
            process.StandardInput.Write("mapped\n");
            process.StandardInput.Flush();
            return (process, ids);
        }
        catch (Exception e)
        {
            process.Kill();
            process.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new CleaveException($"the user ids of the lab could not be mapped: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Runs a program to its end as root of such a namespace; for what only it may do to files of subordinate ids.</summary>
    public static void Run(IReadOnlyList<string> argv)
    {
        (Process process, _) = Start(argv);
        using (process)
        {
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new CleaveException($"{string.Join(' ', argv)} failed with exit code {process.ExitCode}: {error.Trim()}");
            }
        }
    }

    private static Process StartProcess(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new CleaveException($"cannot start {start.FileName}, a part of util-linux: {e.Message}; install util-linux", e);
        }
    }

    /// <summary>Why the machine refused is for the doctor to find out, who tries each thing alone.</summary>
    private static CleaveException Refused(Process process)
    {
        string said = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        return new CleaveException(said.Length == 0 ? "unshare ended without a word" : said);
    }
}
