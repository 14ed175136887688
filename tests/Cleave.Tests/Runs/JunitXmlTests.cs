using System.Collections.Immutable;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Cleave.Control;
using Cleave.Runs;

namespace Cleave.Tests.Runs;

/// <summary>What is common to the schemas of Ant and Jenkins, which consumers of JUnit XML go by.</summary>
public class JunitXmlTests
{
    // Elements, their order and their required attributes as in Ant's JUnit.xsd; nothing here that jenkins-junit.xsd does not allow.
    private const string Schema =
        """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
          <xs:simpleType name="seconds"><xs:restriction base="xs:decimal"><xs:minInclusive value="0"/></xs:restriction></xs:simpleType>
          <xs:simpleType name="when"><xs:restriction base="xs:dateTime"><xs:pattern value="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"/></xs:restriction></xs:simpleType>
          <xs:complexType name="trouble"><xs:simpleContent><xs:extension base="xs:string">
            <xs:attribute name="message" type="xs:string"/><xs:attribute name="type" type="xs:string" use="required"/>
          </xs:extension></xs:simpleContent></xs:complexType>
          <xs:element name="testsuites"><xs:complexType><xs:sequence>
            <xs:element name="testsuite" maxOccurs="unbounded"><xs:complexType>
              <xs:sequence>
                <xs:element name="properties"><xs:complexType><xs:sequence>
                  <xs:element name="property" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
                    <xs:attribute name="name" type="xs:token" use="required"/><xs:attribute name="value" type="xs:string" use="required"/>
                  </xs:complexType></xs:element>
                </xs:sequence></xs:complexType></xs:element>
                <xs:element name="testcase" maxOccurs="unbounded"><xs:complexType>
                  <xs:choice minOccurs="0"><xs:element name="error" type="trouble"/><xs:element name="failure" type="trouble"/></xs:choice>
                  <xs:attribute name="name" type="xs:token" use="required"/><xs:attribute name="classname" type="xs:token" use="required"/>
                  <xs:attribute name="time" type="seconds" use="required"/>
                </xs:complexType></xs:element>
                <xs:element name="system-out" type="xs:string"/><xs:element name="system-err" type="xs:string"/>
              </xs:sequence>
              <xs:attribute name="name" type="xs:token" use="required"/><xs:attribute name="package" type="xs:token" use="required"/>
              <xs:attribute name="id" type="xs:int" use="required"/><xs:attribute name="timestamp" type="when" use="required"/>
              <xs:attribute name="hostname" type="xs:token" use="required"/><xs:attribute name="tests" type="xs:int" use="required"/>
              <xs:attribute name="failures" type="xs:int" use="required"/><xs:attribute name="errors" type="xs:int" use="required"/>
              <xs:attribute name="time" type="seconds" use="required"/>
            </xs:complexType></xs:element>
          </xs:sequence></xs:complexType></xs:element>
        </xs:schema>
        """;

    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, 500, TimeSpan.FromHours(1));

    [Fact]
    public void Every_verdict_is_valid_and_says_its_kind()
    {
        XElement suite = Valid(JunitXml.Of("/work/shop/cleave.yaml", [.. Enum.GetValues<Verdict>().Select(v => Case("s", v, "no\nmore"))]));
        Assert.Equal(("shop", "2026-01-02T11:00:00"), (suite.Attribute("name")!.Value, suite.Attribute("timestamp")!.Value));
        Assert.Equal(Enum.GetValues<Verdict>().Length, (int)suite.Attribute("tests")!);
        Assert.Equal(Enum.GetValues<Verdict>().Length - 2, (int)suite.Attribute("failures")!);
        Assert.Equal(1, (int)suite.Attribute("errors")!);
        foreach ((Verdict verdict, XElement test) in Enum.GetValues<Verdict>().Zip(suite.Elements("testcase")))
        {
            string kind = verdict == Verdict.Error ? "error" : "failure";
            Assert.Equal(verdict == Verdict.Passed ? null : (kind, verdict.ToString().ToLowerInvariant(), "no", "no\nmore"),
                test.Elements().SingleOrDefault() is { } trouble
                    ? (trouble.Name.LocalName, trouble.Attribute("type")!.Value, trouble.Attribute("message")!.Value, trouble.Value)
                    : ((string, string, string, string)?)null);
        }
    }

    [Fact]
    public void Whatever_programs_print_can_be_written()
    {
        XElement suite = Valid(JunitXml.Of("/cleave.yaml", [Case("s", Verdict.Failed, "\0\e[1m<&>\"]]>\r\n\uD800x\uFFFF\U0001F600")]));
        Assert.Equal("\uFFFD\uFFFD[1m<&>\"]]>\n\uFFFDx\uFFFD\U0001F600", suite.Descendants("failure").Single().Value.Replace("\r", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Repetitions_are_tests_of_their_own_with_their_seeds()
    {
        XElement suite = Valid(JunitXml.Of("/x/cleave.yaml", [Case("s", Verdict.Passed, null, 1), Case("s", Verdict.Passed, null, 2)]));
        Assert.Equal(["s (run 1)", "s (run 2)"], suite.Elements("testcase").Select(t => t.Attribute("name")!.Value));
        Assert.Contains(suite.Descendants("property"), p => p.Attribute("name")!.Value == "seed of s (run 2)" && p.Attribute("value")!.Value == "7");
        Assert.Contains("s (run 1): k = v", suite.Element("system-out")!.Value, StringComparison.Ordinal);
        Assert.Equal("2.500", suite.Attribute("time")!.Value);
    }

    private static JunitCase Case(string name, Verdict verdict, string? failure, int? repetition = null) => new(
        new ScenarioResult(name, verdict, failure, 1.25, ImmutableSortedDictionary<string, string>.Empty.Add("k", "v")) { Seed = 7, Run = "/r" }, Noon, repetition);

    private static XElement Valid(string xml)
    {
        var schemas = new XmlSchemaSet();
        schemas.Add(null, XmlReader.Create(new StringReader(Schema)));
        var document = XDocument.Parse(xml);
        document.Validate(schemas, (_, e) => Assert.Fail($"{e.Message}\n{xml}"));
        return document.Root!.Elements().Single();
    }
}
