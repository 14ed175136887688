using System.Text.Json;

namespace Cleave.VirtualMachines;

/// <summary>A machine of multipass(1), of Canonical.</summary>
internal sealed class MultipassMachine(MachineOptions options) : IMachine
{
    private const string Tool = "multipass";

    public string By => Tool;

    public string Cleave => Provision.Program;

    public bool Up(Action<string> say, CancellationToken cancel)
    {
        switch (State())
        {
            case "Running":
                return false;
            case null:
                break;
            case "Deleted":
                HostProgram.Need(Tool, ["delete", "--purge", options.Name], cancel: cancel);
                break;
            default:
                HostProgram.Need(Tool, ["start", options.Name], cancel: cancel);
                return true;
        }

        try
        {
            say($"{Tool} makes {options.Name}, which may take minutes");
            HostProgram.Need(
                Tool,
                ["launch", "--name", options.Name, "--memory", $"{options.Memory >> 20}M", "--disk", $"{options.Disk >> 20}M", .. options.Image is { } image ? [image] : (string[])[]],
                cancel: cancel);
            HostProgram.Need(Tool, ["mount", options.Project, $"{options.Name}:{options.Project}"], cancel: cancel);
            HostProgram.Need(Tool, ["transfer", options.Program, $"{options.Name}:{Provision.Transferred}"], cancel: cancel);
            HostProgram.Need(Tool, ["exec", options.Name, "--", "sudo", "sh", "-c", Provision.Script], cancel: cancel);
            return true;
        }
        catch
        {
            Down();
            throw;
        }
    }

    public Task<int> RunAsync(string folder, IReadOnlyList<string> command, bool isTerminal, CancellationToken cancel) =>
        HostProgram.RunAsync(Tool, ["exec", options.Name, "--working-directory", folder, "--", "sudo", .. command], cancel);

    public bool Down()
    {
        if (State() is null)
        {
            return false;
        }

        HostProgram.Need(Tool, ["delete", "--purge", options.Name]);
        return true;
    }

    /// <summary>As multipass calls it; null: there is no machine of that name.</summary>
    private string? State()
    {
        (int code, string output, string errors) = HostProgram.Capture(Tool, ["info", options.Name, "--format", "json"]);
        if (code != 0)
        {
            return errors.Contains("does not exist", StringComparison.Ordinal) ? null : throw new MachineException($"multipass info {options.Name}: {errors}");
        }

        using var info = JsonDocument.Parse(output);
        return info.RootElement.GetProperty("info").GetProperty(options.Name).GetProperty("state").GetString();
    }
}
