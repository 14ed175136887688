using System.CommandLine;

namespace Cleave.Cli;

/// <summary><c>cleave completion</c>: what makes shells complete verbs, options, labs, nodes, networks and scenarios.</summary>
internal static class CompletionCommand
{
    // All of them ask us; what we do not know are files.
    private const string Bash =
        """
        # Completion of cleave for bash. In ~/.bashrc: eval "$(cleave completion bash)"
        _cleave() {
            mapfile -t COMPREPLY < <("$1" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        }
        complete -o default -F _cleave cleave

        """;

    private const string Zsh =
        """
        #compdef cleave
        # Completion of cleave for zsh. In ~/.zshrc, after compinit: eval "$(cleave completion zsh)"
        _cleave() {
            local -a found
            found=("${(@f)$("${(Q)words[1]}" complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
            found=(${found:#})
            if (( $#found )); then
                compadd -- $found
            else
                _files
            fi
        }
        if [[ ${funcstack[1]} == _cleave ]]; then
            _cleave "$@"
        else
            compdef _cleave cleave
        fi

        """;

    private const string Fish =
        """
        # Completion of cleave for fish: cleave completion fish >~/.config/fish/completions/cleave.fish
        function __cleave_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            set -l found ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
            if set -q found[1]
                printf '%s\n' $found
            else
                __fish_complete_path "$current"
            end
        end
        complete -c cleave -f -a '(__cleave_complete)'

        """;

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command(
            "completion",
            """
            Print what makes a shell complete verbs, options, and the names of labs, nodes, networks and scenarios. Once and for all:
              bash: echo 'eval "$(cleave completion bash)"' >>~/.bashrc
              zsh:  echo 'eval "$(cleave completion zsh)"' >>~/.zshrc      (after compinit)
              fish: cleave completion fish >~/.config/fish/completions/cleave.fish
            """)
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            Console.Out.Write(parsed.GetRequiredValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return ExitCodes.Ok;
        });
        return command;
    }
}
