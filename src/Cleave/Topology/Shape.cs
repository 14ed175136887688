using System.Collections.Immutable;

namespace Cleave.Topology;

/// <summary>What may stand as a value of the file: for the reference page and for editors. Readers decide; a test holds both together.</summary>
internal abstract record Shape
{
    /// <summary>A whole number between two limits, both included.</summary>
    public sealed record Number(int Least, int Most) : Shape;

    /// <summary>true or false.</summary>
    public sealed record Truth : Shape;

    /// <summary>No value.</summary>
    public sealed record Nothing : Shape;

    /// <summary>Any value: a scalar, a list or a mapping.</summary>
    public sealed record Anything : Shape;

    /// <summary>A text of a kind.</summary>
    /// <param name="What">What it is: "a duration", "an IPv4 address".</param>
    /// <param name="Example">One that is valid.</param>
    /// <param name="Pattern">A regular expression (ECMA 262, as JSON Schema takes it) that all valid ones match, or null.</param>
    public sealed record Text(string What, string Example, string? Pattern = null) : Shape;

    /// <summary>One of a few words.</summary>
    public sealed record Choice(ImmutableArray<string> Words) : Shape;

    /// <summary>A list that is not empty.</summary>
    public sealed record ListOf(Shape Item) : Shape;

    /// <summary>A mapping whose keys are of the author's choice.</summary>
    /// <param name="Key">What a key is: "a node's name".</param>
    /// <param name="Value">What stands at each.</param>
    public sealed record MapOf(string Key, Shape Value) : Shape;

    /// <summary>A mapping with keys of its own; by name, since some contain themselves.</summary>
    /// <param name="Table">Where its keys are described.</param>
    public sealed record Mapping(Func<KeyTable> Table) : Shape;

    /// <summary>A step of a scenario; see <see cref="StepReader.Verbs"/>.</summary>
    public sealed record Step : Shape;

    /// <summary>A fault that can be in force for a time: a mapping with one verb of <see cref="StepVerb.IsScope"/>.</summary>
    public sealed record Fault : Shape;

    /// <summary>Any of several.</summary>
    public sealed record AnyOf(ImmutableArray<Shape> Shapes) : Shape;

    public static Shape True { get; } = new Truth();

    /// <summary>See <see cref="Duration"/>.</summary>
    public static Shape Time { get; } = new Text("a duration, 1ms to 24h", "2s", @"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$");

    public static Shape Port { get; } = new Number(1, 65535);

    /// <summary>Any scalar: a number in a place for text is text.</summary>
    public static Shape AnyText { get; } = new Text("text", "text");

    public static Shape RegularExpression { get; } = new Text("a regular expression (.NET syntax)", "^listening on");

    /// <summary>See <see cref="Reading.Command"/>.</summary>
    public static Shape Command { get; } = Any(new Text("a line for sh -c", "./server --port 80"), new ListOf(new Text("an argument", "--port")));

    /// <summary>A node, or <c>${save.NAME}</c>.</summary>
    public static Shape NodeName { get; } = new Text("a node's name or `${save.NAME}`", "n1");

    public static Shape NodeNames { get; } = Any(NodeName, new ListOf(NodeName));

    public static Shape Any(params ImmutableArray<Shape> shapes) => new AnyOf(shapes);

    public static Shape OneOf(params ImmutableArray<string> words) => new Choice(words);
}

/// <summary>One key of a mapping, described.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">What may stand at it.</param>
/// <param name="About">What it means, in a sentence or two, in Markdown; with unit, range and default where there are any.</param>
/// <param name="IsRequired">Whether the mapping is wrong without it.</param>
internal sealed record KeyDescription(string Name, Shape Value, string About, bool IsRequired);

/// <summary>The keys of one kind of mapping, described.</summary>
/// <param name="what">What the mapping is, for messages and headings: "a node".</param>
/// <param name="extensible">Keys that start with <c>x-</c> are the author's own and allowed.</param>
internal abstract class KeyTable(string what, bool extensible)
{
    private readonly List<KeyDescription> _descriptions = [];

    public string What => what;

    public bool IsExtensible => extensible;

    /// <summary>In the order of the table.</summary>
    public IReadOnlyList<KeyDescription> Descriptions => _descriptions;

    protected void Describe(KeyDescription description) => _descriptions.Add(description);
}
