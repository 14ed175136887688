using System.CommandLine;
using Cleave.Topology;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave init</c>: writes a first lab file that runs.</summary>
internal static class InitCommand
{
    private const string SchemaFile = "cleave.schema.json";
    private const string Modeline = $"# yaml-language-server: $schema={SchemaFile}\n";

    /// <summary>The file it writes.</summary>
    internal const string FirstLab =
        """
        # A first lab: three nodes that greet each other. Try it:
        #   cleave test                  runs the scenario below in a fresh lab, and says what held
        #   cleave up                    starts the lab and shows its logs; then, in a second terminal,
        #   cleave isolate c             takes c off the network, and cleave heal brings it back
        #   cleave shell a               opens a shell in a node
        # Put your own programs in place of `cleave peer`, one node each, with the addresses that they expect.
        cleave: 1

        networks:
          lan: {subnet: 172.23.0.0/24}

        nodes:
          a:
            ip: 172.23.0.11
            run: exec $CLEAVE peer            # a line for the shell, or a list: [program, argument]
            ready: {log: hear everyone}       # what `test` waits for before its first step
          b:
            ip: 172.23.0.12
            run: exec $CLEAVE peer
            ready: {log: hear everyone}
          c:
            ip: 172.23.0.13
            run: exec $CLEAVE peer
            ready: {log: hear everyone}

        scenarios:
          c-alone:
            - expect: {from: a, to: c, tcp: 7000, is: reachable}
            - during: {isolate: c}            # in force while the steps run, healed on every way out
              steps:
                - wait: {node: a, log: lost c}
                - expect: {from: a, to: c, tcp: 7000, is: unreachable}
                - expect: {from: a, to: b, tcp: 7000, is: reachable}
            - wait: {node: a, log: found c}

        """;

    public static Command Create()
    {
        var folder = new Argument<string?>("FOLDER")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "Where to write it, made if need be; this folder by default",
        };
        var force = new Option<bool>("--force") { Description = "Replace a file that is there" };
        var schema = new Option<bool>("--schema") { Description = $"Write {SchemaFile} beside it, too, and a first line by which editors find it" };
        var command = new Command("init", $"Write a first {TopologyReader.DefaultFile} that runs") { folder, force, schema };
        command.SetAction(parsed =>
        {
            string into = parsed.GetValue(folder) ?? ".";
            string file = Path.Combine(into, TopologyReader.DefaultFile);
            if (File.Exists(file) && !parsed.GetValue(force))
            {
                throw new InputException($"{file} is there already; --force replaces it");
            }

            Directory.CreateDirectory(into);
            if (parsed.GetValue(schema))
            {
                File.WriteAllText(Path.Combine(into, SchemaFile), LabFileSchema.Write());
            }

            File.WriteAllText(file, (parsed.GetValue(schema) ? Modeline : "") + FirstLab);
            Console.Out.WriteLine($"wrote {file}; cleave test{(into == "." ? "" : $" -f {into}")} runs its scenario");
            return ExitCodes.Ok;
        });
        return command;
    }
}
