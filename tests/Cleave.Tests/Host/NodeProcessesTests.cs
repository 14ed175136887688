using Cleave.Host;

namespace Cleave.Tests.Host;

public class NodeProcessesTests
{
    // The node's PID 1 is 10; 20 is its program, 21 a worker of it, 30 a daemon that PID 1 has adopted; 40 is an exec, 41 what it started,
    // 42 what an exec that is over has left behind; 50 is another node's.
    private static readonly LabProcess[] All =
    [
        new(1, 'S', 0, 1),
        new(10, 'S', 1, 10),
        new(20, 'S', 1, 20),
        new(21, 'R', 20, 20),
        new(22, 'S', 21, 22),
        new(30, 'S', 10, 30),
        new(40, 'S', 1, 40),
        new(41, 'S', 40, 41),
        new(42, 'S', 10, 39),
        new(50, 'S', 1, 50),
        new(51, 'S', 50, 50),
    ];

    [Fact]
    public void A_node_has_what_was_started_in_it_what_its_first_process_has_adopted_and_all_below()
    {
        IReadOnlyList<LabProcess> node = NodeProcesses.OfNode(All, init: 10, new HashSet<int> { 20, 40 });
        Assert.Equal([20, 21, 22, 30, 40, 41, 42], node.Select(p => p.Pid));
    }

    [Fact]
    public void What_others_have_started_is_not_the_programs()
    {
        IReadOnlyList<LabProcess> node = NodeProcesses.OfNode(All, init: 10, new HashSet<int> { 20, 40 });
        Assert.Equal([20, 21, 22, 30], NodeProcesses.OfProgram(node, new HashSet<int> { 39, 40 }).Select(p => p.Pid));
    }

    [Theory]
    [InlineData("20 (sleep) S 1 20 20 0 -1 4194560", 20, 'S', 1, 20)]
    [InlineData("7 (a) b (c d) T 3 5 6 0 -1", 7, 'T', 3, 6)]
    public void A_line_of_stat_is_read_whatever_the_name_is(string line, int pid, char state, int parent, int session) =>
        Assert.Equal(new LabProcess(pid, state, parent, session), LabProcess.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("x (sleep) S 1 20 20")]
    [InlineData("20 (sleep")]
    [InlineData("20 (sleep) S 1")]
    public void What_is_no_such_line_is_none(string line) => Assert.Null(LabProcess.Parse(line));
}
