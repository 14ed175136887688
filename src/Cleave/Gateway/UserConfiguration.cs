using System.Text;
using Cleave.Topology;

namespace Cleave.Gateway;

/// <summary>What a user wants on this machine, whatever the project: <c>$XDG_CONFIG_HOME/cleave/config.yaml</c>.</summary>
public static class UserConfiguration
{
    private const string Expected = "'gateway: {network: 10.99.0.0/16}'";

    /// <summary>The gateway's addresses; null where nothing is said about them.</summary>
    /// <exception cref="InputException">The file has mistakes.</exception>
    public static GatewayNetwork? Network()
    {
        string file = PathOf();
        string text;
        try
        {
            text = File.ReadAllText(file, Encoding.UTF8);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file} cannot be read: {e.Message}");
        }

        return Read(file, text);
    }

    /// <summary>Reads the text of such a file.</summary>
    /// <exception cref="InputException">It has mistakes: each with its place.</exception>
    internal static GatewayNetwork? Read(string file, string text)
    {
        var mistakes = new Mistakes(file);
        GatewayNetwork? network = null;
        SourceText? source = text.Trim().Length == 0 ? null : SourceText.Decode(Encoding.UTF8.GetBytes(text), mistakes);
        if (source is not null && YamlSource.Read(source, mistakes) is { } root)
        {
            foreach (MapEntry entry in Map(root, mistakes, "gateway"))
            {
                foreach (MapEntry inner in Map(entry.Value, mistakes, "network"))
                {
                    try
                    {
                        network = GatewayNetwork.Parse(inner.Value is TextNode { IsEmpty: false } given ? given.Value : "");
                    }
                    catch (InputException e)
                    {
                        mistakes.Add(inner.Value.At, e.Message);
                    }
                }
            }
        }

        return mistakes.Count == 0 ? network : throw new InputException(string.Join('\n', mistakes.Sorted(source)));
    }

    private static string PathOf() => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"),
        "cleave",
        "config.yaml");

    /// <summary>The entries of a mapping that knows one key.</summary>
    private static IEnumerable<MapEntry> Map(YamlNode node, Mistakes mistakes, string key)
    {
        if (node is not MapNode map)
        {
            mistakes.Add(node.At, $"{Quote.Node(node)} stands here: expected {Expected}");
            return [];
        }

        foreach (MapEntry entry in map.Entries.Where(e => e.Key.Value != key))
        {
            mistakes.AddUnknown(entry.Key.At, $"unknown key {Quote.Text(entry.Key.Value)}: expected '{key}'", entry.Key.Value, [key]);
        }

        return map.Entries.Where(e => e.Key.Value == key);
    }
}
