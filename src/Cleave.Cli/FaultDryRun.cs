using System.CommandLine;
using Cleave.Control;
using Cleave.Faults;
using Cleave.Planning;
using Cleave.Registry;

namespace Cleave.Cli;

/// <summary><c>--dry-run</c> of a fault verb: what it would cut, and by which rules.</summary>
internal static class FaultDryRun
{
    public static async Task<int> RunAsync(Fault fault, ParseResult parsed, Option<string?> lab, JsonOption json, CancellationToken cancel)
    {
        FaultPreview preview;
        if (Find(parsed.GetValue(lab)) is { } running)
        {
            using var client = new LabClient(running, plain: false);
            preview = await client.PreviewAsync(FaultOrder.For(fault), cancel);
        }
        else if (LabFiles.Read(null) is var (topology, _))
        {
            preview = FaultPreview.Of(FaultsInForce.None(topology), CutRuleset.Healed, fault, topology);
        }
        else
        {
            return ExitCodes.WrongInput;
        }

        json.Print(parsed, preview, p =>
        {
            Console.Out.WriteLine($"{FaultText.Describe(fault)}: {p.Faults.Summary}");
            FaultMatrix.Print(p.Faults);
            Console.Out.Write($"\n{p.Commands}");
        });
        return ExitCodes.Ok;
    }

    /// <summary>The lab meant; null if none is named and none of this folder runs.</summary>
    private static LabRecord? Find(string? given)
    {
        try
        {
            return RunningLabs.Find(given);
        }
        catch (InputException) when (given is null && LabFiles.Search() is { } file && LabRegistry.List().All(l => l.File != file))
        {
            return null;
        }
    }
}
