using System.Globalization;
using System.Text;
using System.Xml;
using Cleave.Control;

namespace Cleave.Runs;

/// <summary>One result for <see cref="JunitXml"/>.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Started">When it began.</param>
/// <param name="Repetition">Which repetition it was, from 1; null: there was one.</param>
public sealed record JunitCase(ScenarioResult Result, DateTimeOffset Started, int? Repetition = null);

/// <summary>
/// Results as JUnit XML, in the part that all dialects share: that of Ant's schema, which wants every attribute, with nothing that Jenkins' does not know.
/// GitHub's actions, GitLab and Azure read both.
/// </summary>
public static class JunitXml
{
    /// <summary>One suite, whose name is the lab file's.</summary>
    /// <param name="file">The lab file.</param>
    /// <param name="cases">In order; not empty.</param>
    public static string Of(string file, IReadOnlyList<JunitCase> cases)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(cases);
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n", CheckCharacters = false }))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteStartElement("testsuite");
            string suite = Path.GetFileName(Path.GetDirectoryName(file)) is { Length: > 0 } folder ? folder : "cleave";
            Attribute(xml, "id", "0");
            Attribute(xml, "name", suite);
            Attribute(xml, "package", "cleave");
            Attribute(xml, "timestamp", cases.Min(c => c.Started).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
            Attribute(xml, "hostname", "localhost");
            Attribute(xml, "tests", Number(cases.Count));
            Attribute(xml, "failures", Number(cases.Count(c => IsFailure(c.Result.Verdict))));
            Attribute(xml, "errors", Number(cases.Count(c => c.Result.Verdict == Verdict.Error)));
            Attribute(xml, "time", Seconds(cases.Sum(c => c.Result.Seconds)));
            xml.WriteStartElement("properties");
            Property(xml, "file", file);
            foreach (JunitCase one in cases.Where(c => c.Result.Seed is not null))
            {
                Property(xml, $"seed of {Name(one)}", Number(one.Result.Seed!.Value));
            }

            xml.WriteEndElement();
            foreach (JunitCase one in cases)
            {
                Write(xml, suite, one);
            }

            xml.WriteElementString("system-out", string.Concat(cases.Select(Said)));
            xml.WriteElementString("system-err", "");
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n";
    }

    private static void Write(XmlWriter xml, string suite, JunitCase one)
    {
        xml.WriteStartElement("testcase");
        Attribute(xml, "name", Name(one));
        Attribute(xml, "classname", suite);
        Attribute(xml, "time", Seconds(one.Result.Seconds));
        if (one.Result.Verdict != Verdict.Passed)
        {
            string failure = Clean(one.Result.Failure ?? one.Result.Verdict.ToString());
            xml.WriteStartElement(IsFailure(one.Result.Verdict) ? "failure" : "error");
            Attribute(xml, "message", failure.Split('\n')[0]);
            Attribute(xml, "type", one.Result.Verdict.ToString().ToLowerInvariant());
            xml.WriteString(failure);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static bool IsFailure(Verdict verdict) => verdict is not (Verdict.Passed or Verdict.Error);

    private static string Name(JunitCase one) => one.Repetition is { } repetition ? $"{one.Result.Scenario} (run {repetition})" : one.Result.Scenario;

    private static string Said(JunitCase one) => Clean(
        (one.Result.Run is { } run ? $"{Name(one)}: {run}\n" : "") + string.Concat(one.Result.Saved.Select(s => $"{Name(one)}: {s.Key} = {s.Value}\n")));

    private static void Property(XmlWriter xml, string name, string value)
    {
        xml.WriteStartElement("property");
        Attribute(xml, "name", name);
        Attribute(xml, "value", value);
        xml.WriteEndElement();
    }

    private static void Attribute(XmlWriter xml, string name, string value) => xml.WriteAttributeString(name, Clean(value));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(double seconds) => seconds.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>Programs print what XML 1.0 has no way to write.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                clean.Append(text, i++, 2);
            }
            else
            {
                clean.Append(XmlConvert.IsXmlChar(text[i]) && text[i] is not ('\uFFFE' or '\uFFFF') ? text[i] : '\uFFFD');
            }
        }

        return clean.ToString();
    }
}
