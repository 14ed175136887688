using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Execution;
using Cleave.Faults;
using Cleave.Linux;
using Cleave.Names;
using Cleave.Namespaces;
using Cleave.Planning;
using Cleave.Ports;
using Cleave.Processes;
using Cleave.Registry;
using Cleave.Runs;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>A lab as its host has it: the network, the nodes, what is broken. Its end is the end of the process.</summary>
internal sealed partial class RunningLab : IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource<(int Code, string Reason)> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _setUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ImmutableSortedDictionary<string, string> _commonEnv;
    private readonly LabIds _ids = LabIds.Of("self");
    private readonly ImmutableArray<Descriptor> _ports;
    private readonly Task _folders;
    private Task _ready = Task.CompletedTask;
    private NameServer? _names;
    private NodeFiles? _files;
    private bool _allReady;

    public RunningLab(HostOrder order, LabTopology topology, IEnumerable<Descriptor> ports, TimeProvider clock, StartupClock startup)
    {
        (Order, Topology, Clock, Startup, _ports) = (order, topology, clock, startup, [.. ports]);
        Secrets = SecretMask.Of(topology, order.Environment);
        Hub = new EventHub(clock, Secrets, order.Run);
        Thread = new NamespaceThread();
        _commonEnv = order.Environment.SetItems(
        [
            new("CLEAVE_LAB", order.Record.Id),
            new("PATH", WithSystemPrograms(order.Environment.GetValueOrDefault("PATH", DefaultPath))),
            new("CLEAVE_NODES", string.Join(' ', topology.Nodes.Where(n => n.Address is not null).Select(n => $"{n.Name}={n.Address}"))),
        ]);
        _folders = NodeFolders.MakeAsync(order.Record, topology);
        Uplink = UplinkWatch.Begin(this, order.Machine.Uplink);
        Executor = new Executor(topology, Thread, Children, _commonEnv);
        Faults = new FaultSwitch(topology, Executor, Hub);
    }

    public HostOrder Order { get; }

    public LabTopology Topology { get; }

    public TimeProvider Clock { get; }

    /// <summary>Where the time until it is ready goes.</summary>
    public StartupClock Startup { get; }

    public EventHub Hub { get; }

    /// <summary>What nobody may read in logs, events and messages.</summary>
    public SecretMask Secrets { get; }

    public Children Children { get; } = new();

    public PipeReader Output { get; } = new();

    public NamespaceThread Thread { get; }

    public Executor Executor { get; }

    /// <summary>The way out; null: the lab is sealed.</summary>
    public UplinkWatch? Uplink { get; }

    /// <summary>The names that fail.</summary>
    public NameFaults NameFaults => Faults.Names;

    /// <summary>In the file's order; empty until the lab is made.</summary>
    public ImmutableArray<NodeRunner> Nodes { get; private set; } = [];

    /// <summary>Completes when all setup commands have succeeded and the programs have their start orders; fails with one of them.</summary>
    public Task SetUp => _setUp.Task;

    public FaultSwitch Faults { get; }

    /// <summary>Told of every program that ended by itself; set by who judges, a scenario for instance.</summary>
    public Action<NodeRunner, ExitStatus>? Judge { get; set; }

    /// <summary>Completes when something wants the lab to end: with the exit code of <c>up</c> and why.</summary>
    public Task<(int Code, string Reason)> End => _end.Task;

    /// <summary>Completes when somebody follows the lab, or has asked how it goes.</summary>
    public TaskCompletionSource Attended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Cancelled when the lab begins to end.</summary>
    public CancellationToken Ending => _ending.Token;

    public LabStatus Status => new(
        ControlJson.Schema,
        Order.Record.Id,
        Order.Record.File,
        Order.Ids,
        Order.Record.Started,
        _end.Task.IsCompleted ? LabState.Ending : _allReady ? LabState.Ready : LabState.Starting,
        _end.Task.IsCompleted ? _end.Task.Result.Code : null,
        _end.Task.IsCompleted ? _end.Task.Result.Reason : null,
        [.. Nodes.Select(n => n.Status with { Init = n.Room.Init?.Pid, Ports = [.. Order.Record.Ports.Where(p => p.Node == n.Node.Name)] })])
    {
        Uplink = Uplink?.Status,
        Startup = Startup.Phases,
    };

    /// <summary>What is broken.</summary>
    /// <param name="isBrief">Without the pairs.</param>
    public FaultStatus FaultStatus(bool isBrief = false) => Faults.Status(isBrief) with { Uplink = Uplink?.Status, Windows = isBrief ? [] : Faults.Windows() };

    /// <summary>What is broken, large networks by groups.</summary>
    public FaultStatus ShortFaultStatus() => FaultReport.Short(Faults.InForce, Topology) with { Uplink = Uplink?.Status, Windows = Faults.Windows() };

    /// <summary>Makes the network and the rooms, and has the programs started.</summary>
    public void Start()
    {
        var plan = LabPlan.Of(Topology, Order.Machine with { Uplink = Uplink?.Uplink });
        Startup.Ended("plan");
        Executor.Run(plan.Network);
        Startup.Ended("network");
        _folders.GetAwaiter().GetResult();
        Startup.Ended("folders");
        var names = Task.Run(() => NameServer.Start(this)); // needs nothing of the rooms, and the other way round
        Executor.Run(plan.Rooms);
        Startup.Ended("rooms");
        _names = names.GetAwaiter().GetResult();
        RecordPackets();
        _files = new NodeFiles(this, plan.Rooms);
        Faults.NamesChanged = _files.Apply;
        Startup.Ended("names");
        Nodes = [.. Topology.Nodes.Select((n, i) => new NodeRunner(this, i, Order.NotStarted.Contains(n.Name)))];
        PublishedPorts.Serve(this, _ports);
        foreach (PortRecord port in Order.Record.Ports)
        {
            Hub.Publish(EventKind.Node, port.Node, $"port {port.NodeText} is at {port.HostText} of the host");
        }

        _ready = BringUpAsync();
        _ = AnnounceReadyAsync();
    }

    /// <summary>Completes when all nodes are ready; fails with the first node that will not be.</summary>
    public Task WaitUntilReadyAsync(CancellationToken cancel) => _ready.WaitAsync(cancel);

    /// <summary>The node of that name.</summary>
    /// <exception cref="CleaveException">There is none.</exception>
    public NodeRunner Node(string name) => Nodes[NodeTargets.Index(name, Topology)];

    /// <summary>A program has ended by itself and for good: who has joined with it is told, or else who judges, and a supervised lab may end with it.</summary>
    public void NodeEnded(NodeRunner node, ExitStatus status)
    {
        if (node.Launch?.Join is { } join)
        {
            join.NodeEnded(node, status);
            return;
        }

        if (node.UnaskedEnd is { } unasked)
        {
            Judge?.Invoke(node, unasked);
        }

        if (Order.Supervise
            && Supervisor.Decide(Topology.Supervise, node.Node, status, Nodes.Select(n => n.Launch).OfType<Launch>().Where(l => l.Join is null).Select(l => l.OwnEnd)) is var (code, reason))
        {
            EndWith(code, reason);
        }
    }

    /// <summary>Asks for the end of the lab; the first to ask gives the reason.</summary>
    public void EndWith(int code, string reason) => _end.TrySetResult((code, Secrets.Apply(reason)));

    /// <summary>Ends everything that runs in the lab. All that was printed has been handed on afterwards, and every end is known.</summary>
    public async Task StopAsync()
    {
        await _ending.CancelAsync();
        await LabShutdown.RunAsync(this);
    }

    public void Dispose()
    {
        foreach (NodeRunner node in Nodes)
        {
            node.Dispose();
        }

        _names?.Dispose();
        StopPackets();
        Hub.Dispose();
        _ending.Dispose();
    }

    private async Task BringUpAsync()
    {
        try
        {
            await Task.WhenAll(Nodes.Select(SetUpAsync));
        }
        catch (Exception e)
        {
            _setUp.TrySetException(e);
            throw;
        }

        foreach (NodeRunner node in Nodes)
        {
            node.StartWithLab();
        }

        Startup.Ended("programs");
        _setUp.TrySetResult(); // last: whoever waits for it finds every program started
        List<Task> waiting = [.. StartOrder.Awaited(Nodes).Select(n => n.Ready)];
        while (waiting.Count > 0)
        {
            Task done = await Task.WhenAny(waiting);
            await done;
            waiting.Remove(done);
        }
    }

    private async Task SetUpAsync(NodeRunner node)
    {
        foreach (Command command in node.Node.Setup)
        {
            Hub.Publish(EventKind.Node, node.Node.Name, $"setup: {command}");
            ExitStatus status;
            try
            {
                status = await NodeCommand.RunAsync(this, node.Node.Name, command, null, node.Log.Open(), _ending.Token);
            }
            catch (LinuxException e)
            {
                throw new CleaveException($"{node.Node.Name}: setup: {e.Message}", e);
            }

            if (status.ShellCode != 0)
            {
                throw new CleaveException($"{node.Node.Name}: setup: `{command}` ended with {status}{node.Tail()}");
            }
        }
    }

    private async Task AnnounceReadyAsync()
    {
        try
        {
            await WaitUntilReadyAsync(_ending.Token);
            Startup.Ended("ready");
            _allReady = true;
            Hub.Publish(EventKind.Lab, null, "all nodes are ready");
        }
        catch (OperationCanceledException)
        {
            // It is being ended.
        }
        catch (CleaveException e)
        {
            Hub.Publish(EventKind.Lab, null, e.Message);
            if (Order.Supervise)
            {
                EndWith(1, e.Message);
            }
        }
    }
}
