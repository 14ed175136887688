using System.Globalization;

namespace Cleave.VirtualMachines;

/// <summary>A machine of limactl(1).</summary>
internal sealed class LimaMachine(MachineOptions options) : IMachine
{
    private const string Tool = "limactl";
    private const string Debian = "template://debian-12";

    public string By => "lima";

    public string Cleave => Provision.Program;

    public bool Up(Action<string> say, CancellationToken cancel)
    {
        switch (State())
        {
            case "Running":
                return false;
            case null:
                break;
            default:
                HostProgram.Need(Tool, ["start", "--tty=false", options.Name], cancel: cancel);
                return true;
        }

        try
        {
            say($"lima makes {options.Name}, which may take minutes");
            HostProgram.Need(
                Tool,
                [
                    "start", "--tty=false", $"--name={options.Name}", $"--memory={Gibibytes(options.Memory)}", $"--disk={Gibibytes(options.Disk)}",
                    $"--mount={options.Project}:w", options.Image ?? Debian,
                ],
                cancel: cancel);
            HostProgram.Need(Tool, ["copy", options.Program, $"{options.Name}:{Provision.Transferred}"], cancel: cancel);
            HostProgram.Need(Tool, ["shell", options.Name, "sudo", "sh", "-c", Provision.Script], cancel: cancel);
            return true;
        }
        catch
        {
            Down();
            throw;
        }
    }

    public Task<int> RunAsync(string folder, IReadOnlyList<string> command, bool isTerminal, CancellationToken cancel) =>
        HostProgram.RunAsync(Tool, ["shell", "--workdir", folder, options.Name, "sudo", .. command], cancel);

    public bool Down()
    {
        if (State() is null)
        {
            return false;
        }

        HostProgram.Need(Tool, ["delete", "--force", options.Name]);
        return true;
    }

    private static string Gibibytes(long bytes) => (bytes / (double)(1L << 30)).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>As lima calls it; null: there is no machine of that name.</summary>
    private string? State() =>
        HostProgram.Need(Tool, ["list", "--format", "{{.Name}} {{.Status}}"]).Split('\n').Select(l => l.Trim().Split(' ')).FirstOrDefault(l => l.Length == 2 && l[0] == options.Name)?[1];
}
