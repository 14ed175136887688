using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary><c>cleave shell</c>: a shell in a node.</summary>
internal static class ShellCommand
{
    /// <summary>
    /// Becomes the shell $1 if the node has it, or else sh, with $2 before its prompt: after the user's own files, which set one, too.
    /// bash and zsh prompts are often made anew before each command, so it is put there again.
    /// </summary>
    private const string Become =
        """
        shell=$1
        export CLEAVE_PROMPT="$2"
        command -v "$shell" >/dev/null 2>&1 || shell=sh
        case ${shell##*/} in
        bash)
            exec "$shell" --rcfile /dev/fd/3 -i 3<<'END'
        exec 3<&-
        [ ! -r ~/.bashrc ] || . ~/.bashrc
        cleave_prompt() { [[ $PS1 == "$CLEAVE_PROMPT"* ]] || PS1=$CLEAVE_PROMPT$PS1; }
        if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
            PROMPT_COMMAND+=(cleave_prompt)
        else
            PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }cleave_prompt"
        fi
        END
            ;;
        zsh)
            files=$(mktemp -d) || exec "$shell" -i
            cat >"$files/.zshenv" <<'END'
        ZDOTDIR=$CLEAVE_ZDOTDIR
        [[ ! -r $ZDOTDIR/.zshenv ]] || . "$ZDOTDIR/.zshenv"
        CLEAVE_ZDOTDIR=$ZDOTDIR
        ZDOTDIR=$CLEAVE_FILES
        END
            cat >"$files/.zshrc" <<'END'
        ZDOTDIR=$CLEAVE_ZDOTDIR
        rm -rf -- "$CLEAVE_FILES"
        unset CLEAVE_ZDOTDIR CLEAVE_FILES
        [[ ! -r $ZDOTDIR/.zshrc ]] || . "$ZDOTDIR/.zshrc"
        cleave_prompt() { [[ $PS1 == "$CLEAVE_PROMPT"* ]] || PS1=$CLEAVE_PROMPT$PS1 }
        precmd_functions+=(cleave_prompt)
        END
            CLEAVE_ZDOTDIR=${ZDOTDIR:-$HOME} CLEAVE_FILES=$files ZDOTDIR=$files exec "$shell" -i
            ;;
        fish)
            exec "$shell" -i --init-command '
                functions --copy fish_prompt cleave_prompt
                function fish_prompt; echo -n $CLEAVE_PROMPT; cleave_prompt; end'
            ;;
        *)
            PS1="$2${PS1:-# }" exec "$shell" -i
            ;;
        esac
        """;

    public static Command Create() => ProgramVerb.Of(
        "shell",
        """
        Open a shell in a node, or in the fabric: $SHELL if the node has it, or else sh, with the node's name before its prompt. Without a
        terminal it takes its commands from standard input. Exit codes as of exec. Example: cleave shell web
        """,
        takesProgram: false,
        (node, _, terminal) =>
        {
            string shell = Environment.GetEnvironmentVariable("SHELL") is { Length: > 0 } users ? users : "sh";
            return new ExecOrder(node, terminal ? ["sh", "-c", Become, "sh", shell, $"({node}) "] : ["sh", "-c", "command -v \"$1\" >/dev/null && exec \"$1\"; exec sh", "sh", shell]);
        });
}
