namespace Cleave.KernelTests.Harness;

/// <summary>A sudo that asks nothing, but wants a password where it may not ask: a script before a setuid copy of setpriv(1). Only root can make one.</summary>
internal static class StandInSudo
{
    /// <summary>The shell lines that make it.</summary>
    /// <param name="bin">The folder to make, for the PATH.</param>
    public static string Install(string bin) =>
        $$"""
        mkdir -m 755 {{bin}}
        cp "$(command -v setpriv)" {{bin}}/become
        chmod 4755 {{bin}}/become
        cat >{{bin}}/sudo <<'X'
        #!/bin/sh
        [ "$1" != -n ] || { echo 'sudo: a password is required' >&2; exit 1; }
        exec {{bin}}/become --reuid 0 --regid 0 --clear-groups -- "$@"
        X
        chmod 755 {{bin}}/sudo
        """;
}
