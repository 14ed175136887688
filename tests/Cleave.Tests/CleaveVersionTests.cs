using System.Diagnostics;
using System.Text.Json;
using Cleave.Registry;

namespace Cleave.Tests;

public class CleaveVersionTests
{
    private static readonly LabRecord Lab = new("x-1", "/x/cleave.yaml", "/run/x-1", "/state/x-1", default, CleaveVersion.Current);

    [Theory]
    [InlineData("0.1.0", "0.1.0")]
    [InlineData("0.1.0+8406b5b4cf53561bc77ec057a51cb4a61b5b9456", "0.1.0 (commit 8406b5b4cf53)")]
    [InlineData("0.1.0+8406b5b4cf53561bc77ec057a51cb4a61b5b9456.changed.1a2b3c4d", "0.1.0 (commit 8406b5b4cf53, with changes 1a2b3c4d)")]
    [InlineData("0.1.0+abc", "0.1.0 (commit abc)")]
    [InlineData(null, "of an older version")]
    public void Versions_are_described_for_people(string? version, string expected) => Assert.Equal(expected, CleaveVersion.Describe(version));

    [Fact]
    public void This_version_is_that_of_the_package_and_names_the_commit_of_a_checkout()
    {
        string informational = FileVersionInfo.GetVersionInfo(typeof(CleaveVersion).Assembly.Location).ProductVersion!;
        Assert.Equal(informational, CleaveVersion.Current);
        Assert.Matches(@"^\d+\.\d+\.\d+(-[a-z0-9.]+)?(\+[0-9a-f]{40}(\.changed\.[0-9a-f]{8})?)?$", CleaveVersion.Current);
    }

    [Fact]
    public void A_lab_of_the_same_version_is_talked_to() => CleaveVersion.Require(Lab);

    [Theory]
    [InlineData("0.0.9+1111111111111111111111111111111111111111", "0.0.9 (commit 111111111111)")]
    [InlineData(null, "of an older version")]
    public void A_lab_of_another_is_not_and_the_message_names_both_and_the_way_out(string? theirs, string described)
    {
        var refusal = Assert.Throws<InputException>(() => CleaveVersion.Require(Lab with { Version = theirs }));
        Assert.Contains(described, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(CleaveVersion.Describe(CleaveVersion.Current), refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("cleave down --lab x-1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_changes_to_the_same_commit_make_another_version() =>
        Assert.Throws<InputException>(() => CleaveVersion.Require(Lab with { Version = CleaveVersion.Current.Split(".changed.")[0] + ".changed.00000000" }));

    /// <summary>What ps --all and down need, of records of the past and of the future.</summary>
    [Theory]
    [InlineData("""{"id":"x-1","file":"/x/cleave.yaml","folder":"/run/x-1","state":"/state/x-1","started":"2026-11-24T12:00:00+00:00"}""")]
    [InlineData("""{"new":{"a":[1]},"id":"x-1","file":"/x/cleave.yaml","folder":"/run/x-1","state":"/state/x-1","started":"2026-11-24T12:00:00+00:00","version":"9.0.0"}""")]
    public void Records_of_other_versions_can_be_read(string json)
    {
        LabRecord record = JsonSerializer.Deserialize(json, RegistryJson.Default.LabRecord)!;
        Assert.Equal(("x-1", "/x/cleave.yaml", "/run/x-1", "/state/x-1", 24), (record.Id, record.File, record.Folder, record.State, record.Started.Day));
    }
}
