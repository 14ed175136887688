using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Environment variables from files, in the lab.</summary>
public sealed class EnvFileTests : KernelTest
{
    [Fact]
    public async Task A_node_has_the_variables_of_its_env_files_as_they_were_when_the_lab_was_started()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, env-file: [one.env, two.env], env: {C: lab}, run: 'echo "A=$A B=$B C=$C"; exec sleep 1000', ready: {log: A=}}
              b: {ip: 172.23.0.2}
            """);
        cleave.Write("one.env", "export A=\"1\n2\"\nB=1\nC=1\n");
        cleave.Write("two.env", "B='$two'\n");
        await cleave.OkAsync("up", "-d");
        cleave.Write("one.env", "this is no env file any more");
        Assert.Equal("1\n2 $two lab", await cleave.InAsync("a", "echo \"$A $B $C\""));
        Assert.Equal("none", await cleave.InAsync("b", "echo ${A-none}"));
        Assert.Contains("2 B=$two C=lab", await cleave.OkAsync("logs", "a"), StringComparison.Ordinal);
        await cleave.OkAsync("restart", "a");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_mistake_in_an_env_file_is_shown_with_its_place_and_nothing_is_made()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, env-file: one.env}}}");
        cleave.Write("one.env", "A=1\nB 2\n");
        Outcome up = await cleave.RunAsync("up", "-d");
        Assert.Equal(2, up.Code);
        Assert.Equal($"{cleave.Folder}/one.env:2:3: error: '2' follows the name 'B': expected '='\n", up.Errors.Replace("./", cleave.Folder + "/", StringComparison.Ordinal));
        Assert.False(Directory.Exists(Path.Combine(cleave.Folder, ".cleave")));
    }
}
