using System.Text.Json;
using System.Text.Json.Nodes;
using Cleave.Control;
using FsCheck;
using FsCheck.Fluent;

namespace Cleave.Tests.Control;

/// <summary>Held against System.Text.Json, which reads the same.</summary>
public class PlainJsonTests
{
    [Theory]
    [InlineData("null")]
    [InlineData(" true ")]
    [InlineData("false")]
    [InlineData("0")]
    [InlineData("-12")]
    [InlineData("9223372036854775807")]
    [InlineData("18446744073709551615")]
    [InlineData("1.5e-3")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[ 1 , [ ] , { } , \"x\" ]")]
    [InlineData("\t{\"a\" : {\"b\":[null,true]},\n\"\":\"\"}\r\n")]
    [InlineData("\"\\u00fc \\ud83d\\ude00 \\\" \\\\ \\/ \\b\\f\\n\\r\\t ü 😀\"")]
    public void What_is_JSON_is_read_as_it_is(string text) => Assert.Equal(Canonical(JsonNode.Parse(text)), Canonical(PlainJson.Parse(text)));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("nul")]
    [InlineData("truth")]
    [InlineData("01")]
    [InlineData("-")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("1e")]
    [InlineData("+1")]
    [InlineData("[1,]")]
    [InlineData("[1 2]")]
    [InlineData("[1")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\" 1}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\":1")]
    [InlineData("\"open")]
    [InlineData("\"\\x\"")]
    [InlineData("\"\\u12\"")]
    [InlineData("\"a\nb\"")]
    [InlineData("1 2")]
    [InlineData("[1]]")]
    public void What_is_not_is_refused(string text)
    {
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(text));
        Assert.Throws<FormatException>(() => PlainJson.Parse(text));
    }

    [Fact]
    public void Nesting_without_end_is_refused() => Assert.Throws<FormatException>(() => PlainJson.Parse(new string('[', 100_000)));

    [Fact]
    public void Any_text_comes_through_quoted() => Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(s => s is not null), text =>
    {
        Assert.Equal(text, PlainJson.Parse(PlainJson.Quote(text)));
        if (!text.Any(char.IsSurrogate))
        {
            Assert.Equal(text, JsonSerializer.Deserialize<string>(PlainJson.Quote(text)));
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_System_Text_Json_writes_is_read_and_what_is_cut_off_is_refused() => Prop.ForAll(
        ArbMap.Default.ArbFor<Dictionary<int, List<string>>>(),
        data =>
        {
            string text = JsonSerializer.Serialize(data);
            Assert.Equal(Canonical(JsonNode.Parse(text)), Canonical(PlainJson.Parse(text)));
            Assert.Throws<FormatException>(() => PlainJson.Parse(text[..(text.Length / 2)]));
        }).QuickCheckThrowOnFailure();

    private static string Canonical(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject o => $"{{{string.Join(',', o.Select(m => $"{m.Key}={Canonical(m.Value)}"))}}}",
        JsonArray a => $"[{string.Join(',', a.Select(Canonical))}]",
        JsonValue v => v.GetValueKind() switch
        {
            JsonValueKind.String => $"'{v.GetValue<string>()}'",
            JsonValueKind.Number => v.TryGetValue(out long whole) ? $"{whole}" : $"{v.GetValue<double>():R}",
            _ => v.ToJsonString(),
        },
        _ => throw new InvalidOperationException(),
    };

    private static string Canonical(object? value) => value switch
    {
        null => "null",
        Dictionary<string, object?> o => $"{{{string.Join(',', o.Select(m => $"{m.Key}={Canonical(m.Value)}"))}}}",
        List<object?> a => $"[{string.Join(',', a.Select(Canonical))}]",
        string s => $"'{s}'",
        bool b => b ? "true" : "false",
        long whole => $"{whole}",
        double d => $"{d:R}",
        _ => throw new InvalidOperationException($"{value.GetType()}"),
    };
}
