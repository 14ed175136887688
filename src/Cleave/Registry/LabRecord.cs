using System.Text.Json.Serialization;

namespace Cleave.Registry;

/// <summary>
/// What is known of a lab without asking it; written before anything else is made. Commands of every version read it, to list labs and to end them:
/// members may be added, but none may be renamed or mean something else.
/// </summary>
/// <param name="Id">The folder's name and four hex digits.</param>
/// <param name="File">Absolute path of the lab file.</param>
/// <param name="Folder">Absolute path of its folder in the runtime directory.</param>
/// <param name="State">Absolute path of the lab's folder for logs and data.</param>
/// <param name="Started">When it was started.</param>
/// <param name="Version">Which Cleave started it, as in <see cref="CleaveVersion.Current"/>.</param>
public sealed record LabRecord(string Id, string File, string Folder, string State, DateTimeOffset Started, string? Version = null)
{
    /// <summary>The longest grace of its nodes' <c>stop</c>: how long its end may take by right.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>The socket the lab host listens on.</summary>
    [JsonIgnore]
    public string Socket => SocketIn(Folder);

    /// <summary>The same in another folder.</summary>
    internal static string SocketIn(string folder) => Path.Combine(folder, "control");

    /// <summary>The file whose lock says that the lab is alive.</summary>
    [JsonIgnore]
    internal string LockFile => Folder + ".lock";

    /// <summary>The log file of a node, with the newest lines.</summary>
    public static string LogFile(string state, string node) => Path.Combine(state, "logs", node + ".log");

    /// <summary>The file with the lines before those, once the node has printed half of what is kept.</summary>
    internal static string Older(string logFile) => logFile + ".1";
}

/// <summary>JSON of the registry, without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LabRecord))]
internal sealed partial class RegistryJson : JsonSerializerContext;
