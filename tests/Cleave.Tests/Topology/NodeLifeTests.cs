using Cleave.Control;
using Cleave.Scenarios;
using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>What a node says about the life of its program.</summary>
public class NodeLifeTests
{
    private static readonly LabTopology Lab = LabText.Valid(
        """
        cleave: 1
        supervise: wait-all-successful
        x-server: &server {restart: on-failure, stop: {signal: SIGQUIT, grace: 5s}, tags: [srv]}
        nodes:
          db: {<<: *server, ip: 172.23.0.1, run: x, ready: {http: "8000/health?x=1"}}
          job: {ip: 172.23.0.2, run: x, job: true, start: manual, setup: [ip link, [echo, a b]]}
          app: {<<: *server, ip: 172.23.0.3, run: x, after: [db, job], restart: {when: always, max: 5, delay: 1s}, ready: {run: curl x, within: 3s}}
          web: {ip: 172.23.0.4, run: x, after: {db: started, job: ended, idle: ready}, tags: [srv, front], restart: no}
          idle: {ip: 172.23.0.5, ready: {http: {port: 80, status: 404}}}
        scenarios:
          s:
            - stop: srv
            - kill: [db, front]
              signal: usr1
            - pause: all
            - resume: [idle]
            - run: echo db
              save: who
            - start: "${save.who}"
            - restart: db
        """);

    [Fact]
    public void Every_key_is_read()
    {
        Assert.Equal(Supervision.WaitAllSuccessful, Lab.Supervise);
        Node db = Lab.FindNode("db")!;
        Assert.Equal(new StopRule(3, TimeSpan.FromSeconds(5)), db.Stop);
        Assert.Equal(new RestartRule(false, null, TimeSpan.FromMilliseconds(100)), db.Restart);
        Assert.Equal(new Ready.Http(8000, "/health?x=1", null, TimeSpan.FromSeconds(30)), db.Ready);
        Assert.Equal(["srv"], db.Tags);

        Node app = Lab.FindNode("app")!;
        Assert.Equal(new RestartRule(true, 5, TimeSpan.FromSeconds(1)), app.Restart);
        Assert.Equal(new Ready.Run(new Command.Shell("curl x"), TimeSpan.FromSeconds(3)), app.Ready);
        Assert.Equal([new After("db", Milestone.Ready), new After("job", Milestone.Ended)], app.After);

        Node web = Lab.FindNode("web")!;
        Assert.Equal([new After("db", Milestone.Started), new After("job", Milestone.Ended), new After("idle", Milestone.Ready)], web.After);
        Assert.Null(web.Restart);
        Assert.Equal(StopRule.Default, web.Stop);

        Node job = Lab.FindNode("job")!;
        Assert.True(job.IsManual);
        Assert.Equal(["ip link", "echo a b"], job.Setup.Select(c => c.ToString()));
        Assert.Equal(new Ready.Http(80, "/", 404, TimeSpan.FromSeconds(30)), Lab.FindNode("idle")!.Ready);
    }

    [Fact]
    public void Steps_that_act_on_nodes_keep_their_words()
    {
        NodeStep[] steps = [.. Lab.Scenarios[0].Steps.OfType<NodeStep>()];
        Assert.Equal(
            [NodeVerb.Stop, NodeVerb.Kill, NodeVerb.Pause, NodeVerb.Resume, NodeVerb.Start, NodeVerb.Restart], steps.Select(s => s.Verb));
        Assert.Equal(["srv"], steps[0].Nodes);
        Assert.Equal(["db", "front"], steps[1].Nodes);
        Assert.Equal(10, steps[1].Signal);
        Assert.Equal(["${save.who}"], steps[4].Nodes);
    }

    [Fact]
    public void Nodes_are_named_by_name_by_tag_and_all_at_once()
    {
        Assert.Equal([0, 2, 3], NodeTargets.Of(Lab, ["front", "srv"]));
        Assert.Equal([1], NodeTargets.Of(Lab, ["job", "job"]));
        Assert.Equal([0, 1, 2, 3, 4], NodeTargets.Of(Lab, ["all"]));
        Assert.Equal(["srv", "front"], NodeTargets.Tags(Lab));
        var unknown = Assert.Throws<InputException>(() => NodeTargets.Of(Lab, ["db", "frnt"]));
        Assert.Equal(
            "there is no node and no tag 'frnt' in this lab; it has db, job, app, web and idle, and the tags srv and front; did you mean 'front'?",
            unknown.Message);
    }

    [Theory]
    [InlineData(false, null, 0, 0, null)]
    [InlineData(false, null, 1, 0, 100)]
    [InlineData(true, null, 0, 0, 100)]
    [InlineData(false, null, 137, 3, 800)]
    [InlineData(false, null, 1, 6, 6400)]
    [InlineData(false, null, 1, 7, 10_000)]
    [InlineData(false, null, 1, 1_000_000, 10_000)]
    [InlineData(false, 3, 1, 2, 400)]
    [InlineData(false, 3, 1, 3, null)]
    public void The_delay_before_a_restart_doubles_up_to_ten_seconds(bool always, int? max, int exitCode, int inRow, int? expected)
    {
        TimeSpan? delay = new RestartRule(always, max, RestartRule.DefaultDelay).DelayBefore(exitCode, inRow);
        Assert.Equal(expected, delay?.TotalMilliseconds);
    }

    [Fact]
    public void A_delay_that_the_file_gives_is_never_shortened() =>
        Assert.Equal(TimeSpan.FromMinutes(1), new RestartRule(true, null, TimeSpan.FromMinutes(1)).DelayBefore(0, 5));
}
