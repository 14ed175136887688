using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Cleave.Linux;

namespace Cleave.Processes;

/// <summary>Starts a program by posix_spawn(3), in the namespaces of the calling thread.</summary>
/// <remarks>
/// Process.Start would do for programs with pipes, but not for a terminal, and it installs a child handler of its own that a process
/// with PID 1 must not share. The child leads a new session, has every signal at its default and none blocked, as a shell's child has.
/// </remarks>
internal static unsafe class Spawn
{
    private const int OpaqueSize = 512;
    private const int SignalSetSize = 128; // sigset_t of glibc and musl
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Starts the program.</summary>
    /// <param name="request">What to start.</param>
    /// <param name="pidNamespace">Descriptor of a process whose PID namespace the child enters, or null for the caller's.</param>
    /// <returns>The child's PID as the lab host sees it.</returns>
    /// <exception cref="LinuxException">The program does not exist or cannot be executed, or the machine is out of processes.</exception>
    public static int Start(SpawnRequest request, Descriptor? pidNamespace = null)
    {
        byte* actions = stackalloc byte[OpaqueSize];
        byte* attributes = stackalloc byte[OpaqueSize];
        byte* signals = stackalloc byte[OpaqueSize];
        using var memory = new NativeStrings();

        string program = request.Program ?? FindProgram(request.Argv[0], request);
        IReadOnlyList<string> argv = request.Argv;
        if (request.User is { IsRoot: false } user)
        {
            GiveStreams(request, user);
            string groups = user.Groups.IsEmpty ? "--clear-groups" : $"--groups={string.Join(',', user.Groups)}";
            argv = ["setpriv", $"--reuid={user.Uid}", $"--regid={user.Gid}", groups, "--", .. argv];
            program = FindProgram("setpriv", request);
        }

        if (request.FileLimit is not (null, null))
        {
            argv = ["prlimit", $"--nofile={request.FileLimit.Soft}:{request.FileLimit.Hard}", .. argv];
            program = FindProgram("prlimit", request);
        }

        byte* path = memory.Add(program);
        byte** arguments = memory.AddArray(argv);
        byte** environment = memory.AddArray([.. request.Env.Select(e => $"{e.Key}={e.Value}")]);

        _ = Libc.posix_spawn_file_actions_init(actions);
        _ = Libc.posix_spawnattr_init(attributes);
        try
        {
            // Every bit: sigfillset leaves out the two that glibc uses itself, and those the child would then ignore for ever.
            new Span<byte>(signals, SignalSetSize).Fill(0xff);
            _ = Libc.posix_spawnattr_setsigdefault(attributes, signals);
            _ = Libc.sigemptyset(signals);
            _ = Libc.posix_spawnattr_setsigmask(attributes, signals);
            _ = Libc.posix_spawnattr_setflags(
                attributes, Libc.POSIX_SPAWN_SETSID | Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK);
            _ = Libc.posix_spawn_file_actions_addchdir_np(actions, memory.Add(request.Dir));
            AddStandardStreams(actions, request, memory);

            int pid = 0;
            int home = pidNamespace is null ? -1 : (int)Libc.syscall(434, Libc.getpid(), 0, 0);
            int error = Cross(&pid, path, actions, attributes, arguments, environment, pidNamespace?.Fd ?? -1, home);
            if (home >= 0)
            {
                _ = Libc.close(home);
            }

            return error == 0 ? pid : throw new LinuxException($"start {request.Argv[0]} in {request.Dir}", error);
        }
        finally
        {
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            _ = Libc.posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>
    /// Between the two setns calls this thread cannot make threads, and the runtime must have no reason to: no managed call, nothing
    /// to compile, no allocation.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Cross(
        int* pid, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment, int pidNamespace, int home)
    {
        if (pidNamespace >= 0 && Libc.setns(pidNamespace, Libc.CLONE_NEWPID) != 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        int error = Libc.posix_spawn(pid, path, actions, attributes, arguments, environment);
        if (pidNamespace >= 0 && Libc.setns(home, Libc.CLONE_NEWPID) != 0)
        {
            Environment.FailFast("cannot leave a node's PID namespace");
        }

        return error;
    }

    /// <summary>Or the program could use them, but not open them again as /dev/stdout or by the terminal's name.</summary>
    private static void GiveStreams(SpawnRequest request, Topology.NodeUser user)
    {
        if (request.Terminal is { } terminal)
        {
            _ = Libc.chown(terminal, user.Uid, uint.MaxValue); // its group stays the terminals'
            return;
        }

        foreach (Descriptor? stream in (Descriptor?[])[request.Input, request.Output, request.Error])
        {
            if (stream is not null)
            {
                _ = Libc.fchown(stream.Fd, user.Uid, user.Gid);
            }
        }
    }

    private static void AddStandardStreams(byte* actions, SpawnRequest request, NativeStrings memory)
    {
        if (request.Terminal is { } terminal)
        {
            // The first terminal a session leader opens becomes its controlling one; the session is made before the file is opened.
            _ = Libc.posix_spawn_file_actions_addopen(actions, 0, memory.Add(terminal), Libc.O_RDWR, 0);
            _ = Libc.posix_spawn_file_actions_adddup2(actions, 0, 1);
            _ = Libc.posix_spawn_file_actions_adddup2(actions, 0, 2);
            return;
        }

        ReadOnlySpan<Descriptor?> streams = [request.Input, request.Output, request.Error];
        for (int fd = 0; fd < streams.Length; fd++)
        {
            if (streams[fd] is { } stream)
            {
                _ = Libc.posix_spawn_file_actions_adddup2(actions, stream.Fd, fd);
            }
            else
            {
                _ = Libc.posix_spawn_file_actions_addopen(actions, fd, memory.Add("/dev/null"), fd == 0 ? Libc.O_RDONLY : Libc.O_WRONLY, 0);
            }
        }
    }

    /// <summary>Looks a name up as execvp(3) does, in the child's PATH and from the child's directory.</summary>
    private static string FindProgram(string name, SpawnRequest request)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            string file = Path.Combine(request.Dir, name);
            return CanExecute(file) ? name
                : !Path.Exists(file) ? throw new LinuxException($"start {name} in {request.Dir}: there is no such file", Libc.ENOENT)
                : throw new LinuxException($"start {name} in {request.Dir}: it is not an executable file", Libc.EACCES);
        }

        string path = request.Env.TryGetValue("PATH", out string? value) ? value : "/usr/local/bin:/usr/bin:/bin";
        foreach (string folder in path.Split(':'))
        {
            string candidate = Path.Combine(request.Dir, folder.Length == 0 ? "." : folder, name);
            if (CanExecute(candidate))
            {
                return candidate;
            }
        }

        throw new LinuxException($"start {name}: no such program in PATH ({path})", Libc.ENOENT);
    }

    private static bool CanExecute(string file) => File.Exists(file) && (File.GetUnixFileMode(file) & Executable) != UnixFileMode.None;

    /// <summary>NUL-terminated strings outside the managed heap, freed together.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly List<nint> _blocks = [];

        public byte* Add(string text)
        {
            int length = Encoding.UTF8.GetByteCount(text);
            byte* block = Allocate(length + 1);
            Encoding.UTF8.GetBytes(text, new Span<byte>(block, length));
            block[length] = 0;
            return block;
        }

        public byte** AddArray(IReadOnlyList<string> texts)
        {
            byte** array = (byte**)Allocate((texts.Count + 1) * sizeof(nint));
            for (int i = 0; i < texts.Count; i++)
            {
                array[i] = Add(texts[i]);
            }

            array[texts.Count] = null;
            return array;
        }

        public void Dispose() => _blocks.ForEach(b => NativeMemory.Free((void*)b));

        private byte* Allocate(int size)
        {
            void* block = NativeMemory.Alloc((nuint)size);
            _blocks.Add((nint)block);
            return (byte*)block;
        }
    }
}
