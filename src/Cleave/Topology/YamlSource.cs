using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Cleave.Topology;

/// <summary>Text to values: the YAML parser's events, with limits, anchors, merges and duplicate keys looked after here.</summary>
/// <remarks>
/// YamlDotNet's own node graph overflows the stack on deep nesting, hangs on cyclic merges and stops at the first duplicate key.
/// </remarks>
internal sealed class YamlSource
{
    /// <summary>The deepest nesting of lists and mappings.</summary>
    public const int DepthLimit = 64;

    /// <summary>The most values of a file with its anchors written out.</summary>
    public const int SizeLimit = 200_000;

    private readonly SourceText _source;
    private readonly Mistakes _mistakes;
    private readonly Stack<Frame> _open = [];
    private readonly Dictionary<string, YamlNode?> _anchors = []; // null: still being read
    private YamlNode? _root;
    private long _size;

    private YamlSource(SourceText source, Mistakes mistakes) => (_source, _mistakes) = (source, mistakes);

    /// <summary>The file's one document; null if nothing can be made of it, which is then among the mistakes.</summary>
    public static YamlNode? Read(SourceText source, Mistakes mistakes) => new YamlSource(source, mistakes).Read();

    private YamlNode? Read()
    {
        var last = new Location(1, 1);
        try
        {
            var parser = new Parser(new StringReader(_source.Text));
            var documents = 0;
            while (parser.MoveNext())
            {
                var seen = parser.Current!;
                last = Place(seen.Start);
                if (seen is DocumentStart && ++documents > 1)
                {
                    _mistakes.Add(last, "a second document begins here: expected one lab in one file");
                    break;
                }

                if (!Take(seen, last))
                    return null;
            }
        }
        catch (YamlException e)
        {
            YamlTrouble.Report(_source, e.Start.Line < 1 ? last : Place(e.Start), last, e.Message, InnermostBracket(), _mistakes);
            return null;
        }
        catch (Exception e) when (
            e is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // Malformed input that YamlDotNet itself stumbles over.
            YamlTrouble.Report(_source, last, last, e.Message, InnermostBracket(), _mistakes);
            return null;
        }

        if (_root is null or TextNode { IsEmpty: true })
        {
            _mistakes.Add(new(1, 1), "the file is empty: expected 'cleave: 1' and 'nodes:'");
            return null;
        }

        return _root;
    }

    /// <summary>False: it makes no sense to go on.</summary>
    private bool Take(ParsingEvent seen, Location at)
    {
        switch (seen)
        {
            case MappingStart or SequenceStart:
                if (_open.Count == DepthLimit)
                {
                    _mistakes.Add(at, $"nested more than {DepthLimit} levels deep: expected a lab file");
                    return false;
                }

                var start = (NodeEvent)seen;
                _open.Push(new(at, start is MappingStart, IsFlow(seen), Anchor(start)));
                if (!start.Anchor.IsEmpty)
                    _anchors[start.Anchor.Value] = null;
                RefuseTag(start, at);
                break;
            case MappingEnd or SequenceEnd:
                var frame = _open.Pop();
                var made = frame.Close(_mistakes);
                if (frame.Anchor is not null)
                    _anchors[frame.Anchor] = made;
                Attach(made);
                return true;
            case Scalar scalar:
                var isText = scalar.Tag.IsEmpty || scalar.Tag.Value == "tag:yaml.org,2002:str";
                if (!isText)
                    RefuseTag(scalar, at);
                var text = new TextNode(at, scalar.Value, scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty);
                if (!scalar.Anchor.IsEmpty)
                    _anchors[scalar.Anchor.Value] = text;
                Attach(text);
                break;
            case AnchorAlias alias:
                var target = Follow(alias.Value.Value, at);
                _size += target.Size - 1;
                Attach(target);
                break;
            default:
                return true;
        }

        if (++_size > SizeLimit)
        {
            _mistakes.Add(at, $"more than {SizeLimit} values once anchors are written out: expected a lab file");
            return false;
        }

        return true;
    }

    private YamlNode Follow(string name, Location at)
    {
        if (!_anchors.TryGetValue(name, out var target))
        {
            _mistakes.AddUnknown(at, $"{Quote.Text("*" + name)} names no anchor above: expected one set with {Quote.Text("&" + name)}",
                name, _anchors.Keys, "*{0}");
            return new BrokenNode(at);
        }

        if (target is null)
        {
            _mistakes.Add(at, $"{Quote.Text("*" + name)} stands inside its own anchor: expected an anchor that ends above");
            return new BrokenNode(at);
        }

        if (_open.Count + target.Depth > DepthLimit)
        {
            _mistakes.Add(at, $"nested more than {DepthLimit} levels deep once anchors are written out: expected a lab file");
            return new BrokenNode(at);
        }

        return target;
    }

    private void Attach(YamlNode node)
    {
        if (_open.TryPeek(out var parent))
            parent.Add(node, _mistakes);
        else
            _root = node;
    }

    private void RefuseTag(NodeEvent node, Location at)
    {
        if (!node.Tag.IsEmpty)
            _mistakes.Add(at, $"tag {Quote.Text(node.Tag.IsNonSpecific ? "!" : node.Tag.Value)} is not known: "
                + "expected a value without a tag");
    }

    private static string? Anchor(NodeEvent node) => node.Anchor.IsEmpty ? null : node.Anchor.Value;

    private static bool IsFlow(ParsingEvent seen) =>
        seen is MappingStart { Style: MappingStyle.Flow } or SequenceStart { Style: SequenceStyle.Flow };

    private (char Bracket, Location At)? InnermostBracket() =>
        _open.FirstOrDefault(f => f.IsFlow) is { } open ? (open.IsMapping ? '{' : '[', open.At) : null;

    private static Location Place(Mark mark) => new((int)mark.Line, (int)mark.Column);

    /// <summary>A list or mapping whose end has not been reached.</summary>
    private sealed class Frame(Location at, bool isMapping, bool isFlow, string? anchor)
    {
        private readonly List<YamlNode> _items = [];
        private readonly List<MapEntry> _entries = [];
        private readonly Dictionary<string, Location> _keys = [];
        private YamlNode? _key;
        private long _size = 1;
        private int _depth;

        public Location At => at;

        public bool IsMapping => isMapping;

        public bool IsFlow => isFlow;

        public string? Anchor => anchor;

        public void Add(YamlNode node, Mistakes mistakes)
        {
            _size += node.Size;
            _depth = Math.Max(_depth, node.Depth);
            if (!isMapping)
                _items.Add(node);
            else if (_key is null)
                _key = node;
            else
            {
                AddEntry(_key, node, mistakes);
                _key = null;
            }
        }

        public YamlNode Close(Mistakes mistakes)
        {
            var size = (int)Math.Min(_size, int.MaxValue / 2);
            return isMapping
                ? new MapNode(at, YamlMerge.Resolve(_entries, mistakes)) { Size = size, Depth = _depth + 1 }
                : new ListNode(at, _items) { Size = size, Depth = _depth + 1 };
        }

        private void AddEntry(YamlNode key, YamlNode value, Mistakes mistakes)
        {
            if (key is not TextNode text)
            {
                if (key is not BrokenNode)
                    mistakes.Add(key.At, $"{Quote.Node(key)} stands as a key: expected text");
                return;
            }

            if (!_keys.TryAdd(text.Value, text.At))
            {
                mistakes.Add(text.At, $"{Quote.Text(text.Value)} stands twice in this mapping: "
                    + $"expected it once; the first is at {_keys[text.Value]}");
                return;
            }

            // Nothing stands nowhere: its key is what can be shown.
            _entries.Add(new(text, value is TextNode { IsPlain: true, Value: "" } nothing ? nothing with { At = text.At } : value));
        }
    }
}
