using System.Collections.Immutable;

namespace Cleave.Doctor;

/// <summary>Where Cleave keeps what running labs need.</summary>
internal static class PlaceChecks
{
    public static ImmutableArray<Check> All { get; } =
    [
        new("runtime-directory", Area.Places, "runtime directory", "control sockets of running labs", RuntimeDirectory),
    ];

    private static Verdict RuntimeDirectory(Findings f, Needs needs)
    {
        if (f.RuntimeDirectory is null)
        {
            return Verdict.Missing(f.RuntimeDirectoryTrouble ?? "none", "no lab can run", "export XDG_RUNTIME_DIR=FOLDER, a folder of your own with mode 0700");
        }

        return Verdict.Ok(f.RuntimeDirectoryIsXdg ? f.RuntimeDirectory : $"{f.RuntimeDirectory}, as XDG_RUNTIME_DIR names no folder that is yours alone");
    }
}
