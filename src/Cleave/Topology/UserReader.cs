using System.Text;

namespace Cleave.Topology;

/// <summary>Reads <c>user:</c>.</summary>
internal static class UserReader
{
    public static Shape Shape { get; } = new Shape.Text("a user's name or id, and behind a colon a group's", "www-data");

    public static NodeUser? Read(Reading reading, YamlNode value)
    {
        if (reading.Text(value, "a user's name or id, such as www-data or 1000:1000") is not { } text)
            return null;
        var user = NodeUser.Find(text, Content(reading, NodeUser.PasswdFile), Content(reading, NodeUser.GroupFile), out var error);
        if (user is null)
            reading.Mistakes.Add(value.At, error.Message, error.Suggestion);
        return user;
    }

    /// <summary>Without the file nobody has a name.</summary>
    private static string Content(Reading reading, string file) => reading.Around.Read(file).Bytes is { } bytes ? Encoding.UTF8.GetString(bytes) : "";
}
