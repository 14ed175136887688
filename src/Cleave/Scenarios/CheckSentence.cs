using System.Collections.Immutable;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <summary>Says what a check expects, in words that follow "expected".</summary>
internal static class CheckSentence
{
    /// <param name="check">With its saved values in place.</param>
    /// <param name="subjects">Of how many nodes or pairs it is asked.</param>
    public static string Of(Check check, int subjects) =>
        (check.Count is { } count ? $"{count} of {subjects}: " : "") + check switch
        {
            Check.Reach { By: Probe.Http { Answer: not null } http } c => $"{Names(c.To)} to answer {How(http)} from {Names(c.From)} with {Wanted(http.Answer)}",
            Check.Reach c => $"{Names(c.To)} to be {Word(c.Is)} from {Names(c.From)} by {How(c.By)}",
            Check.Runs c => $"`{c.Command}` on {Names(c.Nodes)} to end with exit code {c.Exit}{And("print", c.Output)}{AndJson("print", c.Json)}",
            Check.State c => $"{Names(c.Nodes)} to be {c.Is.ToString().ToLowerInvariant()}{(c.Exit is { } exit ? $" with exit code {exit}" : "")}",
            Check.Log { IsAbsent: true } c => $"no line that matches /{c.Pattern}/ in the log of {Names(c.Nodes)}{Since(c.Since)}",
            Check.Log c => $"a line that matches /{c.Pattern}/ in the log of {Names(c.Nodes)}{Since(c.Since)}",
            _ => throw new InvalidOperationException($"nobody describes {check.GetType().Name}"),
        };

    /// <summary>"reachable" and the like.</summary>
    public static string Word(Reachability reachability) => reachability.ToString().ToLowerInvariant();

    /// <summary>"n1", "n1 and n2", "all nodes".</summary>
    public static string Names(ImmutableArray<string> names) => names is [NodeTargets.All] ? "all nodes" : Quote.Choices(names, "and");

    /// <summary>By what a probe asks.</summary>
    public static string How(Probe probe) => probe switch
    {
        Probe.Tcp tcp => $"tcp port {tcp.Port}",
        Probe.Udp udp => $"udp port {udp.Port}",
        Probe.Http http => $"http {http.Method} :{http.Port}{http.Path}",
        _ => "icmp",
    };

    private static string Wanted(HttpAnswer answer) =>
        $"status {(answer.Status is { } status ? $"{status}" : "2xx")}"
        + (answer.Body is { } body ? $", a body that matches /{body}/" : "")
        + (answer.Json is { } json ? $", JSON that has {json}" : "");

    private static string And(string verb, string? pattern) => pattern is null ? "" : $" and to {verb} what matches /{pattern}/";

    private static string AndJson(string verb, string? json) => json is null ? "" : $" and to {verb} JSON that has {json}";

    private static string Since(LogSince since) => since == LogSince.Step ? " since the step before" : "";
}
