using Cleave.Host;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Tests.Host;

public class SupervisorTests
{
    private static readonly ExitStatus Good = new(0, 0);
    private static readonly ExitStatus Bad = new(3, 0);

    [Theory]
    [InlineData(Supervision.StopOnFailure, false, 0, 0)]
    [InlineData(Supervision.StopOnFailure, false, 3, 3)]
    [InlineData(Supervision.StopOnFailure, true, 0, null)]
    [InlineData(Supervision.StopOnFailure, true, 3, 3)]
    [InlineData(Supervision.WaitAllSuccessful, false, 0, null)]
    [InlineData(Supervision.WaitAllSuccessful, false, 3, 3)]
    [InlineData(Supervision.WaitAllSuccessful, true, 0, null)]
    [InlineData(Supervision.WaitAllSuccessful, true, 3, 3)]
    public void An_end_while_others_run_ends_the_lab_as_the_file_says(Supervision mode, bool job, int code, int? expected)
    {
        var node = new Node("a", []) { Job = job };
        ExitStatus status = code == 0 ? Good : Bad;
        Assert.Equal(expected, Supervisor.Decide(mode, node, status, [status, null])?.Code);
    }

    [Fact]
    public void The_last_good_end_ends_a_lab_that_waits_for_all()
    {
        var node = new Node("a", []);
        Assert.Equal((0, "all programs have ended with exit code 0"), Supervisor.Decide(Supervision.WaitAllSuccessful, node, Good, [Good, Good]));
        Assert.Equal((3, "a ended with exit code 3"), Supervisor.Decide(Supervision.WaitAllSuccessful, node, Bad, [Good, Bad]));
        Assert.Null(Supervisor.Decide(Supervision.WaitAllSuccessful, node, Good, [Good, Bad]));
    }
}
