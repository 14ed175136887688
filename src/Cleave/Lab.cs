using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Cleave.Control;
using Cleave.Doctor;
using Cleave.Host;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Planning;
using Cleave.Ports;
using Cleave.Processes;
using Cleave.Registry;
using Cleave.Runs;
using Cleave.Topology;
using Cleave.Trials;
using Cleave.Uplinks;

namespace Cleave;

/// <summary>How to start a lab.</summary>
/// <param name="HostCommand">The program that becomes the lab host: <c>cleave</c>, with the arguments that make it one.</param>
public sealed record LabOptions(ImmutableArray<string> HostCommand)
{
    /// <summary>Whether a program that ends by itself ends the lab.</summary>
    public bool Supervise { get; init; } = true;

    /// <summary>Nodes whose programs are not started with the lab, as those of <c>start: manual</c>; the nodes themselves are there.</summary>
    public ImmutableArray<string> NotStarted { get; init; } = [];

    /// <summary>How the nodes reach the internet, whatever the file says; null: as the file says.</summary>
    public GatewayChoice? Gateway { get; init; }

    /// <summary>
    /// Says what the lab records of what happens in it; called once, when it is known that this machine can have the lab. Null, or if it says null:
    /// nothing but its logs.
    /// </summary>
    public Func<RunOrder?>? Run { get; init; }

    /// <summary>Whether the lab outlives the process that starts it.</summary>
    public bool Detached { get; init; }
}

/// <summary>A lab that this process has started. Disposing of it ends the lab, unless it is detached.</summary>
public sealed class Lab : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly Process _host;
    private bool _detached;
    private readonly Lock _lock = new();
    private ImmutableArray<int> _last = [];
    private bool _disposed; // under the lock, so that a late signal meets no process of that number

    private Lab(LabRecord record, Process host, IdMapKind ids)
    {
        (Record, _host, Ids) = (record, host, ids);
        Client = new LabClient(record);
    }

    /// <summary>Its place on the machine.</summary>
    public LabRecord Record { get; }

    /// <summary>Which user ids exist in it.</summary>
    public IdMapKind Ids { get; }

    /// <summary>How its nodes reach the internet; null: not at all.</summary>
    public Uplink? Uplink { get; private set; }

    /// <summary>Its control socket.</summary>
    public LabClient Client { get; }

    /// <summary>Starts a lab; returns as soon as it can be talked to, while its nodes are being made.</summary>
    /// <param name="topology">What to start.</param>
    /// <param name="text">The file it was read from, as it was when it was checked.</param>
    /// <param name="options">How.</param>
    /// <param name="cancel">Gives up; nothing is left.</param>
    /// <exception cref="MachineException">This machine lacks something a lab needs.</exception>
    /// <exception cref="CleaveException">The lab host could not be started; its log is named.</exception>
    public static async Task<Lab> StartAsync(LabTopology topology, string text, LabOptions options, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var clock = StartupClock.OfThisProcess();
        clock.Ended("command"); // its runtime, its command line, the file
        var needs = Needs.Of(topology);
        if (MachineProbe.Refuse(options.HostCommand[..^1], needs) is { } refusal)
        {
            throw refusal;
        }

        using var source = UplinkSource.For(options.Gateway ?? topology.Gateway, topology, options.HostCommand[..^1]);
        source?.Require(topology);
        LabRegistry.Sweep();
        using HostListeners ports = HostListeners.Open(topology); // before anything is made; ours are closed when the lab host has its own
        RunOrder? run = options.Run?.Invoke();
        using LabRegistry.Reservation place = LabRegistry.Reserve(topology, ports.Records, run?.Logs);
        string errors = Path.Combine(place.Record.State, "logs", "lab-host.err");
        Lab? lab = null;
        clock.Ended("machine");
        try
        {
            (Process host, IdMapKind ids) = UserNamespace.Start(options.HostCommand, errors, NamespaceThread.PrepareRuntime);
            lab = new Lab(place.Record, host, ids);
            RequireUsers(topology, host.Id, options, needs);
            clock.Ended("user namespace");
            lab.Uplink = source is null ? null : await Task.Run(() => source.Attach(topology, place.Record, host.Id), CancellationToken.None);
            if (source is not null)
            {
                clock.Ended("uplink");
            }

            await lab.OrderAsync(topology, text, options, run, [.. ports.Sockets, .. source?.Sockets ?? []], errors, clock, cancel);
            return lab;
        }
        catch (Exception e)
        {
            place.Dispose(); // or it could not be swept
            await GiveUpAsync(place.Record, lab);

            // On a terminal, Ctrl-C also ends what we started to start it, and that must not be reported as the reason.
            cancel.ThrowIfCancellationRequested();
            if (e is OperationCanceledException or InputException or MachineException)
            {
                throw;
            }

            if (MachineProbe.Explain(options.HostCommand[..^1], needs, e) is { } machine)
            {
                throw machine;
            }

            throw e as CleaveException ?? new CleaveException($"the lab host did not start: {e.Message}", e);
        }
    }

    /// <summary>The way out that a lab would have, for a plan that is only printed; null: none.</summary>
    /// <param name="topology">The lab.</param>
    /// <param name="gateway">How its nodes reach the internet; null: as the file says.</param>
    /// <exception cref="MachineException">There is none of that kind here.</exception>
    public static Uplink? PlannedUplink(LabTopology topology, GatewayChoice? gateway)
    {
        ArgumentNullException.ThrowIfNull(topology);
        return UplinkSource.For(gateway ?? topology.Gateway, topology, [])?.Plan(topology);
    }

    /// <summary>From now on the lab outlives this process.</summary>
    /// <exception cref="CleaveException">It has ended already.</exception>
    public async Task DetachAsync(CancellationToken cancel)
    {
        if (_detached)
        {
            return;
        }

        try
        {
            await _host.StandardInput.WriteAsync("detached\n".AsMemory(), cancel);
            await _host.StandardInput.FlushAsync(cancel);
        }
        catch (IOException e)
        {
            throw new CleaveException($"lab {Record.Id} has ended: {e.Message}", e);
        }

        _detached = true;
    }

    /// <summary>Returns when the lab has ended and nothing is left of it but its logs, with its exit code.</summary>
    public async Task<int> WaitForEndAsync(CancellationToken cancel)
    {
        await _host.WaitForExitAsync(cancel);
        await SweepAsync(cancel);
        return _host.ExitCode;
    }

    /// <summary>Ends the lab and returns when nothing is left of it; kills it if it takes longer than ten seconds
    /// and the longest grace of its nodes.</summary>
    public async Task StopAsync()
    {
        using var limit = new CancellationTokenSource(EndLimit + Record.Grace);
        try
        {
            await AskToEndAsync(limit.Token);
            await _host.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
            await _host.WaitForExitAsync(CancellationToken.None);
        }

        await SweepAsync(CancellationToken.None);
    }

    private async Task AskToEndAsync(CancellationToken cancel)
    {
        try
        {
            await Client.DownAsync(cancel);
        }
        catch (CleaveException)
        {
            // It does not listen any more: it is ending, and would leave processes for a moment if it were killed in the middle of that.
        }
    }

    /// <summary>Ends the lab at once, without asking its programs; nothing happens if it has ended.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            if (!_disposed && !_host.HasExited)
            {
                _last = [_host.Id, .. HostProcesses.Children(_host.Id)];
                _host.Kill();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_detached && !_host.HasExited)
        {
            await StopAsync();
        }
        else if (!_detached)
        {
            await SweepAsync(CancellationToken.None); // it was killed, and nobody has waited for the end of what that takes with it
        }

        lock (_lock)
        {
            _disposed = true;
        }

        Client.Dispose();
        _host.Dispose();
    }

    /// <summary>Before anything is made: whom the file wants programs to run as must exist in the lab.</summary>
    private static void RequireUsers(LabTopology topology, int host, LabOptions options, Needs needs)
    {
        if (needs.User is null)
        {
            return;
        }

        var ids = LabIds.Of(host.ToString(System.Globalization.CultureInfo.InvariantCulture));
        foreach (Node node in topology.Nodes)
        {
            if (node.User is { } user && ids.WhyNot(user) is { } whyNot)
            {
                var said = new MachineException($"node {node.Name} cannot run as {user}: {whyNot}");
                throw MachineProbe.Explain(options.HostCommand[..^1], needs, said) ?? said;
            }
        }
    }

    /// <summary>Tells the lab host what to run; returns when it listens.</summary>
    private async Task OrderAsync(
        LabTopology topology, string text, LabOptions options, RunOrder? run, IReadOnlyList<Descriptor> ports, string errors, StartupClock clock, CancellationToken cancel)
    {
        using Handover? handover = ports.Count > 0 ? new Handover(Record.PortsSocket) : null;
        var order = new HostOrder(
            Record,
            text,
            topology.Texts,
            Machine.PlanInputs(topology, Record, Uplink),
            UserEnvironment(options),
            UserLimits.SoftFileLimit(),
            Ids,
            options.Supervise,
            options.NotStarted,
            CleaveVersion.Current,
            clock.Phases,
            clock.Last)
        {
            Run = run,
        };
        try
        {
            await _host.StandardInput.WriteAsync((JsonSerializer.Serialize(order, HostJson.Default.HostOrder) + "\n").AsMemory(), cancel);
            await _host.StandardInput.FlushAsync(cancel);
        }
        catch (IOException e)
        {
            throw new CleaveException($"the lab host did not start{await LastWordsAsync(_host, errors)}", e); // a broken pipe says nothing
        }

        if (handover is not null)
        {
            await HandOverAsync(handover, ports, cancel);
        }

        string? answer = await _host.StandardOutput.ReadLineAsync(cancel);
        if (answer?.StartsWith(LabHost.NotMade, StringComparison.Ordinal) == true)
        {
            throw new CleaveException(JsonSerializer.Deserialize(answer[LabHost.NotMade.Length..], HostJson.Default.String)!);
        }

        if (answer != LabHost.Listening)
        {
            throw new CleaveException($"the lab host did not start{await LastWordsAsync(_host, errors)}");
        }

        if (options.Detached)
        {
            await DetachAsync(cancel);
        }
    }

    /// <summary>Gives the lab host the sockets of the published ports, unless it ends before it has asked for them.</summary>
    private async Task HandOverAsync(Handover handover, IReadOnlyList<Descriptor> ports, CancellationToken cancel)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task end = _host.WaitForExitAsync(ended.Token);
        Task given = handover.GiveAsync(ports, ended.Token);
        await Task.WhenAny(end, given);
        await ended.CancelAsync();
        try
        {
            await given;
        }
        catch (Exception e) when (e is OperationCanceledException or LinuxException or System.Net.Sockets.SocketException)
        {
            cancel.ThrowIfCancellationRequested(); // otherwise it has ended, and its last words come next
        }
    }

    private static async Task GiveUpAsync(LabRecord record, Lab? lab)
    {
        if (lab is null)
        {
            LabRegistry.TrySweep(record);
            return;
        }

        lab.Kill();
        await lab.WaitForEndAsync(CancellationToken.None);
        await lab.DisposeAsync();
    }

    /// <summary>The process we started is the parent of the lab host, which ends a moment after it when it is killed.</summary>
    private async Task SweepAsync(CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        while ((!LabRegistry.TrySweep(Record) || !HostProcesses.AreGone(_last)) && Stopwatch.GetElapsedTime(start) < EndLimit)
        {
            await Task.Delay(10, cancel);
        }
    }

    private static async Task<string> LastWordsAsync(Process host, string errors)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        string said = "";
        try
        {
            said = await host.StandardError.ReadToEndAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // It hangs; its log says where.
        }

        if (File.Exists(errors))
        {
            said += await File.ReadAllTextAsync(errors, CancellationToken.None);
        }

        return said.Trim().Length == 0 ? "" : $":\n{said.Trim()}";
    }

    /// <summary>Ours is the user's, since the launcher adds nothing to it; and <c>$CLEAVE</c> is the program that started the lab.</summary>
    private static ImmutableSortedDictionary<string, string> UserEnvironment(LabOptions options) =>
        OwnEnvironment.Read().SetItem("CLEAVE", string.Join(' ', options.HostCommand[..^1]));
}
