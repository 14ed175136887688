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
    public static Command Create()
    {
        Argument<string?> file = LabFiles.Argument();
        Option<string?> gateway = GatewayOption.Create();
        var json = new JsonOption(() => CliJson.Default.PlanReport);
        var command = new Command("plan", "Print, as ip, bridge, nft, sysctl and mount commands, everything that cleave up would do; does nothing") { file, gateway, json };
        command.SetAction(parsed =>
        {
            if (LabFiles.Read(parsed.GetValue(file)) is not var (topology, _))
            {
                return ExitCodes.WrongInput;
            }

            Uplink? uplink = Lab.PlannedUplink(topology, GatewayWords.Read(parsed.GetValue(gateway)));
            var plan = LabPlan.Of(topology, Machine.PlanInputs(topology, uplink: uplink));
            if (json.IsGiven(parsed))
            {
                json.Print(Report(plan));
            }
            else
            {
                Console.Out.Write(PlanPrinter.Print(plan));
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>The plan as a record.</summary>
    public static PlanReport Report(LabPlan plan) => new(
        ControlJson.Schema,
        plan.Topology.File,
        [
            .. plan.Network.Concat(plan.Rooms).Select(o => new PlannedOperation(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(o.GetType().Name),
                o.At.Node is { } n ? plan.Topology.Nodes[n].Name : "fabric",
                PlanPrinter.Line(o, plan.Topology).Trim('\n'))),
        ]);
}
