using System.Text;
using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>Variables of the environment in values of the file.</summary>
public sealed class EnvTextTests
{
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["IP"] = "172.23.0.7",
        ["PORT"] = "8000",
        ["EMPTY"] = "",
        ["EVIL"] = "x; rm -rf \"$HOME\" $(reboot)",
    };

    [Fact]
    public void Values_of_every_kind_are_put_in_place()
    {
        Node node = Read(
            """
            nodes:
              a:
                ip: ${env.IP}
                dir: /srv/${env.PORT}/${env.EMPTY:-x}/${env.NONE:-y}${env.EMPTY}
                run: [echo, "${env.EVIL}", "$${env.EVIL}", "${env.NONE:-}"]
                env: {A: "<${env.EVIL}>"}
                ready: {tcp: "${env.PORT}", within: "${env.NONE:-3s}"}
                job: ${env.NONE:-true}
            """).Topology!.Nodes[0];
        Assert.Equal("172.23.0.7", $"{node.Attachments[0].Addresses[0]}");
        Assert.Equal("/srv/8000/x/y", node.Dir);
        Assert.Equal(["echo", Environment["EVIL"], "${env.EVIL}", ""], Assert.IsType<Command.Argv>(node.Run).Arguments);
        Assert.Equal($"<{Environment["EVIL"]}>", node.Env[0].Value);
        Assert.Equal(new Ready.Tcp(8000, TimeSpan.FromSeconds(3)), node.Ready);
        Assert.True(node.Job);
    }

    [Fact]
    public void A_shell_line_gets_the_shells_own_references_and_no_value()
    {
        Node node = Read("nodes: {a: {ip: 172.23.0.1, run: 'echo \"${env.EVIL}\" ${env.NONE:-a b} ${PORT} $${env.PORT}'}}").Topology!.Nodes[0];
        Assert.Equal("echo \"${EVIL}\" ${NONE:-a b} ${PORT} ${env.PORT}", Assert.IsType<Command.Shell>(node.Run).Line);
    }

    [Theory]
    [InlineData("nodes: {a: {ip: '${env.NONE}'}}", "2:17: error: '${env.NONE}' stands here, and the variable is not set: expected it in the environment, or a default: ${env.NONE:-…}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, run: 'x ${env.NONE}'}}", "2:34: error: '${env.NONE}' stands here, and the variable is not set")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, ready: {tcp: '${env.NONE}'}}}", "2:42: error: '${env.NONE}' stands here, and the variable is not set")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, dir: '${env.1x}'}}", "2:34: error: '${env.1x}' stands here: expected ${env.NAME} or ${env.NAME:-default}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, dir: '${env.PORT'}}", "2:34: error: '${env.PORT' stands here: expected ${env.NAME} or ${env.NAME:-default}")]
    [InlineData("nodes: {a: {ip: '${env.EVIL}'}}", "'${env.EVIL}', which is 'x; rm -rf \"$HOME\" $(reboot)', stands here: expected an")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, ready: {tcp: '${env.IP}'}}}", "'172.23.0.7' stands here: expected a port")]
    public void What_is_not_set_or_no_reference_is_one_mistake_with_its_place(string yaml, string message) =>
        Assert.Contains(message, $"{Assert.Single(Read(yaml).Diagnostics)}", StringComparison.Ordinal);

    private static ReadResult Read(string yaml) =>
        TopologyReader.Parse("/lab/cleave.yaml", Encoding.UTF8.GetBytes("cleave: 1\n" + yaml), Environment);
}
