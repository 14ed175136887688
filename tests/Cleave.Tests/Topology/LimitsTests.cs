using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>What a node may use.</summary>
public class LimitsTests
{
    [Theory]
    [InlineData("run: x", null, null, 256L << 20)]
    [InlineData("limits: {nofile: 1024}", 1024, 1024, 256L << 20)]
    [InlineData("limits: {nofile: \"20\", log: 1G}", 20, 20, 1L << 30)]
    [InlineData("limits: {nofile: {soft: 100, hard: 2000}, log: 1024k}", 100, 2000, 1L << 20)]
    [InlineData("limits: {log: 100M}", null, null, 100L << 20)]
    public void Limits_are_read(string entry, int? soft, int? hard, long log) =>
        Assert.Equal(new Limits(soft is null ? null : new(soft.Value, hard!.Value), log), LabText.Valid(Yaml(entry)).Nodes[0].Limits);

    [Theory]
    [InlineData("limits: 1024", "2:37", "'1024' stands here: expected a mapping with nofile and log")]
    [InlineData("limits: {nofiles: 1024}", "2:38", "'nofiles' is no key of limits", "nofile")]
    [InlineData("limits: {nofile: 9}", "2:46", "'9' stands here: expected a number of open files, 10 to 1073741816")]
    [InlineData("limits: {nofile: unlimited}", "2:46", "'unlimited' stands here: expected a number of open files")]
    [InlineData("limits: {nofile: -1}", "2:46", "'-1' stands here")]
    [InlineData("limits: {nofile: [1024]}", "2:46", "a list stands here: expected a number of open files")]
    [InlineData("limits: {nofile: {soft: 1024}}", "2:38", "a limit of open files has no 'hard'")]
    [InlineData("limits: {nofile: {soft: 1024, hard: x}}", "2:65", "'x' stands here: expected a number of open files")]
    [InlineData("limits: {nofile: {soft: 1025, hard: 1024}}", "2:46", "the soft limit 1025 is above the hard limit 1024")]
    [InlineData("limits: {log: 100}", "2:43", "'100' is no size: expected a size such as 64M: a whole number and K, M or G, which are powers of 1024 bytes")]
    [InlineData("limits: {log: 100MB}", "2:43", "'100MB' is no size", "100M")]
    [InlineData("limits: {log: 1 gib}", "2:43", "'1 gib' is no size", "1G")]
    [InlineData("limits: {log: 1.5G}", "2:43", "'1.5G' is no size")]
    [InlineData("limits: {log: 1023K}", "2:43", "'1023K' is too small: expected 1M or more")]
    [InlineData("limits: {log: 1048576G}", "2:43", "'1048576G' is too large")]
    [InlineData("limits: {log: 99999999999999999999M}", "2:43", "is too large: expected less than 1048576G")]
    [InlineData("limits: {log: M}", "2:43", "'M' is no size")]
    [InlineData("limits: {log: }", "2:38", "no value stands here")]
    [InlineData("ulimits: {nofile: 1024}", "2:29", "'ulimits' is no key of a node", "limits")]
    [InlineData("logging: {driver: x}", "2:29", "'logging' is no key of a node", "limits")]
    [InlineData("shm_size: 64m", "2:29", "'shm_size' is no key of a node: expected 'tmpfs', such as [{path: /dev/shm, size: 64M}]")]
    public void A_mistake_is_reported_once(string entry, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake(Yaml(entry), at, words, suggestion);

    private static string Yaml(string entry) => $"cleave: 1\nnodes: {{a: {{ip: 172.23.0.1, {entry}}}}}";
}
