using Cleave.Topology;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave schema</c>: the lab file's language for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command(
            "schema",
            """
            Print the JSON Schema (draft 7) of lab files, by which editors complete and underline. With VS Code's YAML extension:
              cleave schema > cleave.schema.json, and as the first line of cleave.yaml
              # yaml-language-server: $schema=cleave.schema.json
            """);
        command.SetAction(_ =>
        {
            Console.Out.Write(LabFileSchema.Write());
            return ExitCodes.Ok;
        });
        return command;
    }
}
