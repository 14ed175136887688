using Cleave.Linux;

namespace Cleave.Registry;

/// <summary>
/// The user's own folder for what running labs need: <c>$XDG_RUNTIME_DIR/cleave</c>, or <c>/tmp/cleave-UID</c> where there is none, or a folder below
/// the user's state folder where somebody else has taken that name. It is 0700 and belongs to the user, or Cleave refuses to use it. In a node with
/// control of its lab, <c>$CLEAVE_RUNTIME</c> says where it is.
/// </summary>
public static class RuntimeDirectory
{
    /// <summary>What is for nobody else.</summary>
    internal const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Has its path, in nodes that control their lab.</summary>
    internal const string Variable = "CLEAVE_RUNTIME";

    /// <summary>Its path; made if it is missing.</summary>
    /// <exception cref="MachineException">Someone else owns it, it is a link, or others can enter it.</exception>
    public static string Ensure()
    {
        (string path, _) = Locate();
        if (Look(path) is null)
        {
            Make(path);
        }

        FileOwner owner = FileOwner.Of(path) ?? throw new CleaveException($"{path} disappeared while it was being made");
        if (!owner.IsDirectory || owner.Uid != Libc.getuid() || owner.Others != 0)
        {
            throw new MachineException(
                $"{path} is not a folder of yours with mode 0700, and what is in it could be another user's; " +
                "remove it, or set XDG_RUNTIME_DIR to a folder of your own");
        }

        return path;
    }

    /// <summary>Where it is, or would be made, and whether XDG_RUNTIME_DIR says so.</summary>
    internal static (string Path, bool IsXdg) Locate()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } told)
        {
            return (told, true);
        }

        string? given = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        if (!string.IsNullOrEmpty(given)
            && Look(given) is { IsDirectory: true, Others: 0 } owner && owner.Uid == Libc.getuid())
        {
            return (Path.Combine(given, "cleave"), true);
        }

        string inTmp = $"/tmp/cleave-{Libc.getuid()}";
        string inState = Path.Combine(StateHome(), "cleave", "run");
        bool isTaken = Look(inTmp) is { } found && found.Uid != Libc.getuid();

        // Once it was needed it stays: who has taken the other name could hide our labs from us by giving it back.
        return (Path.IsPathRooted(inState) && (isTaken || Look(inState) is not null) ? inState : inTmp, false);
    }

    private static void Make(string path)
    {
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MachineException($"{path} cannot be made: {e.Message}; set XDG_RUNTIME_DIR to a folder of your own");
        }
    }

    /// <summary>Null where nothing is, and where we may not look: the variables may be those of another user.</summary>
    private static FileOwner? Look(string path)
    {
        try
        {
            return FileOwner.Of(path);
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    /// <summary>The user's folder for what programs keep; relative if nobody knows it.</summary>
    internal static string StateHome() => Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } given
        ? given
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
}
