using System.Text;
using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>Environment variables from files.</summary>
public class EnvFileTests
{
    [Theory]
    [InlineData("A=1", "A=1")]
    [InlineData("A=1\nB=2\n", "A=1|B=2")]
    [InlineData("A=1\r\nB=2\r\n", "A=1|B=2")]
    [InlineData("\uFEFFA=1", "A=1")]
    [InlineData("# comment\n\n  # another\n  A = 1 2  \n", "A=1 2")]
    [InlineData("export A=1\nexport\tB=2\nexport=3\nexporter=4", "A=1|B=2|export=3|exporter=4")]
    [InlineData("A: 1\nB:2", "A=1|B=2")]
    [InlineData("A=", "A=")]
    [InlineData("A=  \nB=1", "A=|B=1")]
    [InlineData("A=x # a comment\nB=x# none\nC= # one\nD=#none", "A=x|B=x# none|C=|D=#none")]
    [InlineData("A=it's\nB=a\"b\"", "A=it's|B=a\"b\"")]
    [InlineData("A=$HOME ${B} ${env.C}", "A=$HOME ${B} ${env.C}")]
    [InlineData("A=a=b:c", "A=a=b:c")]
    [InlineData("A='a # b $X \\n'", "A=a # b $X \\n")]
    [InlineData("A='it\\'s' # c", "A=it's")]
    [InlineData("A=\"a # b $X\"  # c", "A=a # b $X")]
    [InlineData("A=\"x\\ty\\\\z\\\"q\\$d\\z\"", "A=x\ty\\z\"q$dz")]
    [InlineData("A=\"one\ntwo\"\nB='three\nfour'\nC=5", "A=one\ntwo|B=three\nfour|C=5")]
    [InlineData("A=\"\"\nB=''", "A=|B=")]
    [InlineData("A=1\nB=2\nA=3", "A=3|B=2")]
    [InlineData("A.b-c_1=1", "A.b-c_1=1")]
    [InlineData("", "")]
    public void A_file_is_read_as_compose_reads_it_but_nothing_is_interpolated(string text, string expected) =>
        Assert.Equal(expected, Show(Lab("env-file: a.env", ("/lab/a.env", text))));

    [Fact]
    public void A_name_alone_passes_on_the_variable_of_whoever_reads_the_lab_file()
    {
        var result = TopologyReader.Parse(
            LabText.Path,
            "cleave: 1\nnodes: {a: {ip: 172.23.0.1, env-file: a.env}}"u8,
            new Dictionary<string, string> { ["GIVEN"] = "yes" },
            LabText.With(("/lab/a.env", "GIVEN\nMISSING\nexport GIVEN # here\nB=1")));
        Assert.Equal("GIVEN=yes|B=1", Show(result.Topology!));
    }

    [Fact]
    public void Later_files_win_over_earlier_ones_and_the_lab_file_over_all()
    {
        var lab = Lab(
            "env: {C: lab}, env-file: [one.env, /etc/two.env, ../three.env]",
            ("/lab/one.env", "A=1\nB=1\nC=1\nD=1"),
            ("/etc/two.env", "B=2\nC=2\nD=2"),
            ("/three.env", "D=3"));
        Assert.Equal("A=1|B=2|C=lab|D=3", Show(lab));
        Assert.Equal(["/etc/two.env", "/lab/one.env", "/three.env"], lab.Texts.Keys);
    }

    [Fact]
    public void What_was_read_then_is_what_a_lab_host_reads_again()
    {
        var lab = Lab("env-file: a.env", ("/lab/a.env", "A=\"ü\n\""));
        var again = TopologyReader.Parse(
            LabText.Path, "cleave: 1\nnodes: {a: {ip: 172.23.0.1, env-file: a.env}}"u8, null, Surroundings.AsChecked(lab.Texts));
        Assert.Equal("A=ü\n", Show(again.Topology!));
        Assert.Equal(lab.Texts, again.Topology!.Texts);
    }

    [Theory]
    [InlineData("env-file: other.env", "2:39", "'other.env': there is no such file: expected a file with lines NAME=VALUE")]
    [InlineData("env-file: a.evn", "2:39", "'a.evn': there is no such file", "a.env")]
    [InlineData("env-file: ./sub/a.evn", "2:39", "there is no such file", "./sub/a.env")]
    [InlineData("env-file: [a.env, /lab/a.en]", "2:47", "'/lab/a.en': there is no such file", "/lab/a.env")]
    [InlineData("env-file: sub", "2:39", "'sub': this is a folder")]
    [InlineData("env-file: []", "2:39", "an empty list stands here: expected a path")]
    [InlineData("env-file: [[a.env]]", "2:40", "a list stands here: expected a path")]
    [InlineData("env-file: {a: b}", "2:39", "a mapping stands here: expected a path, relative to the lab file's folder, or a list of paths")]
    [InlineData("env-file: ~", "2:39", "no value stands here")]
    [InlineData("env-file: ~/a.env", "2:39", "'~/a.env' is not expanded here")]
    [InlineData("env_file: a.env", "2:29", "'env_file' is no key of a node", "env-file")]
    public void A_mistake_in_the_lab_file_is_reported_there(string entry, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake(Yaml(entry), at, words, suggestion, LabText.With(("/lab/a.env", "A=1"), ("/lab/sub/a.env", "A=1")));

    [Theory]
    [InlineData("A=1\n  =2", "2:3", "'=2' is no name for a variable: expected NAME=VALUE")]
    [InlineData("A=1\n2B=2", "2:1", "'2B' is no name for a variable")]
    [InlineData("ä=1", "1:1", "'ä' is no name for a variable")]
    [InlineData("A=1\n\nexport é\nB=1", "3:8", "'é' is no name for a variable")]
    [InlineData("A B", "1:3", "'B' follows the name 'A': expected '='")]
    [InlineData("A=\"x\n\nB=1", "1:3", "a value begins with \" here, and no \" ends it")]
    [InlineData("A=1\nB='x\\'", "2:3", "a value begins with ' here, and no ' ends it")]
    [InlineData("A='x' y", "1:7", "'y' follows the closing '")]
    [InlineData("A=1\n CLEAVE_LAB=x", "2:2", "'CLEAVE_LAB' is one of Cleave's own variables")]
    [InlineData("A=1\nB=\0x", "2:1", "the value of 'B' has a NUL character in it")]
    public void A_mistake_in_an_env_file_is_reported_with_its_own_place(string text, string at, string words) =>
        LabText.HasOneMistake(Yaml("env-file: sub/a.env"), at, words, null, LabText.With(("/lab/sub/a.env", text)), "/lab/sub/a.env");

    [Fact]
    public void Bytes_that_are_no_text_are_reported_with_their_place() => LabText.HasOneMistake(
        Yaml("env-file: a.env"), "2:4", "byte 0xFF is not UTF-8", null, LabText.With([("/lab/a.env", [.. "A=1\nB=é"u8, 0xFF])]), "/lab/a.env");

    [Fact]
    public void All_mistakes_of_all_files_are_reported_at_once_and_a_shared_one_once()
    {
        const string Yaml = "cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, env-file: [b.env, a.env], jbo: true}\n  b: {ip: 172.23.0.2, env-file: b.env}";
        var result = TopologyReader.Parse("sub/cleave.yaml", Encoding.UTF8.GetBytes(Yaml), null, new(
            path => (Encoding.UTF8.GetBytes(path.EndsWith("a.env", StringComparison.Ordinal) ? "-\n" : "A=1\n\n+\n-\n"), null), _ => PathKind.File, _ => []));
        Assert.Equal(
            ["sub/cleave.yaml:3:49", "sub/a.env:1:1", "sub/b.env:3:1", "sub/b.env:4:1"],
            result.Diagnostics.Select(d => $"{d.File}:{d.At}"));
    }

    private static string Yaml(string entry) => $"cleave: 1\nnodes: {{a: {{ip: 172.23.0.1, {entry}}}}}";

    private static LabTopology Lab(string entry, params (string Path, string Text)[] files) => LabText.Valid(Yaml(entry), LabText.With(files));

    private static string Show(LabTopology lab) => string.Join('|', lab.Nodes[0].Env.Select(e => $"{e.Key}={e.Value}"));
}
