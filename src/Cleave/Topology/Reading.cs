using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Cleave.Topology;

/// <summary>A path of the host's in the file.</summary>
/// <param name="Given">As it stands there.</param>
/// <param name="Absolute">From the root, without dots.</param>
/// <param name="Shown">For messages: relative to where the lab file's own path is.</param>
internal readonly record struct HostPath(string Given, string Absolute, string Shown)
{
    public static HostPath Of(string given, Reading reading) => new(
        given, Path.TrimEndingDirectorySeparator(Path.GetFullPath(given, reading.Directory)), Path.Combine(Path.GetDirectoryName(reading.Mistakes.File) ?? "", given));
}

/// <summary>One file being read: where its mistakes go, and how single values are read. Null stands for a value whose mistake is
/// reported.</summary>
/// <param name="directory">The absolute path of the folder the file lies in.</param>
/// <param name="mistakes">Where its mistakes go.</param>
/// <param name="environment">The variables that <c>${env.NAME}</c> refers to.</param>
/// <param name="around">What the file refers to on the machine.</param>
internal sealed class Reading(string directory, Mistakes mistakes, IReadOnlyDictionary<string, string> environment, Surroundings around)
{
    public string Directory => directory;

    public Mistakes Mistakes => mistakes;

    public IReadOnlyDictionary<string, string> Environment => environment;

    public Surroundings Around => around;

    /// <summary>Reports that something else was expected, once for each broken value.</summary>
    public void Wrong(YamlNode node, string expected, string? suggestion = null)
    {
        if (node is not BrokenNode)
            mistakes.Add(node.At, $"{Quote.Node(node)}{Meaning(node)} stands here: expected {expected}", suggestion);
    }

    /// <summary>Text that can be handed to programs: not empty, without NUL.</summary>
    public string? Text(YamlNode node, string expected)
    {
        if (node is TextNode { IsEmpty: false } text && !string.IsNullOrWhiteSpace(text.Value))
            return Plain(text, shell: false);
        Wrong(node, expected);
        return null;
    }

    /// <summary>Any scalar as it is written, nothing included.</summary>
    public string? AnyText(YamlNode node, string expected)
    {
        if (node is TextNode text)
            return Plain(text, shell: false);
        Wrong(node, expected);
        return null;
    }

    /// <summary>A path of the host's, relative to the lab file's folder or absolute.</summary>
    public HostPath? RelativePath(YamlNode node, string expected)
    {
        if (Text(node, expected) is not { } path)
            return null;
        if (path is not ("~" or ['~', '/', ..]))
            return HostPath.Of(path, this);
        mistakes.Add(node.At, $"{Quote.Text(path)} is not expanded here: expected a path relative to the lab file's folder, or from /");
        return null;
    }

    /// <summary>A path whose last part is near to this one's, and which is there.</summary>
    public string? NearestPath(HostPath path)
    {
        var name = Path.GetFileName(path.Absolute);
        var given = Path.TrimEndingDirectorySeparator(path.Given);
        return given.EndsWith(name, StringComparison.Ordinal) && Nearest.Of(name, around.List(Path.GetDirectoryName(path.Absolute) ?? "/")) is { } near && near != name
            ? given[..^name.Length] + near
            : null;
    }

    /// <summary>A list of texts that is not empty.</summary>
    public ImmutableArray<string>? Texts(ListNode list, string expected)
    {
        if (list.Items.Count == 0)
        {
            mistakes.Add(list.At, $"an empty list stands here: expected {expected}");
            return null;
        }

        var texts = list.Items.Select(i => AnyText(i, "text")).ToList();
        return texts.Contains(null) ? null : [.. texts.OfType<string>()];
    }

    /// <summary>The items of a list that is not empty; none if it is no such list, which is reported.</summary>
    public IReadOnlyList<YamlNode> Items(YamlNode node, string expected)
    {
        if (node is ListNode { Items.Count: > 0 } list)
            return list.Items;
        if (node is ListNode)
            mistakes.Add(node.At, $"an empty list stands here: expected {expected}");
        else
            Wrong(node, expected);
        return [];
    }

    /// <summary>A shell line or an argument list.</summary>
    public Command? Command(YamlNode node)
    {
        const string Expected = "a line for the shell, or a list: a program and its arguments";
        if (node is not ListNode list)
            return ShellLine(node, Expected) is { } line ? new Command.Shell(line) : null;
        if (Texts(list, Expected) is not { } arguments)
            return null;
        if (arguments[0].Length > 0)
            return new Command.Argv(arguments);
        mistakes.Add(list.Items[0].At, "an empty text stands here: expected a program");
        return null;
    }

    public int? Number(YamlNode node, int least, int most, string expected)
    {
        node = Filled(node);
        if (node is TextNode text && int.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most)
            return value;
        Wrong(node, expected);
        return null;
    }

    public int? Port(YamlNode node) => Number(node, 1, 65535, "a port, 1 to 65535");

    public bool? Truth(YamlNode node)
    {
        const string Expected = "true or false";
        node = Filled(node);
        switch (node)
        {
            case TextNode { Value: "true" or "True" or "TRUE" }:
                return true;
            case TextNode { Value: "false" or "False" or "FALSE" }:
                return false;
            case TextNode text:
                Wrong(node, Expected, text.Value.ToLowerInvariant() switch
                {
                    "yes" or "on" or "y" or "1" => "true",
                    "no" or "off" or "n" or "0" => "false",
                    var other => Nearest.Of(other, ["true", "false"]),
                });
                return null;
            default:
                Wrong(node, Expected);
                return null;
        }
    }

    public TimeSpan? Time(YamlNode node)
    {
        node = Filled(node);
        if (node is not TextNode { IsEmpty: false } text)
            Wrong(node, Duration.Expected);
        else if (Duration.TryParse(text.Value, out var value, out var error, out var suggestion))
            return value;
        else
            mistakes.Add(node.At, error, suggestion);
        return null;
    }

    /// <summary>A regular expression that can be compiled.</summary>
    public string? Pattern(YamlNode node)
    {
        if (Text(node, "a regular expression") is not { } pattern)
            return null;
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            return pattern;
        }
        catch (RegexParseException e)
        {
            // The message begins with "Invalid pattern … at offset 3.", said better below.
            var offset = e.Message.LastIndexOf($"at offset {e.Offset}.", StringComparison.Ordinal);
            var words = offset < 0 ? e.Message : e.Message[(e.Message.IndexOf('.', offset) + 1)..];
            mistakes.Add(node.At,
                $"{Quote.Text(pattern)} is broken at its character {e.Offset}: "
                + $"expected a regular expression (.NET syntax); {words.Trim().TrimEnd('.')}");
            return null;
        }
    }

    /// <summary>One of a few words.</summary>
    public string? Choice(YamlNode node, IReadOnlyList<string> words)
    {
        node = Filled(node);
        if (node is TextNode { IsEmpty: false } text)
        {
            if (words.Contains(text.Value))
                return text.Value;
            mistakes.AddUnknown(node.At, $"{Quote.Text(text.Value)} stands here: expected {Quote.Choices(words)}", text.Value, words);
        }
        else
        {
            Wrong(node, Quote.Choices(words));
        }

        return null;
    }

    /// <summary>The entries of a mapping whose keys are names of the author's choice.</summary>
    public IReadOnlyList<MapEntry> Named(YamlNode node, string expected)
    {
        if (node is MapNode map)
            return map.Entries;
        Wrong(node, expected);
        return [];
    }

    /// <summary>What a text with references to variables is, for messages.</summary>
    private string Meaning(YamlNode node) =>
        node is TextNode text && EnvText.Refers(text.Value)
            ? $", which is {Quote.Text(EnvText.Fill(text.Value, environment, shell: false, (_, _) => { }))},"
            : "";

    /// <summary>A line for the shell: what it refers to becomes the shell's own reference.</summary>
    private string? ShellLine(YamlNode node, string expected)
    {
        if (node is TextNode { IsEmpty: false } text && !string.IsNullOrWhiteSpace(text.Value))
            return Plain(text, shell: true);
        Wrong(node, expected);
        return null;
    }

    private string? Plain(TextNode text, bool shell)
    {
        if (text.Value.Contains('\0', StringComparison.Ordinal))
        {
            mistakes.Add(text.At, $"{Quote.Text(text.Value)} has a NUL character in it: expected text that programs can be given");
            return null;
        }

        return Fill(text, shell);
    }

    /// <summary>A scalar with the variables that it refers to in place.</summary>
    private YamlNode Filled(YamlNode node) =>
        node is TextNode text && EnvText.Refers(text.Value)
            ? Fill(text, shell: false) is { } filled ? text with { Value = filled } : new BrokenNode(text.At)
            : node;

    private string? Fill(TextNode text, bool shell)
    {
        if (!EnvText.Refers(text.Value))
            return text.Value;
        var whole = true;
        var filled = EnvText.Fill(text.Value, environment, shell, (reference, name) =>
        {
            whole = false;
            if (name is null)
                mistakes.Add(text.At, $"{Quote.Text(reference)} stands here: expected {EnvText.Expected}");
            else
                mistakes.Add(text.At, $"{Quote.Text(reference)} stands here, and the variable is not set: "
                    + $"expected it in the environment, or a default: ${{env.{name}:-…}}");
        });
        return whole ? filled : null;
    }
}
