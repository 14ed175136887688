using System.CommandLine;
using System.CommandLine.Parsing;
using Cleave.Linux;
using Cleave.Topology;

namespace Cleave.Cli;

/// <summary>Turns what goes wrong into one line for the user and an exit code.</summary>
internal static class Failures
{
    /// <summary>Says what is wrong with the command line: one line a mistake, with the nearest verb where one was meant.</summary>
    public static int ReportUsage(System.CommandLine.Command root, ParseResult parsed)
    {
        System.CommandLine.Command command = parsed.CommandResult.Command;
        if (command == root && parsed.UnmatchedTokens is [var unknown, ..])
        {
            string? nearest = Nearest.Of(unknown, [.. root.Subcommands.Select(c => c.Name)]);
            Terminal.Error($"there is no verb '{unknown}'{(nearest is null ? "" : $"; did you mean '{nearest}'?")}");
        }
        else
        {
            foreach (ParseError error in parsed.Errors)
            {
                Terminal.Error(error.Message);
            }
        }

        Console.Error.WriteLine($"see {Words(parsed.CommandResult)} --help");
        return ExitCodes.WrongInput;
    }

    /// <summary>The verb with those above it: <c>cleave gateway create</c>.</summary>
    private static string Words(CommandResult verb) => verb.Parent is CommandResult above ? $"{Words(above)} {verb.Command.Name}" : verb.Command.Name;

    /// <summary>Runs the verb.</summary>
    public static async Task<int> ReportAsync(ParseResult parsed)
    {
        bool passesCodesOn = Words(parsed.CommandResult) is "cleave up" or "cleave exec" or "cleave shell" or "cleave net-exec" or "cleave vm run" or "cleave vm shell";
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
