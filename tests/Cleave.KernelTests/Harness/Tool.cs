namespace Cleave.KernelTests.Harness;

/// <summary>Programs of the machine that some tests need besides Cleave.</summary>
internal static class Tool
{
    /// <summary>The system's own Python: what comes first on PATH may be a wrapper that other users cannot read.</summary>
    public static string Python { get; } = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    /// <summary>Skips the test, naming the Debian package, where the program is missing.</summary>
    public static void Require(string program, string package) =>
        Assert.SkipUnless(Find(program), $"needs {program}, from the package {package}");

    /// <summary>The folders of the PATH.</summary>
    public static string[] Folders() => Environment.GetEnvironmentVariable("PATH")!.Split(':', StringSplitOptions.RemoveEmptyEntries);

    private static bool Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':')
        .Append("/usr/sbin")
        .Append("/sbin")
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
