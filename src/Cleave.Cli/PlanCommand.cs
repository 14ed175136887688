using System.CommandLine;
using System.Text.Json;
using Cleave.Control;
using Cleave.Planning;
using Cleave.Registry;
using Cleave.Topology;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave plan</c>: what a lab is made of, as commands.</summary>
internal static class PlanCommand
{
    private const string Script = "sh";

    public static Command Create()
    {
        Argument<string?> file = LabFiles.Argument();
        Option<string?> gateway = GatewayOption.Create();
        var format = new Option<string?>("--format")
        {
            Description = "commands, or sh: the network as a script of its own, to be run with up, check and down, that needs ip, bridge and nft only",
            HelpName = "FORMAT",
        };
        format.AcceptOnlyFromAmong("commands", Script);
        var explain = new Option<bool>("--explain") { Description = "Say of each command what it does, what would break without it, and where to read on; grouped by purpose" };
        var json = new JsonOption(() => CliJson.Default.PlanReport);
        var command = new Command("plan", "Print, as ip, bridge, nft, sysctl and mount commands, everything that cleave up would do; does nothing") { file, gateway, format, explain, json };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(json) ? 1 : 0) + (result.GetValue(explain) ? 1 : 0) + (result.GetValue(format) is null ? 0 : 1) > 1)
            {
                result.AddError("--format, --explain and --json exclude each other");
            }
        });
        command.SetAction(parsed =>
        {
            if (LabFiles.Read(parsed.GetValue(file)) is not var (topology, _))
            {
                return ExitCodes.WrongInput;
            }

            bool isScript = parsed.GetValue(format) == Script;
            Uplink? uplink = isScript ? null : Lab.PlannedUplink(topology, GatewayWords.Read(parsed.GetValue(gateway)));
            var plan = LabPlan.Of(topology, Machine.PlanInputs(topology, uplink: uplink));
            if (json.IsGiven(parsed))
            {
                json.Print(Report(plan));
            }
            else
            {
                Console.Out.Write(isScript ? PlanScript.Print(plan) : parsed.GetValue(explain) ? PlanExplanation.Print(plan) : PlanPrinter.Print(plan));
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>The plan as a record.</summary>
    public static PlanReport Report(LabPlan plan)
    {
        var shared = SharedTexts.Of(plan);
        var names = new PlaceNames(plan.Topology);
        return new(
            ControlJson.Schema,
            plan.Topology.File,
            [.. shared.Files.Select(f => new PlannedFile(f.Path, f.Text))],
            [
                .. plan.Network.Concat(plan.Rooms).Select(o => new PlannedOperation(
                    JsonNamingPolicy.SnakeCaseLower.ConvertName(o.GetType().Name), names.Plain(o.At), PlanPrinter.Line(o, names, shared).Trim('\n'))),
            ]);
    }
}
