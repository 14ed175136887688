namespace Cleave.KernelTests.Harness;

/// <summary>A terminal that a test types into and reads from: tmux with a server of its own, ended when disposed of.</summary>
public sealed class Tmux : IAsyncDisposable
{
    private readonly CleaveCommand _cleave;
    private readonly string _socket;

    private Tmux(CleaveCommand cleave, string name) => (_cleave, _socket) = (cleave, Path.Combine(cleave.Folder, name));

    /// <summary>Opens a window with a shell in the lab's folder.</summary>
    public static async Task<Tmux> StartAsync(CleaveCommand cleave, int columns, int rows, string name = "tmux")
    {
        bool installed = Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(f => File.Exists(Path.Combine(f, "tmux")));
        Assert.SkipUnless(installed, "tmux is not installed");
        var tmux = new Tmux(cleave, name);
        await tmux.RunAsync("new-session", "-d", "-x", $"{columns}", "-y", $"{rows}", "env --default-signal PS1='outer> ' sh");
        await tmux.SeesAsync("outer> ");
        return tmux;
    }

    /// <summary>Types text as it is, and Enter.</summary>
    public async Task TypeAsync(string text)
    {
        await TextAsync(text);
        await KeyAsync("Enter");
    }

    /// <summary>Types text as it is.</summary>
    public Task TextAsync(string text) => RunAsync("send-keys", "-l", text);

    /// <summary>Presses a key, by tmux's name for it: C-c, C-z, Enter.</summary>
    public Task KeyAsync(string key) => RunAsync("send-keys", key);

    public Task ResizeAsync(int columns, int rows) => RunAsync("resize-window", "-x", $"{columns}", "-y", $"{rows}");

    /// <summary>What the window shows, long lines joined.</summary>
    public Task<string> ScreenAsync() => RunAsync("capture-pane", "-p", "-J");

    /// <summary>Waits until a whole line of the window is this text.</summary>
    public async Task SeesLineAsync(string text)
    {
        string screen = "";
        await Wait.UntilAsync(
            async () => (screen = await ScreenAsync()).Split('\n').Any(l => l.TrimEnd() == text), () => $"expected a line '{text}' in:\n{screen}");
    }

    /// <summary>Waits until the window shows the text.</summary>
    public async Task SeesAsync(string text)
    {
        string screen = "";
        await Wait.UntilAsync(
            async () => (screen = await ScreenAsync()).Contains(text, StringComparison.Ordinal), () => $"expected '{text}' in:\n{screen}");
    }

    public async ValueTask DisposeAsync() => await _cleave.RunAsync("tmux", ["-S", _socket, "kill-server"], null);

    private async Task<string> RunAsync(params string[] arguments)
    {
        Outcome outcome = await _cleave.RunAsync("tmux", ["-S", _socket, "-f", "/dev/null", .. arguments], null);
        Assert.True(outcome.Code == 0, outcome.ToString());
        return outcome.Output;
    }
}
