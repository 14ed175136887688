using System.Diagnostics;
using System.Globalization;

namespace Cleave.KernelTests.Harness;

/// <summary>
/// A namespace that plays the host, and one behind it that plays the internet, for labs: no test touches the machine's own network. In the internet there are a
/// web server, and a name server that knows a few names; on the host's loopback there is a web server that nobody may reach from a lab.
/// </summary>
/// <remarks>As root it is made with root's rights, as an ordinary user in a user namespace.</remarks>
internal sealed class PlayedInternet : IDisposable
{
    public const string Web = "198.51.100.1";
    public const string Web6 = "2001:db8:1::1";
    public const string Resolver = "192.0.2.1";
    public const string Resolver6 = "2001:db8::1";
    public const string Host = "192.0.2.2";
    public const string Host6 = "2001:db8::2";

    /// <summary>What the web server of the internet says.</summary>
    public const string Page = "hello from the internet";

    /// <summary>The port of the secret on the host's loopback; on <see cref="OpenPort"/> the host listens to all.</summary>
    public const int SecretPort = 8080;

    /// <summary>A port of the host that everybody may reach.</summary>
    public const int OpenPort = 8081;

    /// <summary>An ordinary user, without an account.</summary>
    public const int User = 614_003;

    private readonly Process _process;
    private readonly string _folder;

    private PlayedInternet(Process process, string folder) => (_process, _folder) = (process, folder);

    /// <summary>Makes it.</summary>
    /// <param name="folder">A folder for its files; it goes with the test.</param>
    /// <param name="resolvConf">The host's /etc/resolv.conf.</param>
    /// <param name="more">Shell lines to run on the host in the end, for instance to take something away again.</param>
    public static async Task<PlayedInternet> MakeAsync(string folder, string resolvConf = $"nameserver {Resolver}\n", string more = "")
    {
        Tool.Require("python3", "python3");
        File.WriteAllText(Path.Combine(folder, "resolv.conf"), resolvConf);
        File.WriteAllText(Path.Combine(folder, "serve.py"), InternetProgram.Text);
        string script =
            $$"""
            cd {{folder}}
            mount --bind resolv.conf /etc/resolv.conf
            ip link set lo up
            unshare --net sleep infinity & inet=$!
            echo $inet >inet.pid
            until [ "$(readlink /proc/$inet/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
            all=$inet
            trap 'kill $all; wait' EXIT # not $(jobs -p), which is empty in dash
            in_net() { nsenter --target $inet --net "$@"; }
            ip link add wan0 type veth peer name in0 netns $inet
            ip addr add {{Host}}/24 dev wan0
            ip -6 addr add {{Host6}}/64 dev wan0 nodad
            ip link set wan0 up
            in_net ip link set lo up
            in_net ip addr add {{Resolver}}/24 dev in0
            in_net ip -6 addr add {{Resolver6}}/64 dev in0 nodad
            in_net ip addr add {{Web}}/32 dev lo
            in_net ip -6 addr add {{Web6}}/128 dev lo nodad
            in_net ip link set in0 up
            ip route add default via {{Resolver}}
            ip -6 route add default via {{Resolver6}}
            nsenter --target $inet --net {{Tool.Python}} serve.py inet '{{Page}}' 80 :: dns & all="$all $!"
            {{Tool.Python}} serve.py loop 'a secret' {{SecretPort}} 127.0.0.1 & all="$all $!"
            {{Tool.Python}} serve.py open 'the host' {{OpenPort}} :: & all="$all $!"
            until [ -e inet.ready ] && [ -e loop.ready ] && [ -e open.ready ]; do sleep 0.02; done
            {{more}}
            echo ready
            cat
            """;
        string[] unshare = Posix.IsRoot ? ["--net", "--mount"] : ["--user", "--map-root-user", "--net", "--mount"];
        var process = Process.Start(new ProcessStartInfo("unshare", [.. unshare, "env", "--default-signal", "sh", "-ec", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var host = new PlayedInternet(process, folder);
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            string? said = await process.StandardOutput.ReadLineAsync(limit.Token);
            Assert.True(said == "ready", said == "ready" ? "" : $"the played host: {said} {await process.StandardError.ReadToEndAsync(limit.Token)}");
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Skips the test unless the one who runs it may open the TUN device.</summary>
    public static void RequireTun()
    {
        Tool.Require("pasta", "passt");
        bool opens = true;
        try
        {
            using var tun = new FileStream("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            opens = false;
        }

        Assert.SkipUnless(opens, "needs /dev/net/tun, open to this user");
    }

    /// <summary>Has a cleave run on this host, as whoever runs the test.</summary>
    public CleaveCommand Run(CleaveCommand cleave)
    {
        string[] user = Posix.IsRoot ? [] : ["--user", "--preserve-credentials"];
        cleave.Through = ["nsenter", "--target", Number(_process.Id), .. user, "--net", "--mount", $"--wd={cleave.Folder}", "--"];
        return cleave;
    }

    /// <summary>Has a cleave run on this host as an ordinary user, who owns its folder and has a runtime directory in it; root only.</summary>
    public async Task<CleaveCommand> RunAsUserAsync(CleaveCommand cleave)
    {
        Run(cleave);
        string runtime = Path.Combine(cleave.Folder, "run");
        Directory.CreateDirectory(runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Outcome given = await cleave.RunAsync("chown", ["-R", $"{User}:{User}", cleave.Folder], null);
        Assert.True(given.Code == 0, $"{given}");
        cleave.Environment["XDG_RUNTIME_DIR"] = runtime;
        cleave.Through = [.. cleave.Through, "setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", "--"];
        return cleave;
    }

    /// <summary>Runs a shell line on the host and expects success.</summary>
    public async Task<string> ShellAsync(CleaveCommand cleave, string line)
    {
        string[] through = [.. Run(new CleaveCommand(cleave.Folder, _folder)).Through];
        var command = new CleaveCommand(cleave.Folder, _folder) { Through = through };
        command.Environment[CleaveCommand.Mark] = null;
        Outcome outcome = await command.RunAsync("sh", ["-ec", line], null);
        Assert.True(outcome.Code == 0, $"{line}: {outcome}");
        return outcome.Output.TrimEnd('\n');
    }

    /// <summary>Runs a shell line in the internet and expects success.</summary>
    public Task<string> InternetAsync(CleaveCommand cleave, string line) =>
        ShellAsync(cleave, $"exec nsenter --target {File.ReadAllText(Path.Combine(_folder, "inet.pid")).Trim()} --net sh -ec '{line}'");

    /// <summary>The names that the name server of the internet has been asked for, with their types.</summary>
    public string[] Questions() => File.Exists(Path.Combine(_folder, "questions")) ? File.ReadAllLines(Path.Combine(_folder, "questions")) : [];

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(10_000))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
