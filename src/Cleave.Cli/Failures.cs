using System.CommandLine;
using Cleave.Linux;

namespace Cleave.Cli;

/// <summary>Turns what goes wrong into one line for the user and an exit code.</summary>
internal static class Failures
{
    /// <summary>Runs the verb.</summary>
    public static async Task<int> ReportAsync(ParseResult parsed)
    {
        bool passesCodesOn = parsed.CommandResult.Command.Name is "up" or "exec";
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (InputException e)
        {
            Terminal.Error(e.Message);
            return ExitCodes.WrongInput;
        }
        catch (MachineException e)
        {
            Terminal.Error(e.Message);
            return passesCodesOn ? ExitCodes.Own : ExitCodes.MachineCannot;
        }
        catch (Exception e) when (e is CleaveException or LinuxException or IOException or UnauthorizedAccessException)
        {
            Terminal.Error(e.Message);
            return passesCodesOn ? ExitCodes.Own : ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }
}
