using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>A shell in a node, on a terminal made inside the lab and shown on the user's: typed into and looked at as a user does.</summary>
public sealed class TerminalTests : KernelTest
{
    private const string OneNode = "{cleave: 1, nodes: {a: {ip: 172.23.0.1}}}";
    private const string Shell = "\"$CLEAVE\" exec a -- env PS1='in''ner> ' sh -i";

    [Fact]
    public async Task A_shell_in_a_node_has_a_terminal_of_the_lab_that_follows_the_window()
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        await using Tmux tmux = await Tmux.StartAsync(cleave, 100, 30);
        await tmux.TypeAsync(Shell);
        await tmux.SeesAsync("inner> ");
        await tmux.TypeAsync("echo \"$(tty | sed 's/[0-9][0-9]*/N/') $(stat -c %d /dev/pts) $(hostname).\" >seen; stty size >>seen; echo $TERM >>seen; echo wrote");
        await tmux.SeesLineAsync("wrote");
        string[] seen = File.ReadAllLines(Path.Combine(cleave.Folder, "seen"));
        Assert.StartsWith("/dev/pts/N ", seen[0], StringComparison.Ordinal);
        Assert.EndsWith(" a.", seen[0], StringComparison.Ordinal);

        // Not the host's, in which our own terminals are.
        Assert.NotEqual((await cleave.ShellAsync("stat -c %d /dev/pts")).Output.Trim(), seen[0].Split(' ')[1]);
        Assert.Equal("30 100", seen[1]);
        Assert.NotEqual("dumb", seen[2]);

        // A program learns of it by the signal, too.
        await tmux.TypeAsync("trap 'echo winch' WINCH; echo trapped");
        await tmux.SeesLineAsync("trapped");
        await tmux.ResizeAsync(77, 22);
        await tmux.TypeAsync("until [ \"$(stty size)\" = '22 77' ]; do sleep 0.05; done; echo resized");
        await tmux.SeesLineAsync("resized");
        await tmux.SeesLineAsync("winch");
        await tmux.TypeAsync("exit");
        await cleave.OkAsync("down");
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("bash --norc --noprofile")]
    public async Task Job_control_is_that_of_a_terminal_and_the_outer_one_is_sane_afterwards(string shell)
    {
        Assert.SkipUnless(File.Exists("/bin/" + shell.Split(' ')[0]), $"{shell} is not installed");
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        await using Tmux tmux = await Tmux.StartAsync(cleave, 100, 40);
        await tmux.TypeAsync("stty -a >before; echo looked");
        await tmux.SeesLineAsync("looked");
        await tmux.TypeAsync($"\"$CLEAVE\" exec a -- env PS1='in''ner> ' {shell} -i");
        await tmux.SeesAsync("inner> ");

        // Ctrl-C is for what runs, not for the shell, and not for us.
        await tmux.TypeAsync("sleep 101; echo sleep $?");
        await NodeRunsAsync(cleave, "sleep 101", 'S');
        await tmux.KeyAsync("C-c");
        await tmux.TypeAsync("echo st''ill here");
        await tmux.SeesLineAsync("still here");
        await NodeRunsAsync(cleave, "sleep 101", null);

        // Ctrl-Z stops it; in the background it runs on, in the foreground Ctrl-C ends it.
        await tmux.TypeAsync("sleep 102");
        await NodeRunsAsync(cleave, "sleep 102", 'S');
        await tmux.KeyAsync("C-z");
        await NodeRunsAsync(cleave, "sleep 102", 'T');
        await tmux.TypeAsync("bg; echo in the back''ground");
        await tmux.SeesLineAsync("in the background");
        await NodeRunsAsync(cleave, "sleep 102", 'S');
        await tmux.TypeAsync("fg");
        await NodeRunsAsync(cleave, "sleep 102", 'S', inForeground: true);
        await tmux.KeyAsync("C-c");
        await NodeRunsAsync(cleave, "sleep 102", null);

        await tmux.TypeAsync("exit 37");
        await tmux.SeesLineAsync("outer>"); // what is typed before, the program that is ending still takes
        await tmux.TypeAsync("echo co''de $?");
        await tmux.SeesLineAsync("code 37");
        await OuterIsSaneAsync(tmux, cleave);
        await cleave.OkAsync("down");
    }

    [Theory]
    [InlineData("TERM", "exec ended by a signal")]
    [InlineData(null, "exec ended by the lab")]
    public async Task The_outer_terminal_is_sane_after_an_end_from_outside(string? signal, string why)
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        await using Tmux tmux = await Tmux.StartAsync(cleave, 100, 40);
        await tmux.TypeAsync("stty -a >before; echo looked");
        await tmux.SeesLineAsync("looked");
        await tmux.TypeAsync($"sh -c 'echo $$ >pid; exec {Shell.Replace("'in''ner> '", "in\"\"ner:", StringComparison.Ordinal)}'; echo; echo {why.Replace(' ', '-')}");
        await tmux.SeesAsync("inner:");
        if (signal is null)
        {
            await cleave.OkAsync("down");
        }
        else
        {
            Assert.Equal(0, Posix.Kill(int.Parse(File.ReadAllText(Path.Combine(cleave.Folder, "pid"))), Posix.SIGTERM));
        }

        await tmux.SeesLineAsync(why.Replace(' ', '-'));
        await OuterIsSaneAsync(tmux, cleave);
        if (signal is not null)
        {
            await cleave.OkAsync("down");
        }
    }

    [Fact]
    public async Task A_closed_window_ends_the_shell_and_what_it_runs()
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        await using (Tmux tmux = await Tmux.StartAsync(cleave, 100, 30))
        {
            await tmux.TypeAsync(Shell);
            await tmux.SeesAsync("inner> ");
            await tmux.TypeAsync("sleep 103");
            await NodeRunsAsync(cleave, "sleep 103", 'S');
        }

        await NodeRunsAsync(cleave, "sleep 103", null);
        await NodeRunsAsync(cleave, "sh -i", null);
        await cleave.OkAsync("down");
    }

    private static async Task OuterIsSaneAsync(Tmux tmux, CleaveCommand cleave)
    {
        await tmux.TypeAsync("stty -a >after; echo look''ed again");
        await tmux.SeesLineAsync("looked again");
        Assert.Equal(File.ReadAllText(Path.Combine(cleave.Folder, "before")), File.ReadAllText(Path.Combine(cleave.Folder, "after")));
    }

    /// <summary>Waits until a program of this command line is in this state (proc_pid_stat(5)), or until there is none.</summary>
    private Task NodeRunsAsync(CleaveCommand cleave, string program, char? state, bool inForeground = false) => Wait.UntilAsync(
        () =>
        {
            string? found = MachineState.MarkedProcesses(Runtime).FirstOrDefault(p => p.EndsWith($": {program} ", StringComparison.Ordinal));
            if (found is null)
            {
                return state is null;
            }

            try
            {
                // From proc_pid_stat(5): state, parent, process group, session, terminal, foreground group of the terminal.
                string[] stat = File.ReadAllText($"/proc/{found.Split(':')[0]}/stat").Split(") ")[1].Split(' ');
                return stat[0] == $"{state}" && (!inForeground || stat[2] == stat[5]);
            }
            catch (IOException)
            {
                return false;
            }
        },
        () => $"{program} should be in state {state}, and these run in {cleave.Folder}:\n{string.Join('\n', MachineState.MarkedProcesses(Runtime))}");
}
