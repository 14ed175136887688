using Cleave.Scenarios;
using Cleave.Tests.Topology;

namespace Cleave.Tests.Scenarios;

public class CheckSentenceTests
{
    [Theory]
    [InlineData("from: alpha, to: beta, is: unreachable", "beta to be unreachable from alpha by icmp")]
    [InlineData("from: all, to: [beta, delta], tcp: 80, is: refused", "beta and delta to be refused from all nodes by tcp port 80")]
    [InlineData("from: alpha, to: beta, udp: 53, is: reachable, at-least: 1", "at least 1 of 7: beta to be reachable from alpha by udp port 53")]
    [InlineData("from: alpha, to: beta, http: \":8/x\"", "beta to answer http GET :8/x from alpha with status 2xx")]
    [InlineData("from: alpha, to: beta, http: \":8/x\", status: 404, body: no, json: {a: 1}",
        "beta to answer http GET :8/x from alpha with status 404, a body that matches /no/, JSON that has {\"a\":1}")]
    [InlineData("from: alpha, to: beta, http: \":8/x\", is: refused", "beta to be refused from alpha by http GET :8/x")]
    [InlineData("run: ./role, node: all, output: leader, exactly: 1", "exactly 1 of 7: `./role` on all nodes to end with exit code 0 and to print what matches /leader/")]
    [InlineData("run: [a, b], exit: 3", "`a b` on fabric to end with exit code 3")]
    [InlineData("node: alpha, exit: 3", "alpha to be ended with exit code 3")]
    [InlineData("node: [alpha, beta], log: x", "a line that matches /x/ in the log of alpha and beta")]
    [InlineData("node: alpha, log: x, is: absent, since: step", "no line that matches /x/ in the log of alpha since the step before")]
    public void What_is_expected_is_a_sentence(string check, string sentence) =>
        Assert.Equal(sentence, CheckSentence.Of(((Step.Expect)LabText.ValidSteps($"- expect: {{{check}}}")[0]).Check, 7));
}
