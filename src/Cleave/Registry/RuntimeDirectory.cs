using Cleave.Linux;

namespace Cleave.Registry;

/// <summary>
/// The user's own folder for what running labs need: <c>$XDG_RUNTIME_DIR/cleave</c>, or <c>/tmp/cleave-UID</c> where there is none.
/// It is 0700 and belongs to the user, or Cleave refuses to use it.
/// </summary>
public static class RuntimeDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Its path; made if it is missing.</summary>
    /// <exception cref="MachineException">Someone else owns it, it is a link, or others can enter it.</exception>
    public static string Ensure()
    {
        string path = Locate();
        if (FileOwner.Of(path) is null)
        {
            Directory.CreateDirectory(path, OwnerOnly);
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

    private static string Locate()
    {
        string? given = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        if (!string.IsNullOrEmpty(given)
            && FileOwner.Of(given) is { IsDirectory: true, Others: 0 } owner && owner.Uid == Libc.getuid())
        {
            return Path.Combine(given, "cleave");
        }

        return $"/tmp/cleave-{Libc.getuid()}";
    }
}
