using System.CommandLine;
using Cleave.Gateway;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave gateway</c>: the way out that is made once with sudo.</summary>
internal static class GatewayCommand
{
    public static Command Create() => new(
        "gateway",
        """
        Make, look at or take away the gateway by which labs reach the internet, made once for a user with sudo.
        Labs need it only where the rootless way out (gateway: user) is too slow, or is not there.
        """)
    {
        Make(), Destroy(), Status(),
    };

    private static Command Make()
    {
        Option<bool> dryRun = DryRun();
        Option<bool> yes = Yes();
        var network = new Option<string?>("--network")
        {
            Description = "Its addresses, of 16 bits: .255.0/30 for the host, .192.0/19 for labs; otherwise those of the configuration file, or a free one from 172.23.0.0/16 on",
            HelpName = "10.99.0.0/16",
        };
        var noFirewall = new Option<bool>("--no-firewall") { Description = "Print the rules of the host's firewall, and leave them to you" };
        var command = new Command(
            "create",
            """
            Make it: two namespaces that stay, a cable to the host, rules that hide it behind the host's address.
            Prints every command and every rule, asks, and runs them, with sudo unless you are root. Of one that is damaged what is missing is
            made again. If a step fails, all that was made is undone. Exit codes: 0 it is there, 2 wrong input, 4 this machine cannot.
            """)
        {
            network, noFirewall, dryRun, yes,
        };
        command.SetAction(parsed =>
        {
            GatewayNetwork? wanted = parsed.GetValue(network) is { } text ? GatewayNetwork.Parse(text) : UserConfiguration.Network();
            return Act(
                parsed.GetValue(dryRun),
                parsed.GetValue(yes),
                facts => GatewayPlan.Create(facts, wanted, !parsed.GetValue(noFirewall)),
                (work, plan) => work.Create(plan),
                "the gateway is there, and nothing is missing");
        });
        return command;
    }

    private static Command Destroy()
    {
        Option<bool> dryRun = DryRun();
        Option<bool> yes = Yes();
        var command = new Command(
            "destroy",
            """
            Take it away, or what is left of it; labs that hang on it run on without a way out.
            Prints every command, asks, and runs them, with sudo unless you are root. What is gone already, after a boot for instance, is passed over.
            """)
        {
            dryRun, yes,
        };
        command.SetAction(parsed => Act(parsed.GetValue(dryRun), parsed.GetValue(yes), GatewayPlan.Destroy, (work, plan) => work.Destroy(plan), "there is no gateway of yours"));
        return command;
    }

    private static Command Status()
    {
        var json = new JsonOption(() => CliJson.Default.GatewayReport);
        var command = new Command("status", "Show what there is of it, what is missing, and which labs hang on it. Exit codes: 0 it is whole, 1 it is not") { json };
        command.SetAction(parsed =>
        {
            var report = GatewayReport.Of(GatewaySurvey.Look(FirewallSight.Quiet));
            json.Print(parsed, report, Print);
            return report.State == GatewayState.Whole ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static int Act(bool dryRun, bool yes, Func<HostFacts, GatewayPlan> plan, Action<GatewayWork, GatewayPlan> run, string nothingToDo)
    {
        bool isRoot = GatewaySurvey.IsRoot;
        if (dryRun)
        {
            Console.Out.Write(GatewayScript.Print(plan(GatewaySurvey.Look(FirewallSight.Quiet)), isRoot));
            return ExitCodes.Ok;
        }

        using var work = GatewayWork.Begin();
        if (isRoot && Environment.GetEnvironmentVariable("SUDO_USER") is { Length: > 0 } user && user != "root")
        {
            Console.Error.WriteLine($"this is about root's gateway; labs of {user} hang on that of {user}: cleave gateway, without sudo before it, which it uses itself");
        }
        else if (!isRoot)
        {
            Console.Error.WriteLine("Commands will be run with sudo, which may ask for your password; first these, which show the firewall:");
            Console.Error.WriteLine(GatewaySurvey.FirewallCommands());
        }

        GatewayPlan made = plan(GatewaySurvey.Look(FirewallSight.BySudo));
        Console.Out.Write(GatewayScript.Print(made, isRoot));
        if (made.Steps.Length == 0)
        {
            Console.Error.WriteLine(nothingToDo);
            return ExitCodes.Ok;
        }

        if (!yes && !Confirm())
        {
            return ExitCodes.Failed;
        }

        run(work, made);
        return ExitCodes.Ok;
    }

    private static bool Confirm()
    {
        if (Console.IsInputRedirected)
        {
            throw new InputException("nobody can be asked here: --yes runs these commands, --dry-run only prints them");
        }

        Console.Error.Write("Run these commands? [y/N] ");
        return Console.In.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    private static void Print(GatewayReport report)
    {
        Console.Out.WriteLine(report.State switch
        {
            GatewayState.None => "there is no gateway of yours: cleave gateway create makes one",
            GatewayState.Damaged => $"the gateway is damaged; missing: {string.Join(", ", report.Missing)}\ncleave gateway create makes it again, cleave gateway destroy takes the rest away",
            _ => $"the gateway is there: {report.Network} by {report.Link}{(report.IPv6 ? ", IPv6, too" : "")}{(report.Firewall ? "" : ", its rules left to you")}",
        });
        if (report.State == GatewayState.None)
        {
            return;
        }

        if (report.Unseen.Length > 0)
        {
            Console.Out.WriteLine($"only root can see: {string.Join(", ", report.Unseen)}");
        }

        Console.Out.WriteLine($"names are asked of: {(report.Resolvers.Length == 0 ? "nobody" : string.Join(", ", report.Resolvers))}");
        Console.Out.WriteLine(report.Labs.Length == 0 ? "no lab hangs on it" : $"labs: {string.Join(", ", report.Labs.Select(l => $"{l.Id} ({l.Address})"))}");
    }

    private static Option<bool> DryRun() => new("--dry-run") { Description = "Only print the commands: a script that works when pasted" };

    private static Option<bool> Yes() => new("--yes", "-y") { Description = "Do not ask" };
}
