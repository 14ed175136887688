using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Completion in the shells themselves, before and while a lab runs.</summary>
public sealed class CompletionTests : KernelTest
{
    private const string Lab = "{cleave: 1, networks: {lan: {subnet: 172.23.0.0/24}}, nodes: {alpha: {ip: 172.23.0.1}, beta: {ip: 172.23.0.2, tags: [gamma]}}, scenarios: {first: [{sleep: 1s}]}}";

    [Theory]
    [InlineData("bash", "bash --norc --noprofile", "")]
    [InlineData("zsh", "zsh -f", "autoload -Uz compinit; compinit -D; ")]
    public async Task Tab_completes_as_it_is_typed(string tool, string shell, string before)
    {
        Tool.Require(tool, tool);
        CleaveCommand cleave = OnPath(NewLab(Lab));
        await using Tmux tmux = await Tmux.StartAsync(cleave, 100, 40);
        await tmux.TypeAsync($"env PS1='in''ner> ' {shell}");
        await tmux.SeesAsync("inner> ");
        await tmux.TypeAsync($"{before}eval \"$(cleave completion {tool})\"; echo read''y");
        await tmux.SeesLineAsync("ready");
        await CompletesAsync("cleave valid", "cleave validate");
        await CompletesAsync("cleave isolate al", "cleave isolate alpha");
        await CompletesAsync("cleave cut alpha --to be", "cleave cut alpha --to beta");
        await CompletesAsync("cleave cut alpha --to beta --net", "cleave cut alpha --to beta --network");
        await CompletesAsync("cleave up --exclude alpha,ga", "cleave up --exclude alpha,gamma");
        await CompletesAsync("cleave test --scenario fi", "cleave test --scenario first");
        await CompletesAsync("cleave plan clea", "cleave plan cleave.yaml"); // a file: the shell's own
        string lab = (await cleave.OkAsync("up", "-d")).Trim();
        await CompletesAsync("cleave logs --lab cl", $"cleave logs --lab {lab}");
        await CompletesAsync("cleave up --lab cl", $"cleave up --lab {lab}");
        await CompletesAsync($"cleave up --lab {lab} --only ga", $"cleave up --lab {lab} --only gamma");
        await CompletesAsync("cleave shell fa", "cleave shell fabric");
        await cleave.OkAsync("down");

        async Task CompletesAsync(string typed, string expected)
        {
            await tmux.TextAsync(typed);
            await tmux.KeyAsync("Tab");
            await tmux.SeesLineAsync($"inner> {expected}");
            await tmux.KeyAsync("C-c");
            await tmux.TypeAsync("clear; echo cl''eared");
            await tmux.SeesLineAsync("cleared");
        }
    }

    [Fact]
    public async Task Fish_completes()
    {
        Tool.Require("fish", "fish");
        CleaveCommand cleave = OnPath(NewLab(Lab));
        cleave.Environment["HOME"] = cleave.Folder;
        Assert.Equal("alpha\nbeta\nfabric\n", await CompleteAsync("cleave shell "));
        Assert.Equal("validate\n", await CompleteAsync("cleave valid"));
        Assert.Equal("alpha,beta\n", await CompleteAsync("cleave split alpha,"));
        Assert.Equal("cleave.yaml\n", await CompleteAsync("cleave plan clea"));
        string lab = await cleave.OkAsync("up", "-d");
        Assert.Equal(lab, await CompleteAsync("cleave logs --lab "));
        Assert.Equal("alpha\nbeta\n", await CompleteAsync("cleave logs "));
        await cleave.OkAsync("down");

        async Task<string> CompleteAsync(string line)
        {
            Outcome outcome = await cleave.RunAsync("fish", ["--no-config", "-c", $"cleave completion fish | source; complete -C '{line}'"], null);
            Assert.True(outcome is { Code: 0, Errors: "" }, outcome.ToString());
            return outcome.Output;
        }
    }

    private static CleaveCommand OnPath(CleaveCommand cleave)
    {
        string bin = Directory.CreateDirectory(Path.Combine(cleave.Folder, ".bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "cleave"), CleaveCommand.Program);
        cleave.Environment["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}";
        return cleave;
    }
}
