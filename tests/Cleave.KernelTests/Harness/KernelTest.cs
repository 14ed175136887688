using System.Globalization;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Cleave.KernelTests.Harness;

/// <summary>
/// A test that makes real labs. Before and after it the machine is looked at, and must be the same: host network, mounts, processes, files.
/// </summary>
public abstract class KernelTest : IAsyncLifetime
{
    private readonly List<string> _folders = [];
    private string _network = "";
    private string _mounts = "";
    private string? _runtime;

    /// <summary>The runtime directory of this test's labs; its path marks their processes, too.</summary>
    protected string Runtime => _runtime ??= NewFolder("cleave-test-run-", "/tmp");

    public ValueTask InitializeAsync()
    {
        _network = MachineState.HostNetwork();
        _mounts = MachineState.Mounts();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        try
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed)
            {
                await new CleaveCommand("/", Runtime).RunAsync("down", "--all"); // it has stopped half-way, and its labs run on
            }

            await Wait.UntilAsync(
                () => Left().Count == 0,
                () => $"processes are left:\n{string.Join('\n', Left())}");
            Assert.Equal(_mounts, MachineState.Mounts());
            Assert.Equal(_network, MachineState.HostNetwork());

            // What a killed lab leaves in the runtime directory the next command sweeps.
            await new CleaveCommand("/", Runtime).OkAsync("ps", "--all");
            string cleave = Path.Combine(Runtime, "cleave");
            string[] files = Directory.Exists(cleave) ? Directory.GetFileSystemEntries(cleave) : [];
            Assert.True(files.Length == 0, $"files are left: {string.Join(", ", files)}");
        }
        finally
        {
            // So that one leak does not make every later test fail, too.
            MachineState.KillMarked(Runtime);
            _folders.ForEach(f => Directory.Delete(f, recursive: true));
        }
    }

    /// <summary>Of labs, and of what else was started in a folder of this test.</summary>
    private IReadOnlyList<string> Left() => [.. MachineState.MarkedProcesses(Runtime), .. MachineState.ProcessesIn(_folders)];

    /// <summary>A folder with this lab file, and the cleave that is run in it.</summary>
    /// <param name="yaml">The text of cleave.yaml.</param>
    /// <param name="below">Where to make the folder; nodes have a /tmp of their own, so /tmp is a test in itself.</param>
    protected CleaveCommand NewLab(string yaml, string below = "/tmp")
    {
        string folder = NewFolder("cleave-test-", below);
        File.WriteAllText(Path.Combine(folder, "cleave.yaml"), yaml);
        return new CleaveCommand(folder, Runtime);
    }

    /// <summary>The folder of an example, copied, so that its logs do not land in the repository; ../../cleave is the cleave under test.</summary>
    protected CleaveCommand Example(string name) => new(Path.Combine(Clone($"examples/{name}"), "examples", name), Runtime);

    /// <summary>As a clone of the repository, but with this folder of it alone, and for its launcher one that starts the cleave under test.</summary>
    protected string Clone(string folder)
    {
        string copy = NewFolder("cleave-test-", "/var/tmp");
        string launcher = Path.Combine(copy, "cleave");
        File.WriteAllText(launcher, $"#!/bin/sh\nexec '{CleaveCommand.Program}' \"$@\"\n");
        File.SetUnixFileMode(launcher, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (string file in Directory.GetFiles(Path.Combine(CleaveCommand.Repository, folder), "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(CleaveCommand.Repository, file);
            if (!name.Contains("/.cleave/", StringComparison.Ordinal))
            {
                Directory.CreateDirectory(Path.Combine(copy, Path.GetDirectoryName(name)!));
                File.Copy(file, Path.Combine(copy, name));
            }
        }

        return copy;
    }

    /// <summary>A folder of links to every program on the PATH but these.</summary>
    protected string PathWithout(params string[] programs)
    {
        string folder = NewFolder("cleave-test-path-", "/var/tmp");
        foreach (string file in Tool.Folders().Where(Directory.Exists).SelectMany(Directory.GetFiles).DistinctBy(Path.GetFileName))
        {
            if (!programs.Contains(Path.GetFileName(file)))
            {
                File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
            }
        }

        return folder;
    }

    /// <summary>That no lab is left, at once, not in a while: when the command that ends one returns, it is gone.</summary>
    protected void AssertNothingIsLeft()
    {
        Assert.Empty(MachineState.MarkedProcesses(Runtime));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Runtime, "cleave")));
    }

    /// <summary>A size or length that the environment can raise for a longer run; the default is quick enough for every change.</summary>
    protected static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    protected string NewFolder(string prefix, string below)
    {
        string folder = Path.Combine(below, prefix + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _folders.Add(folder);
        return folder;
    }
}
