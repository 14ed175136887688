using System.CommandLine;
using System.Text.RegularExpressions;
using Cleave.Registry;
using Cleave.Topology;
using Cleave.VirtualMachines;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave vm</c>: a virtual machine to throw away, in which labs run.</summary>
internal static partial class VmCommand
{
    public static Command Create() => new(
        "vm",
        """
        Run labs in a virtual machine to throw away: where there is no Linux, where its kernel lacks what a lab needs, or to learn without fear.
        Made by multipass, lima or qemu, whichever is installed; the project's folder is there under its own path.
        """)
    {
        Verb("up", "Make the machine, unless it is there; what was made half-way is taken away again", takesFile: true, takesProgram: false, (_, _, _) => Task.FromResult(ExitCodes.Ok)),
        Verb("run", "cleave up, in the machine, which is made if need be", takesFile: true, takesProgram: false, (m, a, cancel) => CleaveAsync(m, a, "up", cancel)),
        Verb("shell", "A shell in the machine, which is made if need be, or the program after --", takesFile: false, takesProgram: true, ShellAsync),
        Verb("test", "cleave test, in the machine, which is made if need be; with its exit code", takesFile: true, takesProgram: false, (m, a, cancel) =>
            CleaveAsync(m, a, "test", cancel)),
        Down(),
    };

    private sealed record Asked(string Folder, string? File, string[] Program);

    private static Command Verb(string name, string description, bool takesFile, bool takesProgram, Func<IMachine, Asked, CancellationToken, Task<int>> act)
    {
        Argument<string?> file = LabFiles.Argument();
        var program = new Argument<string[]>("PROGRAM") { Arity = ArgumentArity.ZeroOrMore, Description = "A program and its arguments, in place of a shell" };
        var options = new Options();
        var command = new Command(name, description);
        if (takesFile)
        {
            command.Add(file);
        }

        if (takesProgram)
        {
            command.Add(program);
        }

        options.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            using var signals = new UserSignals();
            CancellationToken cancel = signals.First;
            string? given = takesFile ? parsed.GetValue(file) : null;
            string? found = given is null && LabFiles.Search() is null ? null : Path.GetFullPath(LabFiles.Locate(given));
            string folder = found is null ? Environment.CurrentDirectory : Path.GetDirectoryName(found)!;
            IMachine machine = ThrowAway.Choose(options.Read(parsed, ProjectFolder.Of(folder)), parsed.GetValue(options.Backend));
            bool isMade = machine.Up(text => Console.Error.WriteLine($"cleave vm: {text}"), cancel);
            if (name == "up" || isMade)
            {
                Console.Error.WriteLine($"cleave vm: {parsed.GetValue(options.Name)} is up{(isMade ? $", by {machine.By}" : " already")}");
            }

            return await act(machine, new Asked(folder, found, takesProgram ? parsed.GetValue(program) ?? [] : []), cancel);
        });
        return command;
    }

    private static Command Down()
    {
        var options = new Options();
        var command = new Command("down", "Take the machine away with all that was written on its disk; of none, a success") { options.Name, options.Backend };
        command.SetAction(parsed =>
        {
            string name = parsed.GetValue(options.Name)!;
            bool was = ThrowAway.Choose(new MachineOptions(name, 0, 0, null, "/", ""), parsed.GetValue(options.Backend)).Down();
            Console.Error.WriteLine(was ? $"cleave vm: {name} is gone" : $"cleave vm: there is no {name}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Task<int> CleaveAsync(IMachine machine, Asked asked, string verb, CancellationToken cancel) =>
        machine.RunAsync(asked.Folder, [machine.Cleave, verb, .. asked.File is { } file ? ["-f", file] : (string[])[]], isTerminal: false, cancel);

    private static Task<int> ShellAsync(IMachine machine, Asked asked, CancellationToken cancel) => machine.RunAsync(
        asked.Folder, asked.Program is [] ? ["bash", "-i"] : asked.Program, isTerminal: !Console.IsInputRedirected && !Console.IsOutputRedirected, cancel);

    private sealed class Options
    {
        public Option<string> Name { get; } = new("--name") { Description = "The machine's name", DefaultValueFactory = _ => "cleave", HelpName = "NAME" };

        public Option<string?> Backend { get; } = Choice();

        private readonly Option<string> _memory = Size("--memory", "Its memory", MachineOptions.DefaultMemory);
        private readonly Option<string> _disk = Size("--disk", "The most that its disk takes, which goes with it", MachineOptions.DefaultDisk);
        private readonly Option<string?> _image = new("--image") { Description = "What it boots: for qemu a Debian package with a kernel, for multipass an image, for lima a template", HelpName = "IMAGE" };
        private readonly Option<string?> _program = new("--program") { Description = "For multipass and lima: Cleave for Linux as one file (./build.sh publish), which is copied into it; this program by default", HelpName = "PATH" };

        public Options() => Name.Validators.Add(result =>
        {
            if (result.GetValue(Name) is { } name && !Label().IsMatch(name))
            {
                result.AddError($"'{name}' is no name of a machine: expected letters, digits and hyphens, at most 40");
            }
        });

        public void AddTo(Command command)
        {
            foreach (Option option in (Option[])[_memory, _disk, _image, Name, Backend, _program])
            {
                command.Add(option);
            }
        }

        public MachineOptions Read(ParseResult parsed, string project) => new(
            parsed.GetValue(Name)!, ByteSize.Parse(parsed.GetValue(_memory)!)!.Value, ByteSize.Parse(parsed.GetValue(_disk)!)!.Value, parsed.GetValue(_image), project,
            parsed.GetValue(_program) ?? Environment.ProcessPath!);

        private static Option<string?> Choice()
        {
            var backend = new Option<string?>("--backend") { Description = "What makes it; otherwise the first of these that is installed", HelpName = string.Join('|', ThrowAway.Backends) };
            backend.AcceptOnlyFromAmong(ThrowAway.Backends);
            return backend;
        }

        private static Option<string> Size(string name, string description, long otherwise)
        {
            var option = new Option<string>(name) { Description = description, HelpName = "SIZE", DefaultValueFactory = _ => ByteSize.Format(otherwise) };
            option.Validators.Add(result =>
            {
                if (result.GetValue(option) is { } text && (text.Length == 0 ? null : ByteSize.Parse(text)) is not >= (256L << 20))
                {
                    result.AddError($"'{text}' is no size for {name}: expected 256M or more, as a whole number and K, M or G");
                }
            });
            return option;
        }
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
    private static partial Regex Label();
}
