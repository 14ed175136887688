using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cleave.Topology;

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

    /// <summary>Its published ports, in the file's order.</summary>
    public ImmutableArray<PortRecord> Ports { get; init; } = [];

    /// <summary>The socket by which the lab host is handed the sockets of published ports.</summary>
    [JsonIgnore]
    internal string PortsSocket => Path.Combine(Folder, "ports");

    /// <summary>The socket the lab host listens on.</summary>
    [JsonIgnore]
    public string Socket => SocketIn(Folder);

    /// <summary>The same in another folder.</summary>
    internal static string SocketIn(string folder) => Path.Combine(folder, "control");

    /// <summary>The file whose lock says that the lab is alive.</summary>
    [JsonIgnore]
    internal string LockFile => Folder + ".lock";

    /// <summary>The folder that is a node's own in this lab, <c>$CLEAVE_DATA</c>.</summary>
    internal string DataOf(string node) => Path.Combine(State, "data", node);

    /// <summary>The log file of a node, with the newest lines.</summary>
    public static string LogFile(string state, string node) => Path.Combine(state, "logs", node + ".log");

    /// <summary>The file with the lines before those, once the node has printed half of what is kept.</summary>
    internal static string Older(string logFile) => logFile + ".1";
}

/// <summary>A port of a node that is reached from the host.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Protocol">tcp or udp.</param>
/// <param name="Address">The host's address that it is reached at.</param>
/// <param name="Port">The host's port.</param>
/// <param name="NodePort">The node's port.</param>
/// <param name="Via">The network on which the node is reached, or loopback; null: its first network.</param>
public sealed record PortRecord(string Node, PortProtocol Protocol, string Address, int Port, int NodePort, string? Via)
{
    /// <summary>Address and port as programs take them: 127.0.0.1:8000, [::1]:8000.</summary>
    internal string HostText => PublishedPort.Text(System.Net.IPAddress.Parse(Address), $"{Port}");

    /// <summary>80/tcp.</summary>
    internal string NodeText => $"{NodePort}/{Protocol.Word()}";
}

/// <summary>JSON of the registry, without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LabRecord))]
internal sealed partial class RegistryJson : JsonSerializerContext;
