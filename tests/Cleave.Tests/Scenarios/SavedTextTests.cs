using Cleave.Scenarios;

namespace Cleave.Tests.Scenarios;

public class SavedTextTests
{
    private const string Hostile = "a'b\"c$(touch /tmp/x)`d`\n-rf ${save.other} \\";

    [Theory]
    [InlineData("${save.x}", "[x]")]
    [InlineData("a ${save.x} b ${save.y_1}", "a [x] b [y_1]")]
    [InlineData("$${save.x}", "${save.x}")]
    [InlineData("$$${save.x}", "$${save.x}")]
    [InlineData("a $${save.x} ${save.x}", "a ${save.x} [x]")]
    [InlineData("$x ${x} $${x} $$ ${save} ${save.} ${save.1} ${env.x} $$", "$x ${x} $${x} $$ ${save} ${save.} ${save.1} ${env.x} $$")]
    [InlineData("", "")]
    public void References_are_replaced_and_nothing_else(string text, string resolved) =>
        Assert.Equal(resolved, SavedText.Resolve(text, n => $"[{n}]"));

    [Fact]
    public void A_value_is_not_looked_into() => Assert.Equal($"<{Hostile}>", SavedText.Resolve("<${save.x}>", _ => Hostile));

    [Theory]
    [InlineData("echo \"${save.x}\"", "echo \"${CLEAVE_SAVE_x}\"")]
    [InlineData("echo $${save.x} $HOME ${y:-$$}", "echo ${save.x} $HOME ${y:-$$}")]
    public void A_shell_line_gets_the_shells_own_reference(string line, string resolved) =>
        Assert.Equal(resolved, SavedText.ResolveShell(line, _ => Hostile));

    [Fact]
    public void A_shell_line_needs_the_values_that_it_refers_to() =>
        Assert.Throws<KeyNotFoundException>(() => SavedText.ResolveShell("echo ${save.x}", name => throw new KeyNotFoundException(name)));
}
