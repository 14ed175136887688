using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cleave.Control;
using Cleave.Host;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Probes;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <content>How each kind of check is looked at.</content>
internal sealed partial class ScenarioRunner
{
    private const int LooksAtOnce = 20;
    private const int SocketsAtOnce = 500;

    // Linux sends a second SYN after one second, which must not be heard by who asks about the first.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(950);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);
    private static int _echoes;

    private readonly SemaphoreSlim _sockets = new(SocketsAtOnce);
    private readonly ConcurrentDictionary<(int Node, string Pattern), LogWatch> _watches = new();

    /// <summary>A check that can be looked at: saved values in place, nodes found.</summary>
    private sealed record Question(Check Check, ImmutableArray<Subject> Subjects, Func<Moment> Now)
    {
        public string Expected => CheckSentence.Of(Check, Subjects.Length);

        /// <summary>A command may never end by itself.</summary>
        public bool IsCommand => Check is Check.Runs;

        public int AtOnce => IsCommand ? 1 : LooksAtOnce;

        public ImmutableArray<int> Nodes => [.. Subjects.SelectMany(s => s.Nodes).Distinct()];

        public async Task<Look> LookAsync(CancellationToken cancel)
        {
            Moment at = Now();
            return new Look(at, Subjects, [.. await Task.WhenAll(Subjects.Select(s => s.LookAsync(cancel)))], Check.Count);
        }
    }

    private Question Ask(Step step, Check check, long[] logsFrom)
    {
        (Check resolved, ImmutableArray<Subject> subjects) = Try(step, () => Resolve(step, check, logsFrom));
        return subjects.IsEmpty
            ? throw Failed(step, $"expected {CheckSentence.Of(resolved, 0)}; there is nobody to look at", Now(), [])
            : new Question(resolved, subjects, Now);
    }

    private (Check Check, ImmutableArray<Subject> Subjects) Resolve(Step step, Check check, long[] logsFrom)
    {
        switch (check)
        {
            case Check.Reach c:
                c = c with { From = Names(c.From), To = Names(c.To), By = Resolve(c.By) };
                return (c, [.. from to in Nodes(c.To) from a in Nodes(c.From) where a != to select Pair(c, a, to, isNever: step is Step.Always { IsNever: true })]);
            case Check.Runs c:
                c = c with { Nodes = Names(c.Nodes), Output = ResolvePattern(c.Output), Json = ResolveJson(c.Json) };
                return (c, c.Nodes is [StepReader.Fabric]
                    ? [new Subject(StepReader.Fabric, [], cancel => LookAtCommandAsync(step, c, StepReader.Fabric, cancel))]
                    : [.. Nodes(c.Nodes).Select(n => new Subject(Name(n), [n], cancel => LookAtCommandAsync(step, c, Name(n), cancel)))]);
            case Check.State c:
                c = c with { Nodes = Names(c.Nodes) };
                return (c, [.. Nodes(c.Nodes).Select(n => new Subject(Name(n), [n], _ => Task.FromResult(LookAtState(c, _nodes[n].Status))))]);
            case Check.Log c:
                c = c with { Nodes = Names(c.Nodes), Pattern = ResolvePattern(c.Pattern) };
                return (c, [.. Nodes(c.Nodes).Select(n => LogSubject(c, n, c.Since == LogSince.Step ? logsFrom[n] : 0))]);
            default:
                throw new InvalidOperationException($"nobody looks at {check.GetType().Name}");
        }
    }

    private Subject Pair(Check.Reach check, int from, int to, bool isNever) => new($"{Name(to)} from {Name(from)}", [to, from], async cancel =>
    {
        if (isNever ? check.Is == Reachability.Reachable : check.Is != Reachability.Reachable)
        {
            _lab.Faults.Expect(from, to, isRefused: check.Is == Reachability.Refused);
        }

        await _sockets.WaitAsync(cancel);
        try
        {
            if (check.By is Probe.Http http)
            {
                return Judge(check, http, await AskAsync(from, to, http, AnswerPatience, cancel));
            }

            Reachability seen = await ProbeAsync(from, to, check.By, cancel);
            return new Answer(seen == check.Is, $"was {CheckSentence.Word(seen)}");
        }
        finally
        {
            _sockets.Release();
        }
    });

    /// <summary>By all addresses at once that a client could use.</summary>
    private async Task<Reachability> ProbeAsync(int from, int to, Probe by, CancellationToken cancel) =>
        ProbePaths.Best(await Task.WhenAll(Paths(from, to).Select(path => ProbeAsync(from, path.From, path.To, by, cancel))));

    private async Task<Reachability> ProbeAsync(int from, IPAddress source, IPAddress target, Probe by, CancellationToken cancel)
    {
        switch (by)
        {
            case Probe.Tcp tcp:
                using (Socket socket = NewSocket(from, target.AddressFamily, SocketType.Stream))
                {
                    return await TcpProbe.ConnectAsync(socket, target, tcp.Port, Patience, cancel);
                }

            case Probe.Udp udp:
                using (Socket socket = NewSocket(from, target.AddressFamily, SocketType.Dgram))
                {
                    return await UdpProbe.AskAsync(socket, target, udp.Port, Encoding.UTF8.GetBytes(udp.Send), Patience, cancel);
                }

            default:
                Descriptor network = _lab.Executor.Room(from).Network;
                using (IcmpSocket icmp = _lab.Thread.Run(() =>
                {
                    NamespaceThread.JoinNetwork(network);
                    return new IcmpSocket(source, requestsOnly: false);
                }))
                {
                    return await icmp.EchoAsync(target, (ushort)Interlocked.Increment(ref _echoes), Patience, cancel);
                }
        }
    }

    /// <summary>By one address after the other until one accepts the connection: a request is made once.</summary>
    private async Task<HttpMet> AskAsync(int from, int to, Probe.Http ask, TimeSpan answerPatience, CancellationToken cancel)
    {
        var best = new HttpMet(Reachability.Unreachable, 0, "", true, null);
        foreach ((_, IPAddress target) in Paths(from, to))
        {
            HttpMet met = await HttpProbe.AskAsync(
                () => NewSocket(from, target.AddressFamily, SocketType.Stream), target, Name(to), ask, Patience, answerPatience, cancel);
            if (met.Reach == Reachability.Reachable || met.Trouble is not null)
            {
                return met;
            }

            best = ProbePaths.Best([best.Reach, met.Reach]) == met.Reach ? met : best;
        }

        return best;
    }

    private ImmutableArray<(IPAddress From, IPAddress To)> Paths(int from, int to) =>
        ProbePaths.Between(_lab.Topology.Nodes[from], _lab.Topology.Nodes[to]);

    private static Answer Judge(Check.Reach check, Probe.Http http, HttpMet met)
    {
        string seen = met.Trouble ?? (met.Reach == Reachability.Reachable ? $"answered with status {met.Status}" : $"was {CheckSentence.Word(met.Reach)}");
        if (http.Answer is not { } wanted || met.Reach != Reachability.Reachable)
        {
            return new Answer(met.Reach == check.Is && http.Answer is null, seen);
        }

        bool statusFits = wanted.Status is { } status ? met.Status == status : met.Status is >= 200 and <= 299;
        string? difference = wanted.Body is null && wanted.Json is null ? null
            : !met.IsWhole ? $"a body of more than {HttpProbe.LongestBody} bytes, which is the limit"
            : Difference("the body", met.Body, wanted.Body, wanted.Json);
        return new Answer(statusFits && difference is null, difference is null || !statusFits ? $"{seen}: {Excerpt(met.Body)}" : $"{seen}; {difference}: {Excerpt(met.Body)}");
    }

    private async Task<Answer> LookAtCommandAsync(Step step, Check.Runs check, string node, CancellationToken cancel)
    {
        CommandOutcome outcome = await RunOnceAsync(step, check.Command, node, CommandOutput.MostMatched, null, cancel);
        string seen = $"ended with {Describe(outcome)}";
        if (outcome.Status.ShellCode != check.Exit)
        {
            return new Answer(false, seen);
        }

        if (check.Output is null && check.Json is null)
        {
            return new Answer(true, seen);
        }

        string? difference = outcome.Output.TryText(out string text) ?? Difference("the output", text, check.Output, check.Json);
        return new Answer(difference is null, difference is null ? seen : $"{difference}; it {seen}");
    }

    /// <summary>What a text lacks of what is wanted, in words that follow "it"; null if nothing.</summary>
    private static string? Difference(string what, string text, string? pattern, string? json)
    {
        if (pattern is not null && !Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant | RegexOptions.Multiline))
        {
            return $"had nothing in {what} that matches";
        }

        if (json is null)
        {
            return null;
        }

        try
        {
            using var expected = JsonDocument.Parse(json);
            using var seen = JsonDocument.Parse(text);
            return JsonSubset.Difference(expected.RootElement, seen.RootElement) is { } difference ? $"had other JSON: {difference}" : null;
        }
        catch (JsonException e)
        {
            return $"had no JSON in {what} ({e.Message})";
        }
    }

    private static Answer LookAtState(Check.State check, NodeStatus status)
    {
        bool holds = check.Is switch
        {
            ProgramState.Running => status.State is NodeState.Starting or NodeState.Ready,
            ProgramState.Ended => status.State is NodeState.Ended or NodeState.Stopped,
            ProgramState.Idle => status.State is NodeState.Idle or NodeState.Manual or NodeState.Waiting,
            var wanted => status.State.ToString() == wanted.ToString(),
        };
        string exit = status.Exit is { } end ? $" with {end}" : "";
        return new Answer(holds && (check.Exit is null || check.Exit == status.ExitCode), $"was {status.State.ToString().ToLowerInvariant()}{exit}");
    }

    private Subject LogSubject(Check.Log check, int node, long from)
    {
        LogWatch watch = Watch(node, check.Pattern);
        return new Subject(Name(node), [node], _ =>
        {
            string? line = watch.LastFrom(from);
            return Task.FromResult(new Answer(line is null == check.IsAbsent, line is null ? "had no such line" : $"had the line: {Excerpt(line)}"));
        });
    }

    /// <summary>Remembers from the beginning of the scenario on, for the log itself keeps the newest lines only.</summary>
    private LogWatch Watch(int node, string pattern) => _watches.GetOrAdd(
        (node, pattern), key => _nodes[key.Node].Log.Watch(new Regex(key.Pattern, RegexOptions.CultureInvariant).IsMatch));

    /// <summary>Begins to watch for every pattern that is known before the run.</summary>
    private void WatchLogs(ImmutableArray<Step> steps)
    {
        foreach (Step step in steps)
        {
            Check? check = step switch
            {
                Step.Expect s => s.Check,
                Step.Always s => s.Check,
                _ => null,
            };
            if (check is Check.Log log && SavedText.Resolve(log.Pattern, static _ => "") == log.Pattern)
            {
                foreach (int node in Enumerable.Range(0, _nodes.Length))
                {
                    Watch(node, log.Pattern);
                }
            }

            WatchLogs(step.Inner);
        }
    }

    private void UnwatchLogs()
    {
        foreach (((int node, _), LogWatch watch) in _watches)
        {
            _nodes[node].Log.Unwatch(watch);
        }
    }

    private Socket NewSocket(int node, AddressFamily family, SocketType type)
    {
        Descriptor network = _lab.Executor.Room(node).Network;
        return _lab.Thread.Run(() =>
        {
            NamespaceThread.JoinNetwork(network);
            return ProbeMark.Set(new Socket(family, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp));
        });
    }

    private static string Excerpt(string text)
    {
        const int Longest = 200;
        string line = Quote.OneLine(text.TrimEnd('\n'));
        return line.Length == 0 ? "(nothing)" : line.Length > Longest ? line[..Longest] + "…" : line;
    }
}
