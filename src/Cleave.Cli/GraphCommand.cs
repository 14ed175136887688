using System.CommandLine;
using Cleave.Control;
using Cleave.Graphs;
using Cleave.Registry;
using Cleave.Topology;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave graph</c>: a picture of a lab.</summary>
internal static class GraphCommand
{
    private const string Svg = "svg";
    private const string Mermaid = "mermaid";

    public static Command Create()
    {
        Argument<string?> file = LabFiles.Argument();
        var format = new Option<string?>("--format") { Description = "svg, which is readable on light and dark pages, or mermaid, for pages of Markdown", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong(Svg, Mermaid);
        Option<string?> lab = RunningLabs.Option();
        lab.Description = "A running lab's id: it is drawn with what is cut now";
        var command = new Command("graph", "Draw a lab file, or with --lab a running lab and its cuts: who is on which network, by which address") { file, format, lab };
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is not null && result.GetValue(lab) is not null)
            {
                result.AddError("a file and --lab exclude each other: a running lab has its own");
            }
        });
        command.SetAction(async (parsed, cancel) =>
        {
            LabRecord? running = parsed.GetValue(lab) is { } id ? RunningLabs.Find(id) : null;
            if (LabFiles.Read(running?.File ?? parsed.GetValue(file)) is not var (topology, _))
            {
                return ExitCodes.WrongInput;
            }

            FaultStatus? faults = running is null ? null : await FaultsAsync(running, topology, cancel);
            Console.Out.Write(parsed.GetValue(format) == Mermaid ? LabGraph.Mermaid(topology, faults) : LabGraph.Svg(topology, faults));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task<FaultStatus> FaultsAsync(LabRecord lab, LabTopology topology, CancellationToken cancel)
    {
        using var client = new LabClient(lab, plain: true);
        FaultStatus faults = await client.FaultsAsync(isShort: true, cancel);
        LabStatus status = await client.StatusAsync(cancel);
        if (!status.Nodes.Select(n => n.Name).SequenceEqual(topology.Nodes.Select(n => n.Name)))
        {
            throw new InputException($"{topology.File} has other nodes than lab {lab.Id}, which was started from it; put it back, or start the lab again");
        }

        return faults;
    }
}
