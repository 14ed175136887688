using System.Globalization;
using System.Text.Json;
using Cleave.Control;
using Cleave.Linux;
using Cleave.Registry;
using Cleave.Runs.Packets;
using Cleave.Runs.Report;
using Cleave.Scenarios;
using Cleave.Topology;

namespace Cleave.Runs;

/// <summary>
/// What one run of a scenario leaves: a folder with its events, its nodes' logs and, when it is over, its result. The command that runs the scenario
/// makes it before there is a lab; the lab writes the events in between.
/// </summary>
public sealed class RunFolder : IDisposable
{
    internal const string EventsName = "events.jsonl";
    internal const string ResultName = "result.json";
    internal const string LockName = "lock";

    internal const string ReportName = "report.html";

    private const string JunitName = "junit.xml";

    private const int LongestName = 100;

    private readonly SecretMask _mask;
    private readonly TimeProvider _clock;
    private readonly RunHead _head;
    private readonly DateTimeOffset _started;
    private readonly RunLock _lock;
    private PacketsKept _packets;

    private RunFolder(RunOrder order, RunHead head, SecretMask mask, TimeProvider clock, RunLock held) =>
        (Order, _head, _mask, _clock, _lock, _started) = (order, head, mask, clock, held, clock.GetUtcNow());

    /// <summary>What the lab is told of it.</summary>
    public RunOrder Order { get; }

    /// <summary>Makes the folder and writes the first event.</summary>
    /// <param name="topology">The lab.</param>
    /// <param name="scenario">What is run in it.</param>
    /// <param name="seed">What everything random is drawn with.</param>
    /// <param name="environment">The user's, which may have secrets.</param>
    /// <param name="clock">The time.</param>
    /// <param name="packets">Whether the nodes' packets are recorded, and when they are kept.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static RunFolder Begin(
        LabTopology topology, Scenario scenario, int seed, IReadOnlyDictionary<string, string> environment, TimeProvider clock, PacketsKept packets = PacketsKept.Never)
    {
        ArgumentNullException.ThrowIfNull(topology);
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(clock);
        string runs = ProjectState.Make(topology.Directory, "runs", "");
        string when = clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string name = $"{when}-{scenario.Name[..Math.Min(scenario.Name.Length, LongestName)]}";
        try
        {
            using var alone = RunLock.Own(RunArchive.LockOf(runs));
            string free = name;
            for (int i = 2; Directory.Exists(Path.Combine(runs, free)); i++)
            {
                free = $"{name}-{i}";
            }

            string folder = Path.Combine(runs, free);
            Directory.CreateDirectory(folder, RuntimeDirectory.OwnerOnly); // programs print secrets, and projects are open to others
            var order = new RunOrder(folder, clock.GetTimestamp(), seed) { HasPackets = packets != PacketsKept.Never };
            Directory.CreateDirectory(order.Logs);
            var run = new RunFolder(order, Head(topology, scenario, free, seed) with { Clock = order.Began }, SecretMask.Of(topology, environment), clock, RunLock.Hold(order.LockFile)) { _packets = packets };
            run.Add(new LabEvent(run._started, EventKind.Run, null, $"run {free} begins") { Run = run._head });
            return run;
        }
        catch (LinuxException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>Writes the result, and prunes older runs.</summary>
    /// <returns>The same, without secrets.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public ScenarioResult Finish(ScenarioResult result)
    {
        ScenarioResult shown = Shown(result);
        Add(new LabEvent(_clock.GetUtcNow(), EventKind.Run, null, $"run {_head.Run} ends: {shown.Verdict.ToString().ToLowerInvariant()}") { Result = shown with { Windows = [] } }); // each stands where it ended
        var written = new RunResult(ControlJson.Schema, _head.Run, _head.File, _head.Version, _started, _head.Seed, shown);
        FinishPackets(shown.Verdict);
        Write(JunitName, JunitXml.Of(_head.File, [new JunitCase(shown, _started)]));
        Write(ResultName, JsonSerializer.Serialize(written, RunJson.Default.RunResult) + "\n");
        Write(ReportName, ReportPage.Of(RunStory.Of(EventReader.Read(Order.Events)), RunArchive.Listed(Order.Folder, written)));
        _lock.Dispose();
        RunArchive.Prune(Path.GetDirectoryName(Order.Folder)!);
        return shown;
    }

    private void FinishPackets(Verdict verdict)
    {
        if (!Directory.Exists(Order.Packets))
        {
            return;
        }

        if (_packets != PacketsKept.Always && verdict == Verdict.Passed)
        {
            Directory.Delete(Order.Packets, recursive: true);
            return;
        }

        foreach (string file in Directory.GetFiles(Order.Packets, "*.pcapng"))
        {
            PacketRing.Join(file);
        }
    }

    /// <summary>A result as others may see it.</summary>
    internal ScenarioResult Shown(ScenarioResult result) => _mask.Apply(result) with { Run = Order.Folder };

    /// <summary>Removes it: nothing has run.</summary>
    public void Discard()
    {
        Dispose();
        LabRegistry.RemoveTree(Order.Folder);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private void Write(string name, string text) => Write(Order.Folder, name, text);

    /// <summary>As a whole or not at all.</summary>
    internal static void Write(string folder, string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }

    private void Add(LabEvent happened)
    {
        using var events = new EventFile(Order.Events);
        events.Add(_mask.Apply(happened) with { At = _clock.GetElapsedTime(Order.Began).TotalSeconds });
    }

    private static RunHead Head(LabTopology topology, Scenario scenario, string name, int seed) => new(
        name,
        scenario.Name,
        topology.File,
        CleaveVersion.Describe(CleaveVersion.Current),
        seed,
        [.. topology.Networks.Select(n => new RunNetwork(n.Name, [.. n.Subnets.Select(s => s.ToString())]))],
        [.. topology.Nodes.Select(n => new RunNode(n.Name, n.IsRouter, [.. n.Attachments.Select(a => new RunPlace(a.Network, [.. a.Addresses.Select(x => x.ToString())]))]))]);
}
