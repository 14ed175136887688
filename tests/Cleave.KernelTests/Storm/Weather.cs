using System.Globalization;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests.Storm;

/// <summary>What is wrong with the machine in a round, besides the kills.</summary>
internal enum Trouble
{
    None,
    FewDescriptors,
    LittleMemory,
    BrokenUnshare,
    FailingCalls,
    LostAnswers,
    FullDisk,
    OtherClock,
}

/// <summary>Shell prefixes that bring the trouble about, for the command that starts the lab, and for the others.</summary>
/// <param name="Trouble">Which.</param>
/// <param name="Starter">Before the command that starts the lab.</param>
/// <param name="Others">Before every other one.</param>
internal sealed record Weather(Trouble Trouble, string Starter, string Others)
{
    /// <summary>How unshare can fail half-way; the real one is $REAL_UNSHARE.</summary>
    private const string BrokenUnshare =
        """
        #!/bin/sh
        case $STORM_UNSHARE in
        refuses) echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1 ;;
        silent) exit 0 ;;
        lies) echo unshared; exit 1 ;;
        late) sleep 0.3; exec "$REAL_UNSHARE" "$@" ;;
        *) exec timeout --foreground -s KILL "0.0$STORM_UNSHARE" "$REAL_UNSHARE" "$@" ;;
        esac
        """;

    /// <summary>Calls that Cleave makes to make a lab, and what they may fail with.</summary>
    private static readonly string[] Calls =
    [
        "mount:error=EPERM", "setns:error=EPERM", "unshare:error=ENOSPC", "pipe2:error=EMFILE", "mkdir:error=ENOSPC", "flock:error=EIO", "socket:error=EMFILE",
        "sendto:error=ENOBUFS", "chdir:error=EACCES", "rename:error=EIO", "clone3:error=EAGAIN", "vfork:error=EAGAIN", "execve:error=ENOMEM", "sethostname:error=EPERM",
        "openat:error=EMFILE", "kill:error=EPERM",
    ];

    public static Weather Calm { get; } = new(Trouble.None, "", "");

    public static Weather Of(Trouble trouble, Random random, string folder)
    {
        switch (trouble)
        {
            case Trouble.FewDescriptors:
                return new(trouble, Text($"prlimit --nofile={random.Next(16, 200)}:{random.Next(200, 400)}"), "");
            case Trouble.LittleMemory:
                return new(trouble, Text($"prlimit --as={random.NextInt64(200L << 20, 8L << 30)}"), "");
            case Trouble.BrokenUnshare:
                string path = Path.Combine(folder, "broken");
                Directory.CreateDirectory(path);
                string script = Path.Combine(path, "unshare");
                File.WriteAllText(script, BrokenUnshare);
                File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                string how = new[] { "refuses", "silent", "lies", "late", "1", "2", "4", "8" }[random.Next(8)];
                return new(trouble, $"env REAL_UNSHARE=$(command -v unshare) STORM_UNSHARE={how} PATH={path}:$PATH", "");
            case Trouble.FailingCalls:
                string call = Calls[random.Next(Calls.Length)];
                int first = call.StartsWith("openat", StringComparison.Ordinal) ? random.Next(200, 1500) : random.Next(1, 60);
                return new(trouble, Text($"strace -f -qq -o /dev/null -e trace={call.Split(':')[0]} -e inject={call}:when={first}+{random.Next(1, 40)}"), "");
            case Trouble.LostAnswers: // as of a socket whose buffer is too small: the kernel drops the answer, and says so
                return new(trouble, Text($"strace -f -qq -o /dev/null -e trace=recvfrom -e inject=recvfrom:error=ENOBUFS:when={random.Next(1, 30)}+{random.Next(1, 12)}"), "");
            case Trouble.FullDisk:
                string enter = Text($"nsenter --preserve-credentials --user --mount --target $(cat {folder}/holder)");
                return new(trouble, enter, enter);
            case Trouble.OtherClock:
                return new(trouble, "", "unshare --user --map-current-user --time --fork --monotonic 8640000 --boottime 8640000");
            default:
                return Calm;
        }
    }

    /// <summary>The line that holds a mount namespace with small file systems for logs and for the runtime directory; it says "held".</summary>
    public static string Holder(Random random, string runtime) => Text(
        $$"""
        echo $$ >holder; exec unshare --user --map-root-user --mount sh -c 'mkdir -p .cleave
        mount -t tmpfs -o size={{random.Next(1, 400)}}k,mode=0700 none .cleave && mount -t tmpfs -o size={{random.Next(1, 60) * 4}}k,mode=0700 none {{runtime}} && echo held && exec sleep 1000'
        """);

    /// <summary>Which troubles this machine can be given; why not the others.</summary>
    public static async Task<(Trouble[] Possible, string[] Missing)> SurveyAsync(CleaveCommand cleave)
    {
        var possible = new List<Trouble> { Trouble.None, Trouble.FewDescriptors, Trouble.LittleMemory, Trouble.BrokenUnshare };
        var missing = new List<string>();
        await TryAsync("strace -f -qq -o /dev/null -e inject=getppid:error=EPERM true", Trouble.FailingCalls, Trouble.LostAnswers);
        await TryAsync("unshare --user --map-root-user --mount mount -t tmpfs none /mnt", Trouble.FullDisk);
        await TryAsync("unshare --user --map-current-user --time --fork --monotonic 1 true", Trouble.OtherClock);
        return ([.. possible], [.. missing]);

        async Task TryAsync(string line, params Trouble[] troubles)
        {
            Outcome outcome = await cleave.ShellAsync(line);
            if (outcome.Code == 0)
            {
                possible.AddRange(troubles);
            }
            else
            {
                missing.Add($"{string.Join(", ", troubles)}: {outcome.Errors.Trim()}");
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
