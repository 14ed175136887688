using System.Globalization;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>
/// Another ordinary user of the machine against a user's labs. The two have numbers for which there are no accounts; root, who runs the test, is
/// neither.
/// </summary>
public sealed class OtherUsersTests : KernelTest
{
    private const int Owner = 614_001;
    private const int Other = 614_002;
    private const UnixFileMode OpenToAll = (UnixFileMode)0x1FF;

    private const string Lab =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1, run: "echo a secret; exec sleep 6141", ready: {log: secret}}
        """;

    private static string InTmp => string.Create(CultureInfo.InvariantCulture, $"/tmp/cleave-{Owner}");

    [Fact]
    public async Task Another_user_can_neither_see_nor_steer_nor_read_nor_end_a_lab()
    {
        (CleaveCommand cleave, string home) = NewProject();
        Directory.CreateDirectory(Path.Combine(home, "run"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Give(Path.Combine(home, "run"));
        cleave.Environment["XDG_RUNTIME_DIR"] = Path.Combine(home, "run");
        string lab = (await AsAsync(cleave, Owner, "$CLEAVE up -d")).Trim();
        string socket = $"{home}/run/cleave/{lab}/control";
        string logs = $"{cleave.Folder}/.cleave/labs/{lab}/logs";
        string host = $"{MachineState.LabHost(Runtime)}";
        string program = (await cleave.ShellAsync("pgrep -xf 'sleep 6141'")).Output.Trim();

        // Each of these works for the owner: a line that cannot work shows nothing.
        (string Line, bool OwnerToo)[] tries =
        [
            ($"[ \"$($CLEAVE ps --all | wc -l)\" = 2 ]", true),
            ($"$CLEAVE ps --lab {lab}", true),
            ($"$CLEAVE logs --lab {lab}", true),
            ($"$CLEAVE exec --lab {lab} a -- true", true),
            ($"$CLEAVE isolate a --lab {lab}", true),
            ($"ls {home}/run/cleave", true),
            ($"test -S {socket}", true),
            ($"{Tool.Python} -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"{socket}\")'", true),
            ($"flock -sn {home}/run/cleave/{lab}.lock true", true),
            ($"cat {home}/run/cleave/{lab}/lab.json", true),
            ($"cat {logs}/a.log", true),
            ($"ls {logs}", true),
            ($"kill -0 {host}", true),
            ($"kill -0 {program}", true),
            ($"kill -STOP {host}", false),
            ($"kill -KILL {program}", false),
            ($"cat /proc/{program}/environ", true),
            ($"ls /proc/{program}/root/", true),
            ($"ls /proc/{program}/fd", true),
            ($"readlink /proc/{program}/ns/net", true),
            ($"nsenter --preserve-credentials --target {program} --user --net ip link", true),
            ($"nsenter --net=/proc/{host}/ns/net ip link", false),
            ($"rm -rf {home}/run/cleave/{lab}", false),
            ($"$CLEAVE down --lab {lab}", false),
        ];
        foreach ((string line, bool ownerToo) in tries)
        {
            if (ownerToo)
            {
                await AsAsync(cleave, Owner, line);
            }

            Outcome other = await RunAsAsync(cleave, Other, line);
            Assert.True(other.Code != 0, $"another user: {line}: {other}");
        }

        await AsAsync(cleave, Other, "$CLEAVE down --all"); // all of their own, of which there are none

        // Even with the doors open the lab host asks the kernel who is there.
        string ask = $"{Tool.Python} -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect(\"{socket}\"); s.sendall(b\"GET /lab HTTP/1.1\\r\\nHost: lab\\r\\n\\r\\n\"); print(s.recv(12).decode())'";
        Open(home, $"{home}/run", $"{home}/run/cleave", $"{home}/run/cleave/{lab}", socket);
        Assert.Equal("HTTP/1.1 200", (await AsAsync(cleave, Owner, ask)).Trim());
        Assert.Equal("HTTP/1.1 403", (await AsAsync(cleave, Other, ask)).Trim());
        Array.ForEach([$"{home}/run", $"{home}/run/cleave"], f => File.SetUnixFileMode(f, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        Assert.Contains("ready", await AsAsync(cleave, Owner, "$CLEAVE ps"), StringComparison.Ordinal);
        await AsAsync(cleave, Owner, "$CLEAVE down");
    }

    /// <summary>Without XDG_RUNTIME_DIR the folder is one in /tmp, whose name everybody can guess, and take first.</summary>
    [Theory]
    [InlineData("mkdir {0}; chmod 700 {0}")]
    [InlineData("mkdir {0}; chmod 777 {0}")]
    [InlineData("mkdir {0}.real; chmod 777 {0}.real; ln -s {0}.real {0}")]
    [InlineData("ln -s {1} {0}")]
    [InlineData("ln -s {1}/nowhere {0}")]
    [InlineData("touch {0}; chmod 666 {0}")]
    [InlineData("mkfifo {0}; chmod 666 {0}")]
    public async Task Who_takes_the_name_of_the_runtime_directory_first_neither_blocks_labs_nor_gets_at_them(string squat)
    {
        (CleaveCommand cleave, string home) = NewProject();
        cleave.Environment["XDG_RUNTIME_DIR"] = null;
        try
        {
            await AsAsync(cleave, Other, string.Format(CultureInfo.InvariantCulture, squat, InTmp, home));
            string lab = (await AsAsync(cleave, Owner, "$CLEAVE up -d")).Trim();
            Assert.True(File.Exists($"{home}/.local/state/cleave/run/{lab}.lock"));
            Assert.NotEqual(0, (await RunAsAsync(cleave, Other, $"ls {home}/.local/state/cleave/run")).Code);
            Assert.True(!Directory.Exists(InTmp) || Directory.GetFileSystemEntries(InTmp).All(e => Path.GetFileName(e) is "project" or ".local"), "something is where the other user can see it");

            // Giving the name back does not hide the lab.
            await AsAsync(cleave, Other, $"rm -rf {InTmp} {InTmp}.real");
            Assert.Contains(lab, await AsAsync(cleave, Owner, "$CLEAVE ps --all"), StringComparison.Ordinal);
            Assert.Equal("alive\n", await AsAsync(cleave, Owner, "$CLEAVE exec a -- echo alive"));
            await AsAsync(cleave, Owner, "$CLEAVE down");
        }
        finally
        {
            await cleave.ShellAsync($"rm -rf {InTmp} {InTmp}.real");
        }
    }

    /// <summary>What is in it could be somebody else's: only the user can have opened it, and only the user knows why.</summary>
    [Theory]
    [InlineData("mkdir -m 755 {0}")]
    [InlineData("mkdir -m 770 {0}")]
    [InlineData("mkdir -m 700 {0}.real; ln -s {0}.real {0}")]
    public async Task A_runtime_directory_that_others_can_enter_is_refused_with_what_to_do(string made)
    {
        (CleaveCommand cleave, _) = NewProject();
        cleave.Environment["XDG_RUNTIME_DIR"] = null;
        try
        {
            await AsAsync(cleave, Owner, string.Format(CultureInfo.InvariantCulture, made, InTmp));
            Outcome up = await RunAsAsync(cleave, Owner, "$CLEAVE up -d");
            Assert.True(up.Code == 125 && up.Errors.Contains("set XDG_RUNTIME_DIR to a folder of your own", StringComparison.Ordinal), up.ToString());
            Assert.Empty(Directory.GetFileSystemEntries(InTmp));
        }
        finally
        {
            await cleave.ShellAsync($"rm -rf {InTmp} {InTmp}.real");
        }
    }

    [Fact]
    public async Task An_XDG_RUNTIME_DIR_of_another_user_is_not_used()
    {
        (CleaveCommand cleave, string home) = NewProject();
        string theirs = NewFolder("cleave-test-theirs-", "/tmp");
        File.SetUnixFileMode(theirs, OpenToAll);
        await cleave.ShellAsync($"chown {Other} {theirs}");
        cleave.Environment["XDG_RUNTIME_DIR"] = theirs;
        try
        {
            await AsAsync(cleave, Owner, "$CLEAVE up -d");
            Assert.Empty(Directory.GetFileSystemEntries(theirs));
            await AsAsync(cleave, Owner, "$CLEAVE down");
        }
        finally
        {
            await cleave.ShellAsync($"rm -rf {InTmp}");
        }

        Assert.False(Directory.Exists($"{home}/.local/state/cleave/run"));
    }

    /// <summary>A project that everybody can read, in a home that everybody can enter, as on many machines.</summary>
    private (CleaveCommand Cleave, string Home) NewProject()
    {
        Assert.SkipUnless(Posix.IsRoot, "needs two users: run the kernel tests as root, who can be any");
        CleaveCommand cleave = NewLab(Lab, "/var/tmp");
        File.SetUnixFileMode(cleave.Folder, (UnixFileMode)0x1ED);
        Give(cleave.Folder);
        string home = NewFolder("cleave-test-home-", "/var/tmp");
        File.SetUnixFileMode(home, (UnixFileMode)0x1ED);
        Give(home);
        cleave.Environment["HOME"] = home;
        cleave.Environment["XDG_STATE_HOME"] = null;
        return (cleave, home);
    }

    private static async Task<string> AsAsync(CleaveCommand cleave, int user, string line)
    {
        Outcome outcome = await RunAsAsync(cleave, user, line);
        Assert.True(outcome.Code == 0, $"user {user}: {line}: {outcome}");
        return outcome.Output;
    }

    private static Task<Outcome> RunAsAsync(CleaveCommand cleave, int user, string line) =>
        cleave.RunAsync("setpriv", [$"--reuid={user}", $"--regid={user}", "--clear-groups", "--inh-caps=-all", "env", "--default-signal", "sh", "-c", line], null);

    private static void Give(string path) => Assert.Equal(0, Posix.Chown(path, Owner, Owner));

    private static void Open(params string[] paths) => Array.ForEach(paths, p => File.SetUnixFileMode(p, OpenToAll));
}
