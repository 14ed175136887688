using Cleave.Planning;

namespace Cleave.VirtualMachines;

/// <summary>
/// What runs in a machine of plain qemu: the host's root file system, read-only over 9p with the machine's disk laid over it, and a shell at each of a few
/// consoles that runs what it is told. All of it is text that goes into the first file system of the kernel.
/// </summary>
internal static class QemuGuest
{
    /// <summary>Consoles, and so commands at the same time.</summary>
    public const int Consoles = 4;

    /// <summary>What stands on the serial line when it takes commands.</summary>
    public const string Ready = "cleave-vm: ready";

    /// <summary>What stands there as soon as the kernel has started the first program.</summary>
    public const string Alive = "cleave-vm: the kernel is up";

    /// <summary>Between output and what is said about it; no program prints it unasked.</summary>
    public const char Mark = '\u0001';

    /// <summary>Modules of the kernel that it takes to find the root file system.</summary>
    public static readonly string[] Modules = ["virtio_pci", "virtio_blk", "virtio_console", "9pnet_virtio", "9p", "overlay", "crc32c_generic", "ext4"];

    private const string Run = "/run/cleave-vm";

    /// <summary>The first program: it finds the root file system and goes there.</summary>
    public static string Init(string release) =>
        $"""
        #!/bin/busybox sh
        b=/bin/busybox
        $b mount -t devtmpfs dev /dev; $b mount -t proc proc /proc; $b mount -t sysfs sysfs /sys
        echo '{Alive}'
        for m in {string.Join(' ', Modules)}; do $b modprobe "$m"; done
        need() {"{"} "$@" || {"{"} echo "cleave-vm: failed: $*"; $b poweroff -f; {"}"} {"}"}
        share() {"{"} $b mkdir -p "$2"; need $b mount -t 9p -o "trans=virtio,version=9p2000.L,msize=262144,$3" "$1" "$2"; {"}"}
        share root /host ro,cache=loose
        $b mkdir -p /disk /new
        need $b mount -t ext4 /dev/vda /disk
        $b mkdir -p /disk/upper /disk/work
        need $b mount -t overlay -o lowerdir=/host,upperdir=/disk/upper,workdir=/disk/work overlay /new
        $b mkdir -p /new/lib/modules/{release}
        share modules /new/lib/modules/{release} ro,cache=loose
        $b mount -t tmpfs -o mode=755 run /new/run
        $b mkdir /new{Run}
        $b cp -a /bin/busybox /cleave-vm/. /new{Run}/
        for d in dev proc sys; do $b mount --move /$d /new/$d; done
        exec $b switch_root /new {Run}/busybox sh {Run}/main

        """;

    /// <summary>Process 1 from then on.</summary>
    public static string Main(string name, string project) =>
        $"""
        b={Run}/busybox
        $b ln -s busybox {Run}/modprobe
        echo {Run}/modprobe >/proc/sys/kernel/modprobe
        $b hostname {name}
        $b mkdir -p /dev/pts /dev/shm /dev/net
        $b mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
        $b mount -t tmpfs -o mode=1777 shm /dev/shm
        $b mount -t tmpfs -o mode=1777 tmp /tmp
        $b mount -t cgroup2 none /sys/fs/cgroup
        $b ip link set lo up
        {Run}/modprobe tun; $b chmod 666 /dev/net/tun
        $b mkdir -p {PlanPrinter.Quote(project)}
        $b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=none project {PlanPrinter.Quote(project)}
        n=0
        while [ $n -lt {Consoles} ]; do
            (while :; do $b setsid -c $b sh {Run}/session <>/dev/hvc$n >&0 2>&1; done) &
            n=$((n + 1))
        done
        echo '{Ready}' >/dev/ttyS0
        while :; do wait; $b sleep 1; done

        """;

    /// <summary>
    /// One command at a console. The line that it waits for: <c>cleave NONCE KIND COLUMNS ROWS TEXT</c>, the text a script in base64; what it prints then
    /// stands between two lines with the nonce, the second with the exit code.
    /// </summary>
    public const string Session =
        $$"""
        b={{Run}}/busybox
        $b stty sane -echo -opost
        read -r word nonce kind columns rows text || exit
        [ "$word" = cleave ] || exit
        echo "$text" | $b base64 -d >{{Run}}/command.$nonce
        printf '\001begin %s\n' "$nonce"
        if [ "$kind" = terminal ]; then $b stty sane columns "$columns" rows "$rows"; fi
        # Both have been ignored since this was started in the background: so it stays, and the command does not.
        as="/usr/bin/env --default-signal=INT,QUIT /bin/sh"
        if [ "$kind" = terminal ]; then $as {{Run}}/command.$nonce; else $as {{Run}}/command.$nonce </dev/null; fi
        code=$?
        $b rm -f {{Run}}/command.$nonce
        $b stty sane -echo -opost
        printf '\001end %s %s\n' "$nonce" "$code"

        """;

    /// <summary>The line that starts a command.</summary>
    public static string Line(string nonce, bool isTerminal, int columns, int rows, string script) =>
        $"cleave {nonce} {(isTerminal ? "terminal" : "plain")} {columns} {rows} {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(script))}\n";

    /// <summary>A command as a script.</summary>
    public static string Script(string folder, IEnumerable<string> command, IEnumerable<KeyValuePair<string, string>> env) =>
        $"export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root\n" +
        string.Concat(env.Select(e => $"export {e.Key}={PlanPrinter.Quote(e.Value)}\n")) +
        $"cd {PlanPrinter.Quote(folder)} && exec {string.Join(' ', command.Select(PlanPrinter.Quote))}\n";
}
