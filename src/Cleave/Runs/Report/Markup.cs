using System.Globalization;
using System.Text;

namespace Cleave.Runs.Report;

/// <summary>Writes HTML and SVG. Texts and values of attributes are escaped here and nowhere else: what a program printed can be anything.</summary>
internal sealed class Markup
{
    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();

    /// <summary>Begins an element.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="attributes">Names and values in turn; one without a value is left out.</param>
    public Markup Open(string name, params ReadOnlySpan<string?> attributes)
    {
        Begin(name, attributes);
        _text.Append('>');
        _open.Push(name);
        return this;
    }

    /// <summary>An element without content.</summary>
    public Markup Empty(string name, params ReadOnlySpan<string?> attributes)
    {
        Begin(name, attributes);
        _text.Append("/>");
        return this;
    }

    /// <summary>Ends the innermost element.</summary>
    public Markup Close()
    {
        _text.Append("</").Append(_open.Pop()).Append('>');
        return this;
    }

    /// <summary>Ends it, and the line.</summary>
    public Markup CloseLine()
    {
        Close();
        _text.Append('\n');
        return this;
    }

    /// <summary>A text.</summary>
    public Markup Text(string text)
    {
        Escape(text);
        return this;
    }

    /// <summary>An element with a text.</summary>
    public Markup Say(string name, string text, params ReadOnlySpan<string?> attributes)
    {
        Open(name, attributes);
        Escape(text);
        return Close();
    }

    /// <summary>What is markup already, and ours.</summary>
    public Markup Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    /// <summary>A table whose heads are heads for screen readers, too.</summary>
    public Markup Table(string caption, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows, string? kind = null)
    {
        Open("div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", caption).Open("table", "class", kind).Say("caption", caption).Open("thead").Open("tr");
        foreach (string head in heads)
        {
            Say("th", head, "scope", "col");
        }

        Close().Close().Open("tbody");
        foreach (IReadOnlyList<string> row in rows)
        {
            Open("tr").Say("th", row[0], "scope", "row");
            foreach (string cell in row.Skip(1))
            {
                Say("td", cell);
            }

            CloseLine();
        }

        return Close().Close().CloseLine();
    }

    /// <summary>A number as markup and people read it.</summary>
    public static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Seconds with so many digits as matter in a run of that length.</summary>
    public static string Seconds(double seconds, double length = 1) => seconds.ToString(length > 600 ? "0.0" : "0.000", CultureInfo.InvariantCulture) + " s";

    public override string ToString() => _open.Count == 0 ? _text.ToString() : throw new InvalidOperationException($"{_open.Peek()} is not closed");

    private void Begin(string name, ReadOnlySpan<string?> attributes)
    {
        _text.Append('<').Append(name);
        for (int i = 0; i < attributes.Length; i += 2)
        {
            if (attributes[i + 1] is { } value)
            {
                _text.Append(' ').Append(attributes[i]).Append("=\"");
                Escape(value);
                _text.Append('"');
            }
        }
    }

    private void Escape(string text)
    {
        foreach (char c in text)
        {
            _ = c switch
            {
                '<' => _text.Append("&lt;"),
                '>' => _text.Append("&gt;"),
                '&' => _text.Append("&amp;"),
                '"' => _text.Append("&quot;"),
                '\'' => _text.Append("&#39;"),
                '\0' or (< ' ' and not ('\n' or '\t')) => _text.Append('\uFFFD'),
                _ => _text.Append(c),
            };
        }
    }
}
