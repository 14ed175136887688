using System.CommandLine;
using Cleave.Doctor;
using Cleave.Trials;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave doctor</c>: can a lab run here, and what would it lack?</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        Option<string?> file = LabFiles.Option();
        var json = new JsonOption(() => DoctorJson.Default.Report);
        var command = new Command(
            "doctor",
            """
            Try everything of this machine that a lab uses, in namespaces that are thrown away, and say what is missing, what that costs,
            and what to do about it. With a lab file, this one's or the given one, its size counts.
            Exit codes: 0 a lab can run, 2 the file has mistakes, 4 no lab can run.
            """)
        {
            file, json,
        };
        command.SetAction(parsed => Examine(parsed.GetValue(file)) is { } report ? Show(parsed, report, json) : ExitCodes.WrongInput);
        return command;
    }

    /// <summary>Null if the file has mistakes, which have been printed.</summary>
    private static Report? Examine(string? file)
    {
        Needs needs = Needs.SmallLab;
        if (file is not null || LabFiles.Search() is not null)
        {
            if (LabFiles.Read(file) is not var (topology, _))
            {
                return null;
            }

            needs = Needs.Of(topology);
        }

        return Report.Of(MachineProbe.Examine(UpCommand.HostCommand()[..^1], needs), needs);
    }

    private static int Show(ParseResult parsed, Report report, JsonOption json)
    {
        json.Print(parsed, report, Print);
        return report.CanRun ? ExitCodes.Ok : ExitCodes.MachineCannot;
    }

    private static void Print(Report report)
    {
        Console.Out.WriteLine($"Linux {report.Kernel}, for {(report.Lab is null ? "a lab as in the examples" : $"{report.Lab}: {report.Nodes} nodes")}");
        int width = report.Checks.Max(c => c.Name.Length);
        foreach (IGrouping<Area, Diagnosis> area in report.Checks.GroupBy(c => c.Area))
        {
            Console.Out.WriteLine($"\n{Title(area.Key)}");
            foreach (Diagnosis d in area)
            {
                Console.Out.WriteLine($"  {Word(d.Status),-8} {d.Name.PadRight(width)}  {d.Found}");
                if (d.Status is Status.Limited or Status.Missing)
                {
                    Console.Out.WriteLine($"           for:    {d.Purpose}\n           costs:  {d.Cost}");
                    string head = "remedy: ";
                    foreach (string line in d.Remedy)
                    {
                        Console.Out.WriteLine($"           {head}{line}");
                        head = "        ";
                    }
                }
            }
        }

        Console.Out.WriteLine($"\n{Conclusion(report)}");
    }

    private static string Conclusion(Report report)
    {
        string lab = report.Lab is null ? "A lab" : "This lab";
        string limited = report.Checks.Count(c => c.Status == Status.Limited) is > 0 and var n ? $" {n} limited, see above." : "";
        return report.CanRun
            ? $"{lab} can run here.{limited}"
            : $"{lab} cannot run here: {string.Join(", ", report.Checks.Where(c => c.Status == Status.Missing).Select(c => c.Name))}.{limited}";
    }

    private static string Word(Status status) => status.ToString().ToLowerInvariant();

    private static string Title(Area area) => area switch
    {
        Area.Container => "Mounts and containers",
        Area.Ids => "User ids",
        _ => area.ToString(),
    };
}
