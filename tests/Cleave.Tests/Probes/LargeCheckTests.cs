using Cleave.Probes;
using Cleave.Tests.Faults;

namespace Cleave.Tests.Probes;

public class LargeCheckTests
{
    [Fact]
    public void Networks_whose_nodes_learn_each_other_are_not_checked_and_the_message_says_what_to_do_instead()
    {
        ReachabilityCheck.RefuseLearning(Labs.OfSize(128));
        InputException refused = Assert.Throws<InputException>(() => ReachabilityCheck.RefuseLearning(Labs.OfSize(129)));
        Assert.Contains("lan has 129", refused.Message, StringComparison.Ordinal);
        Assert.Contains("expect", refused.Message, StringComparison.Ordinal);
    }
}
