namespace Cleave.KernelTests.Harness;

/// <summary>A test of the course, examples/from-scratch.</summary>
public abstract class CourseTest : KernelTest
{
    protected const string Course = "examples/from-scratch";

    /// <summary>What a lab needs beyond a base system.</summary>
    /// <param name="lab">Its folder's name, or the path of something in it.</param>
    protected static void RequireTools(string lab)
    {
        ArgumentNullException.ThrowIfNull(lab);
        if (lab.Contains("05-nat", StringComparison.Ordinal) || lab.Contains("06-cni", StringComparison.Ordinal))
        {
            Tool.Require("nft", "nftables");
            Tool.Require("curl", "curl");
        }

        if (lab.Contains("06-cni", StringComparison.Ordinal))
        {
            Tool.Require("iptables", "iptables");
            Assert.SkipUnless(File.Exists("/usr/lib/cni/portmap"), "needs the package containernetworking-plugins");
        }
    }
}
