using System.Collections.Immutable;
using System.Text;

namespace Cleave.Topology;

/// <summary>
/// The text of an env-file, in the syntax of compose's .env files, without their interpolation: a <c>$</c> is a <c>$</c>. A file of secrets or of
/// another tool's settings then means the same here whatever the user's environment holds.
/// </summary>
/// <param name="text">The file's text.</param>
/// <param name="environment">Where a name without a value gets its value from.</param>
/// <param name="wrong">Called with each mistake: where, what is wrong, and the nearest valid text or null.</param>
internal sealed class EnvFileText(string text, IReadOnlyDictionary<string, string> environment, Action<Location, string, string?> wrong)
{
    private readonly ImmutableArray<KeyValuePair<string, string>>.Builder _variables = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
    private int _at;

    /// <summary>The variables in the file's order.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Read()
    {
        while (true)
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at]))
                _at++;
            if (_at == text.Length)
                return _variables.ToImmutable();
            if (text[_at] == '#' || !ReadVariable())
                SkipLine();
        }
    }

    /// <summary>False after a mistake: what is left of the line means nothing.</summary>
    private bool ReadVariable()
    {
        SkipExport();
        var begin = _at;
        while (_at < text.Length && text[_at] is not ('=' or ':' or '#') && !char.IsWhiteSpace(text[_at]))
            _at++;
        var name = text[begin.._at];
        var blanks = SkipBlanks();
        var isAlone = IsAtEnd() || (blanks > 0 && text[_at] == '#');
        if (!IsName(name))
            return Wrong(begin, $"{Quote.Text(name.Length == 0 ? Word(begin) : name)} is no name for a variable: expected NAME=VALUE, the name of letters, digits, '_', '.' and '-'");
        if (name.StartsWith("CLEAVE_", StringComparison.Ordinal))
            return Wrong(begin, $"{Quote.Text(name)} is one of Cleave's own variables: expected a name that does not start with CLEAVE_");
        if (isAlone)
        {
            if (environment.TryGetValue(name, out var own))
                _variables.Add(new(name, own));
            SkipLine();
            return true;
        }

        if (text[_at] is not ('=' or ':'))
            return Wrong(_at, $"{Quote.Text(Word(_at))} follows the name {Quote.Text(name)}: expected '='");
        _at++;
        if (ReadValue() is not { } value)
            return false;
        if (value.Contains('\0', StringComparison.Ordinal))
            return Wrong(begin, $"the value of {Quote.Text(name)} has a NUL character in it: expected text that programs can be given");
        _variables.Add(new(name, value));
        return true;
    }

    private void SkipExport()
    {
        const string Export = "export";
        if (string.CompareOrdinal(text, _at, Export, 0, Export.Length) == 0 && _at + Export.Length < text.Length && text[_at + Export.Length] is ' ' or '\t')
        {
            _at += Export.Length;
            SkipBlanks();
        }
    }

    private string? ReadValue()
    {
        var blanks = SkipBlanks();
        if (IsAtEnd() || (blanks > 0 && text[_at] == '#'))
        {
            SkipLine();
            return "";
        }

        return text[_at] is '"' or '\'' ? ReadQuoted(text[_at]) : ReadPlain();
    }

    /// <summary>To the end of the line, or to a comment, which a blank precedes.</summary>
    private string ReadPlain()
    {
        var begin = _at;
        while (!IsAtEnd() && !(text[_at] == '#' && text[_at - 1] is ' ' or '\t'))
            _at++;
        var value = text[begin.._at].TrimEnd();
        SkipLine();
        return value;
    }

    /// <summary>To the closing quote, over several lines if need be.</summary>
    private string? ReadQuoted(char quote)
    {
        var begin = _at++;
        var value = new StringBuilder();
        for (; _at < text.Length && text[_at] != quote; _at++)
        {
            if (text[_at] == '\\' && _at + 1 < text.Length && (quote == '"' || text[_at + 1] == quote))
                value.Append(Unescape(text[++_at]));
            else
                value.Append(text[_at]);
        }

        if (_at == text.Length)
        {
            Wrong(begin, $"a value begins with {quote} here, and no {quote} ends it: expected one, on this line or below");
            return null;
        }

        _at++;
        SkipBlanks();
        if (!IsAtEnd() && text[_at] != '#')
        {
            Wrong(_at, $"{Quote.Text(Word(_at))} follows the closing {quote}: expected the end of the line or a comment");
            return null;
        }

        SkipLine();
        return value.ToString();
    }

    private static char Unescape(char escaped) => escaped switch
    {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'v' => '\v',
        _ => escaped,
    };

    private bool Wrong(int at, string message)
    {
        var lineBegin = at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;
        wrong(new(text.AsSpan(0, at).Count('\n') + 1, at - lineBegin + 1), message, null);
        return false;
    }

    private string Word(int at)
    {
        var end = at;
        while (end < text.Length && !char.IsWhiteSpace(text[end]))
            end++;
        return text[at..end];
    }

    private bool IsAtEnd() => _at == text.Length || text[_at] == '\n' || (text[_at] == '\r' && (_at + 1 == text.Length || text[_at + 1] == '\n'));

    private int SkipBlanks()
    {
        var begin = _at;
        while (_at < text.Length && text[_at] is ' ' or '\t')
            _at++;
        return _at - begin;
    }

    private void SkipLine()
    {
        while (_at < text.Length && text[_at] != '\n')
            _at++;
    }

    private static bool IsName(string name) =>
        name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
