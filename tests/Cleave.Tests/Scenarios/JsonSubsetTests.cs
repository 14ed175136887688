using System.Text.Json;
using Cleave.Scenarios;

namespace Cleave.Tests.Scenarios;

public class JsonSubsetTests
{
    [Theory]
    [InlineData("{}", """{"a": 1}""")]
    [InlineData("""{"a": 1}""", """{"b": 2, "a": 1}""")]
    [InlineData("""{"a": {"b": []}}""", """{"a": {"b": [], "c": 1}}""")]
    [InlineData("1", "1.0")]
    [InlineData("100", "1e2")]
    [InlineData("0.1", "0.10")]
    [InlineData("1e300", "1e300")]
    [InlineData("\"é\"", "\"\\u00e9\"")]
    [InlineData("null", "null")]
    [InlineData("[]", "[]")]
    [InlineData("[1]", "[3, 2, 1]")]
    [InlineData("[2, 1]", "[1, 2]")]
    [InlineData("[1, 1]", "[1, 2, 1]")]
    [InlineData("""[{}, {"a": 1}]""", """[{"a": 1}, {"b": 1}]""")] // the first has to leave its own to the second
    [InlineData("""[{"a": 1}, {"b": 1}, {}]""", """[{"a": 1, "b": 1}, {"a": 1}, {"b": 1}]""")]
    public void What_has_all_that_is_expected_fits(string expected, string seen) => Assert.Null(Difference(expected, seen));

    [Theory]
    [InlineData("""{"a": 1}""", "{}", "$.a is not there")]
    [InlineData("""{"a": 1}""", """{"a": 2}""", "$.a is 2")]
    [InlineData("""{"a": 1}""", """{"a": "1"}""", "$.a is \"1\"")]
    [InlineData("""{"a": {"b": true}}""", """{"a": {"b": false}}""", "$.a.b is false")]
    [InlineData("""{"a": null}""", "{}", "$.a is not there")]
    [InlineData("\"x\"", "\"X\"", "$ is \"X\"")]
    [InlineData("{}", "[]", "$ is []")]
    [InlineData("[]", "[1]", "$ has 1 elements")]
    [InlineData("[1]", "[]", "$ has no elements for 1")]
    [InlineData("[1, 1]", "[1, 2]", "$ has no element for 1")]
    [InlineData("""{"m": [{"name": "n4"}]}""", """{"m": [{"name": "n1"}]}""", "$.m has no element for {\"name\": \"n4\"}")]
    [InlineData("""[{"a": 1}, {"a": 1}]""", """[{"a": 1}, {"b": 1}]""", "$ has no element for {\"a\": 1}")]
    public void What_lacks_something_is_told_what(string expected, string seen, string difference) =>
        Assert.Equal(difference, Difference(expected, seen));

    private static string? Difference(string expected, string seen)
    {
        using var a = JsonDocument.Parse(expected);
        using var b = JsonDocument.Parse(seen);
        return JsonSubset.Difference(a.RootElement, b.RootElement);
    }
}
