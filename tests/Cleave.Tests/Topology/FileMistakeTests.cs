using System.Text;
using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>Mistakes in the file as a whole: what is no text, no YAML, or too much of it.</summary>
public class FileMistakeTests
{
    private const string Head = "cleave: 1\nnodes:\n  a: {ip: 172.23.0.1}\n";

    [Theory]
    [InlineData("", "1:1", "empty")]
    [InlineData("  \n# only a comment\n", "1:1", "empty")]
    [InlineData("~", "1:1", "empty")]
    [InlineData("just text", "1:1", "'just text' stands here .. a mapping with cleave, networks, links, nodes, ")]
    [InlineData("[a, b]", "1:1", "a list stands here .. a mapping")]
    [InlineData(Head + "x-a: *nowhere", "4:6", "'*nowhere' names no anchor")]
    [InlineData(Head + "x-b: &base {}\nx-a: *bace", "5:6", "'*bace' names no anchor", "*base")]
    [InlineData(Head + "x-a: &a [*a]", "4:10", "'*a' stands inside its own anchor")]
    [InlineData(Head + "x-a: &a {b: {c: *a}}", "4:17", "'*a' stands inside its own anchor")]
    [InlineData(Head + "x-a: &a {<<: *a}", "4:14", "'*a' stands inside its own anchor")]
    [InlineData(Head + "x-a: {<<: text}", "4:11", "'text' cannot be merged .. a mapping")]
    [InlineData(Head + "x-a: {<<: [{}, [1]]}", "4:16", "a list cannot be merged")]
    [InlineData(Head + "---\ncleave: 1\n", "4:1", "second document")]
    [InlineData(Head + "x-a: !!int 5", "4:6", "tag 'tag:yaml.org,2002:int'")]
    [InlineData(Head + "x-a: !mine {}", "4:6", "tag '!mine'")]
    [InlineData(Head + "[a]: b", "4:1", "a list stands as a key")]
    [InlineData(Head + "cleave: 1", "4:1", "'cleave' stands twice .. the first is at 1:1")]
    [InlineData(Head + "x-a: {b: 1, c: 2, b: 3}", "4:19", "'b' stands twice .. 4:7")]
    [InlineData(Head + "x-a: {b: 1, \"b\": 3}", "4:13", "'b' stands twice .. 4:7")]
    [InlineData(Head + "\tx-a: 1", "4:1", "a tab stands in the indentation")]
    [InlineData("cleave: 1\nnodes:\n\ta:\n\t\tip: 172.23.0.1", "3:1", "a tab stands in the indentation: expected spaces")]
    [InlineData(Head + "x-a: b: c", "4:7", "'x-a: b: c' stands here: expected YAML .. quotes")]
    [InlineData(Head + "x-a: [1, 2\n", "5:1", "the '[' at 4:6 is not closed")]
    [InlineData(Head + "x-a: {b: &c 1, d: 2}", "4:16", "expected YAML .. a text with an anchor may only stand last")]
    [InlineData(Head + "x-a: \"open\n", "4:6", "expected YAML .. quoted")]
    [InlineData(Head + "x-a: @at\n", "4:6", "'x-a: @at' stands here: expected YAML")]
    [InlineData(Head + "x-a: \u0001", "4:6", "U+0001 may not stand in YAML")]
    [InlineData(Head + "x-a: a\0b", "4:7", "U+0000 may not stand in YAML")]
    [InlineData(Head + "x-a: é\0b", "4:7", "U+0000")]
    [InlineData(Head + "x-a: a\u2028b", "4:7", "U+2028 may not stand in YAML")]
    [InlineData("cleave: 2\nnodes: {a: {ip: 172.23.0.1}}", "1:9", "'2' stands here .. this version of Cleave reads")]
    [InlineData("cleave: v1\nnodes: {a: {ip: 172.23.0.1}}", "1:9", "'v1' stands here .. expected 1")]
    [InlineData("cleave: {}\nnodes: {a: {ip: 172.23.0.1}}", "1:9", "a mapping stands here .. expected 1")]
    [InlineData("cleave:\nnodes: {a: {ip: 172.23.0.1}}", "1:1", "no value stands here .. expected 1")]
    [InlineData("nodes: {a: {ip: 172.23.0.1}}", "1:1", "has no 'cleave'")]
    [InlineData("cleeve: 1\nnodes: {a: {ip: 172.23.0.1}}", "1:1", "'cleeve' is no key of a lab file .. cleave, networks, links, nodes, ", "cleave")]
    [InlineData("cleave: 1", "1:1", "has no 'nodes'")]
    [InlineData("cleave: 1\nnodse: {a: {ip: 172.23.0.1}}", "2:1", "'nodse' is no key", "nodes")]
    [InlineData(Head + "volumes: {}", "4:1", "'volumes' is no key of a lab file")]
    public void A_mistake_in_the_file_is_reported_once(string yaml, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake(yaml, at, words, suggestion);

    [Fact]
    public void Every_duplicate_key_is_reported_in_every_mapping()
    {
        var found = LabText.Read(Head + "x-a: {b: 1, b: 2, b: 3}\nx-a: 1\ncleave: 1\n").Diagnostics;

        Assert.Equal(["4:13", "4:19", "5:1", "6:1"], found.Select(d => d.At.ToString()));
        Assert.All(found, d => Assert.Contains("twice", d.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_mistake_under_an_anchor_is_reported_once_however_often_it_is_used()
    {
        LabText.HasOneMistake("""
            cleave: 1
            x-base: &base {ready: {tcp: 0}}
            nodes:
              a: {<<: *base, ip: 172.23.0.1}
              b: {<<: *base, ip: 172.23.0.2}
            """, "2:29", "'0' stands here .. a port, 1 to 65535");
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x63, 0 }, "1:1", "UTF-16")]
    [InlineData(new byte[] { 0xFE, 0xFF, 0, 0x63 }, "1:1", "UTF-16")]
    [InlineData(new byte[] { (byte)'a', (byte)'\n', (byte)'b', 0x80, (byte)'c' }, "2:2", "byte 0x80 is not UTF-8")]
    [InlineData(new byte[] { (byte)'a', (byte)'\r', (byte)'\n', 0xC3 }, "2:1", "byte 0xC3 is not UTF-8")]
    [InlineData(new byte[] { (byte)'a', (byte)'\r', (byte)'b', 0xED, 0xA0, 0x80 }, "2:2", "byte 0xED")]
    [InlineData(new byte[] { 0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0 }, "1:1", "U+007F may not stand in YAML")]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF }, "1:1", "empty")]
    public void Bytes_that_are_no_text_are_reported_with_their_place(byte[] bytes, string at, string words)
    {
        var found = Assert.Single(TopologyReader.Parse(LabText.Path, bytes).Diagnostics);

        Assert.Equal(at, found.At.ToString());
        Assert.Contains(words, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_a_mebibyte_is_read_and_one_byte_more_is_too_large()
    {
        var most = Head + "#" + new string('x', (1 << 20) - Head.Length - 1);

        LabText.Valid(most);
        Assert.Contains("larger than 1 MiB", LabText.Single(most + "x").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Deep_nesting_is_refused_and_not_followed(string opening)
    {
        var found = LabText.Single(Repeat(opening, 100_000));

        Assert.Contains("nested more than 64 levels", found.Message, StringComparison.Ordinal);
        Assert.Equal(1, found.At.Line);
    }

    [Fact]
    public void Sixty_four_levels_are_allowed()
    {
        LabText.Valid(Head + "x-a: " + new string('[', 63) + new string(']', 63));
        Assert.Contains("nested", LabText.Single(Head + "x-a: " + new string('[', 64) + new string(']', 64)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_by_anchors_is_refused()
    {
        var yaml = new StringBuilder(Head + "x-0: &a0 []\n");
        for (var i = 1; i < 70; i++)
            yaml.Append($"x-{i}: &a{i} [*a{i - 1}]\n");

        Assert.Contains("nested more than 64 levels deep once anchors", LabText.Read(yaml.ToString()).Diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[", "]", "")]
    [InlineData("{", "}", "k")]
    public void A_billion_laughs_are_refused(string open, string close, string key)
    {
        var yaml = new StringBuilder(Head + "x-0: &a0 ha\n");
        for (var i = 1; i < 12; i++)
            yaml.Append($"x-{i}: &a{i} {open}{string.Join(", ", Enumerable.Range(0, 10).Select(k => key.Length == 0 ? $"*a{i - 1}" : $"{key}{k}: *a{i - 1}"))}{close}\n");

        Assert.Contains("more than 200000 values", LabText.Single(yaml.ToString()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_mistakes_than_anybody_reads_are_cut_off()
    {
        var yaml = Head + string.Concat(Enumerable.Range(0, 40_000).Select(i => $"key{i}: 1\n"));

        Assert.Equal(Mistakes.Limit, LabText.Read(yaml).Diagnostics.Length);
    }

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();
}
