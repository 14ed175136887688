using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary><c>cleave shell</c>, typed into as a user does.</summary>
public sealed class ShellTests : KernelTest
{
    private const string TwoNodes = "{cleave: 1, nodes: {a: {ip: 172.23.0.1}, b: {ip: 172.23.0.2}}}";

    [Theory]
    [InlineData("bash", ".bashrc", "alias greet='echo hello from'; PS1='mine> '")]
    [InlineData("zsh", ".zshrc", "alias greet='echo hello from'; PS1='mine> '")]
    [InlineData("fish", ".config/fish/config.fish", "alias greet 'echo hello from'; function fish_prompt; echo -n 'mine> '; end")]
    [InlineData("sh", ".none", "")]
    public async Task The_users_shell_has_the_nodes_name_before_its_own_prompt(string shell, string file, string text)
    {
        Tool.Require(shell, shell);
        CleaveCommand cleave = NewLab(TwoNodes);
        Directory.CreateDirectory(Path.Combine(cleave.Folder, Path.GetDirectoryName(file)!));
        cleave.Write(file, text + "\n");
        cleave.Environment["HOME"] = cleave.Folder;
        cleave.Environment["SHELL"] = Path.Combine("/bin", shell);
        cleave.Environment["PS1"] = null;
        cleave.Environment["ZDOTDIR"] = null;
        await cleave.OkAsync("up", "-d");
        await using Tmux tmux = await Tmux.StartAsync(cleave, 120, 40);
        await tmux.TypeAsync("\"$CLEAVE\" shell a; echo co\"\"de $?");
        await tmux.SeesAsync(text.Length == 0 ? "(a) # " : "(a) mine> ");
        if (text.Length > 0)
        {
            await tmux.TypeAsync("greet $(hostname)");
            await tmux.SeesLineAsync("hello from a");
        }

        // Once more, and not twice.
        await tmux.TypeAsync("echo; echo an\"\"other");
        await tmux.SeesLineAsync("another");
        Assert.DoesNotContain("(a) (a)", await tmux.ScreenAsync(), StringComparison.Ordinal);
        Assert.Equal("", await cleave.InAsync("a", "ls -A /tmp | grep '^tmp' || :"));
        await tmux.TypeAsync("exit 43");
        await tmux.SeesLineAsync("code 43");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Programs_that_draw_on_the_whole_screen_work_stop_go_on_and_follow_its_size()
    {
        Tool.Require("vi", "vim-tiny");
        Tool.Require("less", "less");
        CleaveCommand cleave = NewLab(TwoNodes);
        cleave.Write("text", string.Concat(Enumerable.Range(1, 200).Select(n => $"line {n}\n")));
        cleave.Environment["HOME"] = cleave.Folder; // no user's settings
        cleave.Environment["SHELL"] = "/bin/sh";
        cleave.Environment["PS1"] = "> ";
        await cleave.OkAsync("up", "-d");
        await using Tmux tmux = await Tmux.StartAsync(cleave, 80, 24);
        await tmux.TypeAsync("\"$CLEAVE\" shell a");
        await tmux.SeesAsync("(a) > ");

        await tmux.TypeAsync("vi text");
        await tmux.SeesLineAsync("line 23");
        await tmux.KeyAsync("C-z");
        await tmux.SeesAsync("Stopped"); // what is typed before, a program that draws throws away
        await tmux.TypeAsync("fg");
        await tmux.SeesLineAsync("line 23");
        await tmux.ResizeAsync(70, 30);
        await tmux.SeesLineAsync("line 29");
        await tmux.TypeAsync("gg0ivi was here");
        await tmux.KeyAsync("Escape");
        await tmux.TypeAsync(":set columns?");
        await tmux.SeesAsync("columns=70");
        await tmux.TypeAsync(":wq");
        await tmux.SeesAsync("(a) > ");
        Assert.Equal("vi was here", File.ReadLines(Path.Combine(cleave.Folder, "text")).First());

        await tmux.TypeAsync("less text");
        await tmux.SeesLineAsync("line 28");
        await tmux.KeyAsync("C-z");
        await tmux.SeesAsync("Stopped"); // what is typed before, a program that draws throws away
        await tmux.TypeAsync("fg");
        await tmux.SeesLineAsync("line 28");
        await tmux.KeyAsync("G");
        await tmux.SeesLineAsync("line 200");
        await tmux.ResizeAsync(70, 12);
        await tmux.KeyAsync("g");
        await tmux.SeesLineAsync("line 10");
        await tmux.SeesLineAsync(":");
        await tmux.KeyAsync("q");
        await tmux.TypeAsync("exit");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Several_at_once_do_not_disturb_each_other()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        cleave.Environment["SHELL"] = "/bin/sh";
        cleave.Environment["PS1"] = "> ";
        await cleave.OkAsync("up", "-d");
        string[] places = ["a", "a", "b", "fabric"];
        var windows = new List<Tmux>();
        try
        {
            foreach (string place in places)
            {
                windows.Add(await Tmux.StartAsync(cleave, 80, 24, $"tmux{windows.Count}"));
                await windows[^1].TypeAsync($"\"$CLEAVE\" shell {place}; echo co\"\"de $?");
                await windows[^1].SeesAsync($"({place}) > ");
                await windows[^1].TypeAsync($"tty >tty{windows.Count}; trap 'echo interr''upted' INT; sleep 1000; echo sl''ept; cat");
            }

            await Wait.UntilAsync(
                () => MachineState.MarkedProcesses(Runtime).Count(p => p.EndsWith(": sleep 1000 ", StringComparison.Ordinal)) == places.Length,
                () => string.Join('\n', MachineState.MarkedProcesses(Runtime)));
            Assert.Distinct(Enumerable.Range(1, places.Length).Select(n => File.ReadAllText(Path.Combine(cleave.Folder, $"tty{n}"))));

            // Ctrl-C in the second, and only there.
            await windows[1].KeyAsync("C-c");
            await windows[1].SeesLineAsync("slept");
            Assert.Equal(places.Length - 1, MachineState.MarkedProcesses(Runtime).Count(p => p.EndsWith(": sleep 1000 ", StringComparison.Ordinal)));

            // The lab's end is the end of all; a shell that somebody types into ignores TERM.
            await cleave.OkAsync("down");
            foreach (Tmux window in windows)
            {
                await window.SeesAsync("code 137");
            }
        }
        finally
        {
            foreach (Tmux window in windows)
            {
                await window.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Without_a_terminal_it_takes_its_commands_from_standard_input()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        await cleave.OkAsync("up", "-d");
        foreach (string shell in (string[])["/bin/bash", "/nowhere/ksh", ""])
        {
            cleave.Environment["SHELL"] = shell;
            Outcome outcome = await cleave.RunAsync(CleaveCommand.Program, ["shell", "b"], "hostname; echo error >&2; exit 7");
            Assert.Equal(new Outcome(7, "b\n", "error\n"), outcome);
        }

        Outcome unknown = await cleave.RunAsync("shell", "c");
        Assert.True(unknown.Code == 2 && unknown.Errors.Contains("'c'", StringComparison.Ordinal), unknown.ToString());
        await cleave.OkAsync("down");
    }
}
