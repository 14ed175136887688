namespace Cleave.Tests.Topology;

/// <summary>Mistakes in what stands at <c>expect</c>, <c>always</c>, <c>never</c> and <c>wait</c>; places as in <see cref="StepMistakeTests"/>.</summary>
public class CheckMistakeTests
{
    [Theory]
    [InlineData("- expect: {}", "1:3", "this says not what is expected: expected 'from' and 'to', 'run', 'state' or 'log'")]
    [InlineData("- expect: {node: alpha}", "1:3", "this says not what is expected")]
    [InlineData("- expect: {run: x, log: y, node: alpha}", "1:20", "'log' stands beside 'run' in one check: expected one kind of check")]
    [InlineData("- expect: {from: alpha, to: beta, is: reachable, run: x}", "1:50", "'run' stands beside 'from' in one check")]
    [InlineData("- expect: {node: alpha, state: ready, log: x}", "1:39", "'log' stands beside 'state' in one check")]
    [InlineData("- expect: {run: x, output: y, is: present}", "1:31", "'is' does not go with 'run': expected node, exit, output, json, exactly, at-least or at-most")]
    [InlineData("- expect: {node: alpha, log: y, output: z}", "1:33", "'output' does not go with 'log': expected node, is, since")]
    [InlineData("- expect: {node: alpha, state: ready, since: step}", "1:39", "'since' does not go with 'state': expected node, exit")]
    [InlineData("- expect: {from: alpha, to: beta, is: reachable, output: x}", "1:50", "'output' does not go with 'from'")]
    [InlineData("- expect: {node: alpha, from: alpha, to: beta, is: reachable}", "1:12", "'node' does not go with 'from'")]
    public void A_check_is_of_one_kind_and_has_what_goes_with_it(string steps, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistakeInSteps(steps, at, words, suggestion);

    [Theory]
    [InlineData("- expect: {from: all, to: [alpha, betaa], is: reachable}", "1:35", "'betaa' is no node", "beta")]
    [InlineData("- expect: {from: al, to: beta, is: reachable}", "1:18", "'al' is no node and no tag: expected alpha, beta, gamma, delta or all", "all")]
    [InlineData("- expect: {from: {a: b}, to: beta, is: reachable}", "1:18", "a mapping stands here: expected a node's name, a tag or 'all', or a list of them")]
    [InlineData("- expect: {from: alpha, to: alpha, is: reachable}", "1:25", "'alpha' is both ends: expected two nodes")]
    [InlineData("- expect: {from: alpha, to: beta, is: present}", "1:39", "'present' stands here: expected reachable, unreachable or refused")]
    [InlineData("- expect: {from: alpha, to: beta, udp: 70000, is: reachable}", "1:40", "'70000' stands here: expected a port, 1 to 65535")]
    [InlineData("- expect: {from: alpha, to: beta, tcp: 1, udp: 1, is: refused}", "1:43", "'tcp' and 'udp' stand in one 'expect'")]
    [InlineData("- expect: {from: alpha, to: beta, http: \":1\", tcp: 1}", "1:47", "'tcp' and 'http' stand in one 'expect'")]
    [InlineData("- expect: {from: alpha, to: beta, tcp: 1, send: x, is: refused}", "1:43", "'send' does not go with 'tcp': expected it beside 'udp'")]
    [InlineData("- expect: {from: alpha, to: beta, status: 200, is: reachable}", "1:35", "'status' does not go with 'icmp': expected it beside 'http'")]
    [InlineData("- expect: {from: alpha, to: beta, tcp: 80, json: {a: 1}, is: reachable}", "1:44", "'json' does not go with 'tcp'")]
    public void Who_reaches_whom_is_said_well(string steps, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistakeInSteps(steps, at, words, suggestion);

    [Theory]
    [InlineData("8000", "1:41", "'8000' stands here: expected :PORT/PATH such as :8000/health, or a mapping")]
    [InlineData("\":0/\"", "1:41", "':0/' stands here: expected :PORT/PATH")]
    [InlineData("\":80/a b\"", "1:41", "':80/a b' stands here: expected :PORT/PATH")]
    [InlineData("[80]", "1:41", "a list stands here: expected :PORT/PATH")]
    [InlineData("\":80/${save.x}\"", "1:41", "'${save.x}' names nothing")]
    [InlineData("{prot: 80}", "1:42", "'prot' is no key of an http request: expected port, path, method, headers or send", "port")]
    [InlineData("{path: health}", "1:48", "'health' stands here: expected a path that starts with '/'")]
    [InlineData("{method: get}", "1:50", "'get' stands here: expected a method in capitals", "GET")]
    [InlineData("{method: \"A B\"}", "1:50", "'A B' stands here: expected a method in capitals")]
    [InlineData("{headers: [a]}", "1:51", "a list stands here: expected a mapping from names to text")]
    [InlineData("{headers: {\"a b\": c}}", "1:52", "'a b' is no name for a header")]
    [InlineData("{headers: {a: \"b\\nc\"}}", "1:55", "'b\\nc' stands here: expected one line of text")]
    [InlineData("{send: [x]}", "1:48", "a list stands here: expected text")]
    [InlineData("\":80\", status: 99", "1:56", "'99' stands here: expected a status, 100 to 599")]
    [InlineData("\":80\", body: \"[\"", "1:54", "'[' is broken at its character")]
    [InlineData("\":80\", is: refused, status: 200", "1:61", "'status' stands beside 'is: refused': expected none, since there is no answer")]
    [InlineData("\":80\", json: {a: \"${save.x}\"}", "1:58", "'${save.x}' names nothing")]
    public void A_mistake_in_an_http_request_is_reported_once(string http, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistakeInSteps($"- expect: {{from: alpha, to: beta, http: {http}}}", at, words, suggestion);

    [Theory]
    [InlineData("- expect: {run: [], node: alpha}", "1:17", "an empty list stands here")]
    [InlineData("- expect: {run: \"echo ${save.x}\"}", "1:17", "'${save.x}' names nothing")]
    [InlineData("- expect: {run: x, node: host}", "1:26", "'host' is no node and no tag")]
    [InlineData("- expect: {run: x, node: fabrik}", "1:26", "'fabrik' is no node", "fabric")]
    [InlineData("- expect: {run: x, exit: 256}", "1:26", "'256' stands here: expected an exit code, 0 to 255")]
    [InlineData("- expect: {run: x, output: \"(\"}", "1:28", "'(' is broken at its character")]
    [InlineData("- expect: {run: x, output: \"${save.x}\"}", "1:28", "'${save.x}' names nothing")]
    [InlineData("- expect: {state: ready}", "1:3", "an expect of 'state' has no 'node': expected it here")]
    [InlineData("- expect: {exit: 0}", "1:3", "an expect of 'state' has no 'node': expected it here")]
    [InlineData("- expect: {log: x}", "1:3", "an expect of 'log' has no 'node': expected it here")]
    [InlineData("- expect: {node: alpha, state: redy}", "1:32", "'redy' stands here: expected idle, starting, running, ready, ended, restarting or paused", "ready")]
    [InlineData("- expect: {node: alpha, state: ready, exit: 0}", "1:39", "'exit' stands beside 'state: ready': expected 'state: ended', or no 'exit'")]
    [InlineData("- expect: {node: fabric, state: ready}", "1:12", "'fabric' has no program and no log")]
    [InlineData("- expect: {node: fabric, log: ready}", "1:12", "'fabric' has no program and no log")]
    [InlineData("- expect: {node: alpha, log: x, is: reachable}", "1:37", "'reachable' stands here: expected present or absent")]
    [InlineData("- expect: {node: alpha, log: x, since: begin}", "1:40", "'begin' stands here: expected start or step")]
    public void A_mistake_in_a_check_of_nodes_is_reported_once(string steps, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistakeInSteps(steps, at, words, suggestion);

    [Theory]
    [InlineData("exactly: -1", "1:49", "'-1' stands here: expected how many, 0 to 100000")]
    [InlineData("exactly: 1, at-least: 1", "1:52", "'exactly' and 'at-least' stand in one 'expect': expected one of them")]
    [InlineData("at-most: 1, exactly: 1", "1:52", "'exactly' and 'at-most' stand in one 'expect'")]
    [InlineData("at-least: 3, at-most: 2", "1:53", "'at-most: 2' is less than 'at-least: 3'")]
    [InlineData("exactly: 2", "1:40", "'exactly: 2' stands here, and it is about 1 node: expected 0 to 1")]
    [InlineData("at-least: 2, at-most: 3", "1:40", "'at-least: 2' stands here, and it is about 1 node: expected 0 to 1")]
    [InlineData("atleast: 1", "1:40", "'atleast' is no key of an expect", "at-least")]
    public void A_mistake_in_a_count_is_reported_once(string count, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistakeInSteps($"- expect: {{run: test x, node: [alpha], {count}}}", at, words, suggestion);

    [Theory]
    [InlineData("run: x, node: all, exactly: 5", "1:31", "'exactly: 5' stands here, and it is about 4 nodes")]
    [InlineData("run: x, exactly: 2", "1:20", "'exactly: 2' stands here, and it is about 1 place")]
    [InlineData("node: [alpha, beta], log: x, at-least: 3", "1:41", "'at-least: 3' stands here, and it is about 2 nodes")]
    [InlineData("from: all, to: all, is: refused, exactly: 13", "1:45", "'exactly: 13' stands here, and it is about 12 pairs")]
    [InlineData("from: [alpha, beta], to: [beta, gamma], is: refused, exactly: 4", "1:65", "'exactly: 4' stands here, and it is about 3 pairs")]
    [InlineData("from: alpha, to: beta, is: refused, exactly: 2", "1:48", "'exactly: 2' stands here, and it is about 1 pair:")]
    public void A_count_that_cannot_be_reached_is_a_mistake(string check, string at, string words) =>
        LabText.HasOneMistakeInSteps($"- expect: {{{check}}}", at, words);

    [Theory]
    [InlineData("- always: {node: alpha, state: ready}", "1:3", "'always' has no end: expected 'for' or 'steps' beside it")]
    [InlineData("- never: {node: alpha, state: ready}", "1:3", "'never' has no end: expected 'for' or 'steps' beside it")]
    [InlineData("- always: {node: alpha, state: ready}\n  steps: []", "2:10", "an empty list stands here: expected a list of steps")]
    [InlineData("- always: {node: alpha, state: ready}\n  for: 1s\n  every: 100", "3:10", "'100' needs a unit", "100s")]
    [InlineData("- always: {node: alpha, state: ready}\n  for: 1s\n  within: 1s", "3:3", "'within' does not go with 'always': expected name, for, steps or every")]
    [InlineData("- always: {expect: {node: alpha, state: ready}}\n  for: 1s", "1:12", "'expect' is no key of an expect")]
    [InlineData("- expect: {node: alpha, state: ready}\n  every: 1s", "2:3", "'every' does not go with 'expect': expected name, within or for")]
    public void A_mistake_in_a_check_beside_steps_is_reported_once(string steps, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistakeInSteps(steps, at, words, suggestion);

    [Theory]
    [InlineData("- wait: {ready: alpha, log: x}", "1:24", "'log' stands beside 'ready' in one wait: expected one of ready, log and run")]
    [InlineData("- wait: {ready: alpha, node: beta}", "1:24", "'node' does not go with 'ready': expected the nodes after 'ready' itself")]
    [InlineData("- wait: {ready: [alpha, bta]}", "1:25", "'bta' is no node", "beta")]
    [InlineData("- wait: {log: x, node: fabric}", "1:18", "'fabric' has no log")]
    [InlineData("- wait: {log: x, nod: alpha}", "1:18", "'nod' is no key of a wait: expected ready, log, run or node", "node")]
    [InlineData("- wait: {rdy: alpha}", "1:10", "'rdy' is no key of a wait", "ready")]
    [InlineData("- wait: {run: \"test ${save.x}\"}", "1:15", "'${save.x}' names nothing")]
    public void A_mistake_in_a_wait_is_reported_once(string steps, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistakeInSteps(steps, at, words, suggestion);
}
