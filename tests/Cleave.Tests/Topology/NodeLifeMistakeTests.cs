namespace Cleave.Tests.Topology;

/// <summary>Mistakes in what a node says about the life of its program.</summary>
public class NodeLifeMistakeTests
{
    [Theory]
    [InlineData("tags: db", "2:35", "'db' stands here: expected a list of tags")]
    [InlineData("tags: []", "2:35", "an empty list stands here: expected a list of tags")]
    [InlineData("tags: [Db]", "2:36", "'Db' is no tag", "db")]
    [InlineData("tags: [all]", "2:36", "'all' is a reserved name")]
    [InlineData("tags: [t, t]", "2:39", "'t' stands here twice")]
    [InlineData("tags: [[t]]", "2:36", "a list stands here: expected a tag")]
    [InlineData("tags: [b]", "2:36", "'b' is also the name of a node")]
    [InlineData("start: later", "2:36", "'later' stands here: expected with-lab or manual")]
    [InlineData("start: manaul", "2:36", "'manaul' stands here", "manual")]
    [InlineData("stop: TERM", "2:35", "'TERM' stands here: expected a mapping with signal and grace")]
    [InlineData("stop: {signal: TREM}", "2:44", "'TREM' is no signal: expected a signal by its name", "TERM")]
    [InlineData("stop: {signal: 65}", "2:44", "'65' is no signal")]
    [InlineData("stop: {signal: [TERM]}", "2:44", "a list stands here: expected a signal")]
    [InlineData("stop: {grace: 2}", "2:43", "'2' needs a unit", "2s")]
    [InlineData("stop: {grcae: 2s}", "2:36", "'grcae' is no key of a way to stop", "grace")]
    [InlineData("restart: sometimes", "2:38", "'sometimes' stands here: expected no, on-failure or always")]
    [InlineData("restart: on-failur", "2:38", "'on-failur' stands here", "on-failure")]
    [InlineData("restart: {max: 3}", "2:29", "a restart rule has no 'when'")]
    [InlineData("restart: {when: always, max: 0}", "2:58", "'0' stands here: expected how many times")]
    [InlineData("restart: {when: always, delay: soon}", "2:60", "'soon' is no duration")]
    [InlineData("setup: ip link", "2:36", "'ip link' stands here: expected a list of commands")]
    [InlineData("setup: []", "2:36", "an empty list stands here")]
    [InlineData("setup: [{a: b}]", "2:37", "a mapping stands here: expected a line for the shell")]
    [InlineData("setup: [\"echo ${save.x}\"]", "2:37", "'${save.x}' stands in a node's program")]
    [InlineData("after: b", "2:36", "'b' stands here: expected a list of nodes, or a mapping such as {db: ready}")]
    [InlineData("after: []", "2:36", "nothing stands in here: expected a list of nodes")]
    [InlineData("after: {}", "2:36", "nothing stands in here")]
    [InlineData("after: [beta]", "2:37", "'beta' is no node: expected one of a, b or idle")]
    [InlineData("after: [bb]", "2:37", "'bb' is no node", "b")]
    [InlineData("after: [b, b]", "2:40", "'b' stands here twice")]
    [InlineData("after: {b: redy}", "2:40", "'redy' stands here: expected started, ready or ended", "ready")]
    [InlineData("after: {idle: ended}", "2:37", "'idle' has no program that could end")]
    [InlineData("after: [a]", "2:37", "these nodes wait for each other, so that none can start: a after a")]
    [InlineData("ready: {http: health}", "2:43", "'health' stands here: expected a port and a path such as \":8000/health\"")]
    [InlineData("ready: {http: \":99999/\"}", "2:43", "':99999/' stands here: expected a port and a path")]
    [InlineData("ready: {http: {path: /}}", "2:37", "an http check has no 'port'")]
    [InlineData("ready: {http: {port: 1, path: x}}", "2:59", "'x' stands here: expected a path from / on", "/x")]
    [InlineData("ready: {http: {port: 1, status: 99}}", "2:61", "'99' stands here: expected an HTTP status, 100 to 599")]
    [InlineData("ready: {run: []}", "2:42", "an empty list stands here")]
    [InlineData("ready: {run: \"test ${save.x}\"}", "2:42", "'${save.x}' stands in a node's program")]
    [InlineData("ready: {run: \"true\", http: \":1\"}", "2:29", "'ready' has both 'http' and 'run': expected one of them")]
    public void A_mistake_is_reported_once(string entry, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake(
            $"cleave: 1\nnodes: {{a: {{ip: 172.23.0.1, {entry}, run: x}}, b: {{ip: 172.23.0.2, run: x}}, idle: {{ip: 172.23.0.3}}}}", at, words, suggestion);

    [Fact]
    public void A_circle_is_shown_whole_and_once()
    {
        LabText.HasOneMistake(
            """
            cleave: 1
            nodes:
              first: {ip: 172.23.0.1, run: x, after: [a]}
              a: {ip: 172.23.0.2, run: x, after: {b: started}}
              b: {ip: 172.23.0.3, run: x, after: [c, d]}
              c: {ip: 172.23.0.4, run: x, after: [a]}
              d: {ip: 172.23.0.5, run: x}
            """,
            "6:39", "so that none can start: a after b after c after a: expected an order without a circle");
    }

    [Fact]
    public void A_long_chain_of_nodes_is_no_circle()
    {
        IEnumerable<string> nodes = Enumerable.Range(1, 240).Select(n => $"  n{n}: {{ip: 172.23.0.{n}, run: x, after: [n{n + 1}]}}");
        LabText.Valid($"cleave: 1\nnodes:\n{string.Join('\n', nodes)}\n  n241: {{ip: 172.23.0.241}}");
    }

    [Fact]
    public void A_program_that_is_always_started_again_has_no_end_to_wait_for() =>
        LabText.HasOneMistake(
            "cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, run: x, restart: always}\n  b: {ip: 172.23.0.2, run: x, after: {a: ended}}",
            "4:39", "'a' is started again whenever it ends: expected 'started' or 'ready'");

    [Theory]
    [InlineData("supervise: stop", "'stop' stands here: expected stop-on-failure or wait-all-successful")]
    [InlineData("supervise: wait-all-succesful", "stands here", "wait-all-successful")]
    public void A_supervision_that_there_is_not_is_reported(string line, string words, string? suggestion = null) =>
        LabText.HasOneMistake($"cleave: 1\n{line}\nnodes: {{a: {{ip: 172.23.0.1}}}}", "2:12", words, suggestion);

    [Theory]
    [InlineData("- stop: alhpa", "1:9", "'alhpa' is no node and no tag: expected alpha, beta, gamma, delta or all", "alpha")]
    [InlineData("- stop: alpha", "1:9", "'alpha' has no program: expected a node with 'run'")]
    [InlineData("- pause: []", "1:10", "an empty list stands here: expected a node's name, a tag or 'all'")]
    [InlineData("- pause: [alpha, alpha]", "1:18", "'alpha' stands here twice")]
    [InlineData("- kill: {a: b}", "1:9", "a mapping stands here: expected a node's name, a tag or 'all'")]
    [InlineData("- kill: alpha\n  signal: XYZ", "2:11", "'XYZ' is no signal")]
    [InlineData("- pause: alpha\n  signal: TERM", "2:3", "'signal' does not go with 'pause'")]
    [InlineData("- resume: \"${save.x}\"", "1:11", "'${save.x}' names nothing")]
    public void A_mistake_in_a_step_that_acts_on_nodes_is_reported_once(string step, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistakeInSteps(step, at, words, suggestion);
}
