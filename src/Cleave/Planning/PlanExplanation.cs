using System.Text;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>
/// Prints a plan for people who learn: its commands by what they are for, each with a sentence on what it does, and for each kind what would break
/// without it and where to read on. Still a script: purposes come in an order in which the commands can be run.
/// </summary>
public static class PlanExplanation
{
    private const int Width = 110;

    /// <summary>The whole plan.</summary>
    public static string Print(LabPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var names = new PlaceNames(plan.Topology);
        var shared = SharedTexts.Of(plan);
        var text = new StringBuilder();
        Say(text, $"What makes the lab {LabName.Short(plan.Topology.Directory)}, by purpose. Commands of a kind stand together, after what the kind is for, what would break without it, and where to " +
            "read on. In this order they can be run, a purpose at a time, or all of it where it ends with the shell, without root:");
        text.Append("#   cleave plan --explain >plan.sh; unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run && sh plan.sh && exec sh'\nset -e\n");

        var meanings = new OperationMeanings(plan);
        IEnumerable<(Operation Operation, Chapter Chapter)> network = plan.Network.Select(o => (o, meanings.ChapterOf(o))).ToList();
        Purpose? last = null;
        foreach (Chapter chapter in Chapter.OfNetwork)
        {
            Operation[] operations = [.. network.Where(o => o.Chapter == chapter).Select(o => o.Operation)];
            if (operations.Length == 0 && chapter != Chapter.Namespaces)
            {
                continue;
            }

            Open(chapter, ref last, text);
            if (chapter == Chapter.Namespaces)
            {
                text.Append("\n# The fabric, the lab's switch room: bridges, and the far end of every cable, out of the nodes' reach.\nip netns add fabric\n");
            }

            foreach (Operation operation in operations)
            {
                text.Append($"\n# {meanings.Sentence(operation)}\n{PlanPrinter.Line(operation, names)}\n");
            }
        }

        foreach (Chapter chapter in Chapter.OfRooms.Where(c => plan.Rooms.Any(o => meanings.ChapterOf(o) == c)))
        {
            Open(chapter, ref last, text);
        }

        text.Append(shared.Commands);
        foreach (Operation operation in plan.Rooms)
        {
            // The first line of a room is its heading.
            text.Append(operation is Operation.EnterRoom ? "" : $"# {meanings.Sentence(operation)}\n").Append(PlanPrinter.Line(operation, names, shared)).Append('\n');
        }

        return text.ToString();
    }

    private static void Open(Chapter chapter, ref Purpose? last, StringBuilder text)
    {
        if (chapter.Purpose != last)
        {
            string title = $"# ==== {chapter.Purpose.Title} ";
            text.Append('\n').Append(title.PadRight(Width, '=')).Append('\n');
            Say(text, chapter.Purpose.About);
            text.Append("#\n");
            last = chapter.Purpose;
        }

        else
        {
            text.Append('\n');
        }

        Say(text, $"{chapter.Command}: {chapter.What}", "  ");
        Say(text, $"Without it: {chapter.Without}", "  ");
        Say(text, $"Read on: {chapter.Pages}", "  ");
    }

    /// <summary>A comment of as many lines as it takes.</summary>
    private static void Say(StringBuilder text, string words, string indent = "")
    {
        int length = 0;
        foreach (string word in words.Split(' '))
        {
            if (length == 0 || length + 1 + word.Length > Width)
            {
                string begin = (length == 0 ? "# " : "\n# ") + indent;
                text.Append(begin);
                length = begin.Length;
            }
            else
            {
                text.Append(' ');
                length++;
            }

            text.Append(word);
            length += word.Length;
        }

        text.Append('\n');
    }
}
