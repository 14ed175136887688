using System.Diagnostics;
using System.Runtime.InteropServices;
using Cleave.Execution;

namespace Cleave.Tests.Execution;

public sealed class InitProgramTests
{
    private const string Binutils = "objcopy";

    [Theory]
    [InlineData(Architecture.X64, "x64", "x86_64-linux-gnu-")]
    [InlineData(Architecture.Arm64, "arm64", "aarch64-linux-gnu-")]
    public void The_bytes_are_those_of_the_listing(Architecture processor, string listing, string tools)
    {
        if (!File.Exists($"/usr/bin/{tools}as"))
        {
            Assert.Skip($"needs {tools}as, of binutils");
        }

        DirectoryInfo scratch = Directory.CreateTempSubdirectory("cleave-init-");
        try
        {
            string program = Path.Combine(scratch.FullName, "program");
            Run(tools + "as", "-o", program + ".o", Path.Combine(Repository.Root, "src/Cleave/Execution", $"InitProgram.{listing}.s"));
            Run(tools + Binutils, "-O", "binary", "-j", ".text", program + ".o", program);
            Assert.Equal(File.ReadAllBytes(program), InitProgram.Code(processor).ToArray());
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(Architecture.X64, "Advanced Micro Devices X86-64")]
    [InlineData(Architecture.Arm64, "AArch64")]
    public void Readelf_finds_one_segment_that_is_not_written_to(Architecture processor, string machine)
    {
        if (!File.Exists("/usr/bin/readelf"))
        {
            Assert.Skip("needs readelf, of binutils");
        }

        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, InitProgram.File(processor));
            string said = Run("readelf", "-W", "-h", "-l", file);
            Assert.Contains(machine, said, StringComparison.Ordinal);
            Assert.Contains("Number of program headers:         1", said, StringComparison.Ordinal);
            Assert.Matches(@"LOAD +0x0+ 0x0+400000 0x0+400000 \S+ \S+ R E 0x10000", said);
            Assert.DoesNotContain("arning", said, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(Architecture.RiscV64)]
    [InlineData(Architecture.S390x)]
    public void For_other_processors_there_is_none(Architecture processor) => Assert.True(InitProgram.Code(processor).IsEmpty);

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        string said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
        return said;
    }
}
