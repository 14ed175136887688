using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cleave.Topology;

/// <summary>
/// The lab file's language as a JSON Schema (draft 7, which editors' YAML support takes), made of the tables that the reader has. What only a whole
/// file can show (names that exist, addresses in their subnets) is left to <see cref="TopologyReader"/>.
/// </summary>
public static class LabFileSchema
{
    private const string Reference = @"\$\{(env|save)\.";

    /// <summary>The schema, indented. The same text every time.</summary>
    public static string Write()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            new Writer(json).Write();
        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }

    private sealed class Writer(Utf8JsonWriter json)
    {
        public void Write()
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://json-schema.org/draft-07/schema#");
            json.WriteString("title", "Cleave lab file");
            WriteTable(TopologyReader.Table);
            json.WriteStartObject("definitions");
            foreach (var table in LanguageTables.All.Where(t => t != TopologyReader.Table))
            {
                json.WriteStartObject(LanguageTables.Name(table));
                WriteTable(table);
                json.WriteEndObject();
            }

            json.WriteStartObject("step");
            WriteStep();
            json.WriteEndObject();
            json.WriteStartObject("fault");
            WriteFault();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        private void WriteTable(KeyTable table)
        {
            json.WriteString("type", "object");
            json.WriteStartObject("properties");
            foreach (var key in table.Descriptions)
                WriteProperty(key.Name, key.Value, key.About);
            json.WriteEndObject();
            if (table.Descriptions.Where(k => k.IsRequired).Select(k => k.Name).ToList() is { Count: > 0 } required)
                WriteNames("required", required);
            if (table.IsExtensible)
            {
                json.WriteStartObject("patternProperties");
                json.WriteStartObject("^x-");
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteBoolean("additionalProperties", false);
        }

        private void WriteStep()
        {
            json.WriteStartArray("anyOf");
            json.WriteStartObject();
            WriteNames("enum", StepReader.Verbs.Where(v => v.MayStandAlone).Select(v => v.Name));
            json.WriteEndObject();
            json.WriteStartObject();
            json.WriteString("type", "object");
            json.WriteStartObject("properties");
            foreach (var verb in StepReader.Verbs)
                WriteProperty(verb.Name, verb.Value, verb.About);
            foreach (var sibling in StepReader.AllSiblings)
                WriteProperty(sibling.Name, sibling.Value, sibling.About);
            json.WriteEndObject();
            json.WriteBoolean("additionalProperties", false);
            json.WriteStartArray("oneOf");
            foreach (var verb in StepReader.Verbs)
            {
                json.WriteStartObject();
                WriteNames("required", [verb.Name]);
                json.WriteStartObject("propertyNames");
                WriteNames("enum", [verb.Name, "name", .. verb.Siblings]);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
        }

        private void WriteFault()
        {
            json.WriteString("type", "object");
            json.WriteStartObject("properties");
            foreach (var verb in StepReader.Verbs.Where(v => v.IsScope))
                WriteProperty(verb.Name, verb.Value, verb.About);
            json.WriteEndObject();
            json.WriteBoolean("additionalProperties", false);
            json.WriteNumber("minProperties", 1);
            json.WriteNumber("maxProperties", 1);
        }

        private void WriteProperty(string name, Shape shape, string about)
        {
            json.WriteStartObject(name);
            json.WriteString("description", about.Replace("`", "", StringComparison.Ordinal));
            json.WriteString("markdownDescription", about);
            WriteShape(shape);
            json.WriteEndObject();
        }

        private void WriteShape(Shape shape)
        {
            switch (shape)
            {
                case Shape.Number number:
                    // Quotes make no difference to Cleave.
                    WriteNames("type", ["integer", "string"]);
                    json.WriteNumber("minimum", number.Least);
                    json.WriteNumber("maximum", number.Most);
                    json.WriteString("pattern", $"^[0-9]+$|{Reference}");
                    break;
                case Shape.Truth:
                    json.WriteString("type", "boolean");
                    break;
                case Shape.Nothing:
                    json.WriteStartArray("enum");
                    json.WriteNullValue();
                    json.WriteBooleanValue(true);
                    json.WriteEndArray();
                    break;
                case Shape.Anything:
                    break;
                case Shape.Text { Pattern: { } pattern }:
                    json.WriteString("type", "string");
                    json.WriteString("pattern", $"{pattern}|{Reference}");
                    break;
                case Shape.Text:
                    WriteNames("type", ["string", "number", "boolean"]);
                    break;
                case Shape.Choice choice:
                    WriteNames("enum", choice.Words);
                    break;
                case Shape.ListOf list:
                    json.WriteString("type", "array");
                    json.WriteNumber("minItems", 1);
                    json.WriteStartObject("items");
                    WriteShape(list.Item);
                    json.WriteEndObject();
                    break;
                case Shape.MapOf map:
                    json.WriteString("type", "object");
                    json.WriteStartObject("additionalProperties");
                    WriteShape(map.Value);
                    json.WriteEndObject();
                    break;
                case Shape.Mapping mapping:
                    WriteReference(LanguageTables.Name(mapping.Table()));
                    break;
                case Shape.Step:
                    WriteReference("step");
                    break;
                case Shape.Fault:
                    WriteReference("fault");
                    break;
                case Shape.AnyOf any:
                    json.WriteStartArray("anyOf");
                    foreach (var one in any.Shapes)
                    {
                        json.WriteStartObject();
                        WriteShape(one);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                    break;
                default:
                    throw new InvalidOperationException($"nobody describes {shape.GetType().Name}");
            }
        }

        /// <summary>Beside other keywords a reference would hide them in draft 7, so it stands alone in a list.</summary>
        private void WriteReference(string name)
        {
            json.WriteStartArray("allOf");
            json.WriteStartObject();
            json.WriteString("$ref", $"#/definitions/{name}");
            json.WriteEndObject();
            json.WriteEndArray();
        }

        private void WriteNames(string keyword, IEnumerable<string> names)
        {
            json.WriteStartArray(keyword);
            foreach (var name in names)
                json.WriteStringValue(name);
            json.WriteEndArray();
        }
    }
}
