using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cleave.Topology;

/// <summary>Reads JSON that is written as YAML: the types of plain scalars are those of YAML 1.2's core schema, what stands in quotes is text.</summary>
internal static partial class JsonReader
{
    /// <summary>As JSON text; null if a part of it is broken, which is reported.</summary>
    public static string? Read(ScenarioReading scenario, YamlNode node)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            if (!Write(scenario, node, json))
                return null;
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static bool Write(ScenarioReading scenario, YamlNode node, Utf8JsonWriter json)
    {
        var well = true;
        switch (node)
        {
            case MapNode map:
                json.WriteStartObject();
                foreach (var (key, value) in map.Entries)
                {
                    json.WritePropertyName(key.Value);
                    well &= Write(scenario, value, json);
                }

                json.WriteEndObject();
                return well;
            case ListNode list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                    well &= Write(scenario, item, json);
                json.WriteEndArray();
                return well;
            case TextNode text:
                WriteScalar(text, json);
                SavedValues.Check(scenario.File, text, scenario.Saved);
                return true;
            default:
                json.WriteNullValue(); // broken, and reported
                return false;
        }
    }

    private static void WriteScalar(TextNode text, Utf8JsonWriter json)
    {
        if (text.IsEmpty)
            json.WriteNullValue();
        else if (text.IsPlain && text.Value is "true" or "True" or "TRUE" or "false" or "False" or "FALSE")
            json.WriteBooleanValue(text.Value[0] is 't' or 'T');
        else if (text.IsPlain && Number().IsMatch(text.Value))
            json.WriteRawValue(text.Value);
        else
            json.WriteStringValue(text.Value);
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Number();
}
