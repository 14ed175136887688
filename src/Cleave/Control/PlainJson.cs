using System.Globalization;
using System.Text;

namespace Cleave.Control;

/// <summary>
/// Reads JSON (RFC 8259) into plain objects. System.Text.Json and what it is made of take as long to start as an empty program; commands that
/// read one small answer do without it. Tests hold it against System.Text.Json.
/// </summary>
internal sealed class PlainJson
{
    private const int Deepest = 64;

    private readonly string _text;
    private int _at;

    private PlainJson(string text) => _text = text;

    /// <summary>A value: a dictionary, a list, a string, a long, a double, a bool, or null.</summary>
    /// <exception cref="FormatException">The text is not one value of JSON.</exception>
    public static object? Parse(string text)
    {
        var reader = new PlainJson(text);
        object? value = reader.Value(0);
        reader.Space();
        return reader._at == text.Length ? value : throw reader.Broken();
    }

    /// <summary>A string as JSON writes it.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (char c in text)
        {
            _ = c is '"' or '\\' ? quoted.Append('\\').Append(c)
                : c < ' ' || char.IsSurrogate(c) ? quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture))
                : quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    private object? Value(int depth)
    {
        Space();
        if (depth > Deepest || _at == _text.Length)
        {
            throw Broken();
        }

        return _text[_at] switch
        {
            '{' => Members(depth),
            '[' => Items(depth),
            '"' => Text(),
            't' => Word("true", true),
            'f' => Word("false", false),
            'n' => Word("null", null),
            _ => Number(),
        };
    }

    private Dictionary<string, object?> Members(int depth)
    {
        var members = new Dictionary<string, object?>();
        if (Opens('}'))
        {
            return members;
        }

        do
        {
            Space();
            string name = _at < _text.Length && _text[_at] == '"' ? Text() : throw Broken();
            Space();
            Take(':');
            members[name] = Value(depth + 1);
        }
        while (Goes('}'));
        return members;
    }

    private List<object?> Items(int depth)
    {
        var items = new List<object?>();
        if (Opens(']'))
        {
            return items;
        }

        do
        {
            items.Add(Value(depth + 1));
        }
        while (Goes(']'));
        return items;
    }

    /// <summary>Goes past an opening bracket; true if the closing one follows.</summary>
    private bool Opens(char closing)
    {
        _at++;
        Space();
        if (_at < _text.Length && _text[_at] == closing)
        {
            _at++;
            return true;
        }

        return false;
    }

    /// <summary>True after a comma, false after the closing bracket.</summary>
    private bool Goes(char closing)
    {
        Space();
        char next = _at < _text.Length ? _text[_at++] : throw Broken();
        return next == ',' || (next == closing ? false : throw Broken());
    }

    private string Text()
    {
        var text = new StringBuilder();
        for (_at++; _at < _text.Length; _at++)
        {
            char c = _text[_at];
            switch (c)
            {
                case '"':
                    _at++;
                    return text.ToString();
                case '\\':
                    text.Append(Escape());
                    break;
                case < ' ':
                    throw Broken();
                default:
                    text.Append(c);
                    break;
            }
        }

        throw Broken();
    }

    private char Escape()
    {
        char c = ++_at < _text.Length ? _text[_at] : throw Broken();
        switch (c)
        {
            case '"' or '\\' or '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u' when _at + 4 < _text.Length
                && ushort.TryParse(_text.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code):
                _at += 4;
                return (char)code;
            default:
                throw Broken();
        }
    }

    private object Number()
    {
        int start = _at;
        bool whole = true;
        if (Is('-'))
        {
            _at++;
        }

        int digits = _at;
        Digits();
        if (_text[digits] == '0' && _at > digits + 1)
        {
            throw Broken();
        }

        if (Is('.'))
        {
            whole = false;
            _at++;
            Digits();
        }

        if (Is('e') || Is('E'))
        {
            whole = false;
            _at++;
            if (Is('+') || Is('-'))
            {
                _at++;
            }

            Digits();
        }

        ReadOnlySpan<char> number = _text.AsSpan(start, _at - start);
        return whole && long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer)
            ? (object)integer
            : double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private void Digits()
    {
        int start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }

        if (_at == start)
        {
            throw Broken();
        }
    }

    private bool Is(char c) => _at < _text.Length && _text[_at] == c;

    private object? Word(string word, object? value)
    {
        if (string.CompareOrdinal(_text, _at, word, 0, word.Length) != 0)
        {
            throw Broken();
        }

        _at += word.Length;
        return value;
    }

    private void Take(char c)
    {
        if (!Is(c))
        {
            throw Broken();
        }

        _at++;
    }

    private void Space()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
        }
    }

    private FormatException Broken() => new($"not JSON at character {_at}: {_text[..Math.Min(_text.Length, 200)]}");
}
