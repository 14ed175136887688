using System.Text;

namespace Cleave.Gateway;

/// <summary>Prints steps as a script that can be pasted into a shell.</summary>
public static class GatewayScript
{
    /// <summary>The commands in order; first those that are run.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="isRoot">Root needs no sudo.</param>
    public static string Print(GatewayPlan plan, bool isRoot)
    {
        string sudo = isRoot ? "" : "sudo ";
        var text = new StringBuilder();
        foreach (GatewayStep step in plan.Steps)
        {
            text.Append(step.Command(sudo)).Append('\n');
        }

        if (plan.Left.Length > 0)
        {
            text.Append("\n# Left to you by --no-firewall:\n");
            foreach (GatewayStep step in plan.Left)
            {
                foreach (string line in step.Command(sudo).Split('\n'))
                {
                    text.Append("# ").Append(line).Append('\n');
                }
            }
        }

        foreach (string note in plan.Notes)
        {
            text.Append("# Note: ").Append(note).Append('\n');
        }

        return text.ToString();
    }
}
