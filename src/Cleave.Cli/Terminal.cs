using Cleave.Control;

namespace Cleave.Cli;

/// <summary>What the user sees: prefixed lines, with colours where a terminal shows them (and NO_COLOR is not set, see no-color.org).</summary>
internal sealed class Terminal
{
    private const string Reset = "\e[0m";
    private static readonly string[] Colours = ["\e[36m", "\e[33m", "\e[32m", "\e[34m", "\e[96m", "\e[93m", "\e[92m", "\e[94m"];

    private readonly Dictionary<string, int> _order;
    private readonly int _width;
    private readonly TextWriter _out;
    private readonly bool _colour;

    /// <param name="nodes">In the file's order, which gives the colours.</param>
    /// <param name="output">Where to.</param>
    /// <param name="isTerminal">Whether that shows colours.</param>
    public Terminal(IEnumerable<string> nodes, TextWriter output, bool isTerminal)
    {
        _order = nodes.Index().ToDictionary(n => n.Item, n => n.Index, StringComparer.Ordinal);
        _width = Math.Max("cleave".Length, _order.Keys.DefaultIfEmpty("").Max(n => n.Length));
        _out = output;
        _colour = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    }

    public static Terminal ForOutput(IEnumerable<string> nodes) => new(nodes, Console.Out, !Console.IsOutputRedirected);

    public static Terminal ForErrors(IEnumerable<string> nodes) => new(nodes, Console.Error, !Console.IsErrorRedirected);

    public static void Error(string message) => Console.Error.WriteLine($"cleave: {message}");

    /// <summary>One event, one line or more, each with its prefix.</summary>
    public void Write(LabEvent happened)
    {
        if (happened.Step is { Name: null } || happened.Kind is EventKind.Check or EventKind.Probe)
        {
            return; // the timeline of steps is for programs and reports; people see what they have given a name, and faults
        }

        bool log = happened.Kind == EventKind.Log;
        string prefix = log ? happened.Node! : "cleave";
        string text = !log && happened.Node is { } node ? $"{node} {happened.Text}" : happened.Text;
        string colour = log ? Colours[_order.GetValueOrDefault(prefix) % Colours.Length]
            : happened.Kind == EventKind.Fault ? "\e[1;35m"
            : "\e[1m";
        foreach (string line in text.Split('\n'))
        {
            Line(prefix, line, colour, wholeLine: !log);
        }
    }

    /// <summary>A line of Cleave's own.</summary>
    public void Say(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            Line("cleave", line, "\e[1m", wholeLine: true);
        }
    }

    private void Line(string prefix, string text, string colour, bool wholeLine)
    {
        string padded = prefix.PadRight(_width) + " | ";
        _out.WriteLine(!_colour ? padded + text : wholeLine ? $"{colour}{padded}{text}{Reset}" : $"{colour}{padded}{Reset}{text}");
    }
}
