using Cleave.Control;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What a program printed reaches later steps as it is, whatever it looks like, and is never read by a shell's parser.</summary>
public sealed class SavedValueTests : ScenarioTest
{
    private const string Hostile = "a'b\"c$(touch pwned)`touch pwned`;touch pwned\n-rf * ${HOME} \\ é";

    protected override string Nodes =>
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1}
          b: {ip: 172.23.0.2}
        scenarios:

        """;

    protected override void Prepare(CleaveCommand cleave) => cleave.Write("hostile", Hostile + "\n\n");

    [Fact]
    public async Task A_hostile_value_arrives_as_it_is()
    {
        ScenarioResult result = Assert.Single(await PassAsync(
            """
              s:
                - {run: cat hostile, save: value}
                - {run: 'printf %s "${save.value}"', save: in_a_shell_line}
                - {run: [printf, "%s", "${save.value}"], save: as_argument}
                - {run: [sh, -c, 'printf %s "$1"', sh, "${save.value}"], node: a, save: as_parameter}
                - {run: 'printf %s "$CLEAVE_SAVE_value"', node: b, save: in_the_environment}
                - {run: "printf '%s\n' ${save.value} | head -n 1", save: in_words}
                - {run: "cat <<END\n${save.value}\nEND", save: in_a_document}
                - {run: "printf %s '$${save.value}'", save: escaped}
                - expect: {run: cat hostile, output: "^${save.value}$"}
                - expect: {run: [python3, -c, "import json, os; print(json.dumps({'v': os.environ['CLEAVE_SAVE_value']}))"], json: {v: "${save.value}"}}
                - {run: 'touch -- "${save.value}" && ls && rm -- "${save.value}"', save: ls}
                - run: test ! -e pwned
            """.Replace("python3", Tool.Python, StringComparison.Ordinal)));
        foreach (string name in new[] { "value", "in_a_shell_line", "as_argument", "as_parameter", "in_the_environment", "in_a_document" })
        {
            Assert.Equal(Hostile, result.Saved[name]);
        }

        Assert.Equal("a'b\"c$(touch", result.Saved["in_words"]);
        Assert.Equal("${save.value}", result.Saved["escaped"]);
    }

    [Fact]
    public async Task What_cannot_be_handed_to_programs_is_refused_with_the_reason()
    {
        string[] failures = await FailAsync(
            """
              nul: [{run: "printf 'ab\\0c'", save: x}]
              bytes: [{run: "printf 'ab\\377'", save: x}]
              much: [{run: "head -c 10485760 /dev/zero | tr '\\0' x", save: x}]
              many:
                - {run: "head -c 65536 /dev/zero | tr '\\0' x", save: fits}
                - {run: 'printf %s "${save.fits}" | wc -c | grep -qx 65536'}
                - {run: "head -c 65537 /dev/zero | tr '\\0' x", save: x}
              node:
                - {run: "echo 'no such\nnode'", save: x}
                - isolate: "${save.x}"
              unsaved:
                - repeat: 1
                  steps: [{run: 'echo ${save.x}'}]
                - {run: echo, save: x}
              empty:
                - {run: echo, save: x}
                - expect: {from: a, to: "${save.x}", is: reachable}
              several:
                - {run: echo a b, save: x}
                - {run: hostname, node: "${save.x}"}
              matched: [{expect: {run: "head -c 2000000 /dev/zero | tr '\\0' x", output: x}}]
            """);
        Assert.Contains("cannot be saved as x: it printed a NUL character (byte 3)", failures[0], StringComparison.Ordinal);
        Assert.Contains("cannot be saved as x: it printed what is not UTF-8 (byte 3 is 0xff)", failures[1], StringComparison.Ordinal);
        Assert.Contains("cannot be saved as x: it printed 10485760 bytes: more than 65536, which is the limit", failures[2], StringComparison.Ordinal);
        Assert.Contains("it printed 65537 bytes: more than 65536", failures[3], StringComparison.Ordinal);
        Assert.Contains(@"${save.x} is 'no such\nnode', and 'no' is no node: expected a or b", failures[4], StringComparison.Ordinal);
        Assert.Contains("${save.x} is used before a step has saved it", failures[5], StringComparison.Ordinal);
        Assert.Contains("${save.x} is empty: expected the name of a node", failures[6], StringComparison.Ordinal);
        Assert.Contains("${save.x} is 'a b': expected one node", failures[7], StringComparison.Ordinal);
        Assert.Contains("it printed 2000000 bytes: more than 1048576, which is the limit", failures[8], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_nodes_in_one_value_are_a_list() => await PassAsync(
        """
          s:
            - {run: "echo a, b", save: all}
            - isolate: "${save.all}"
            - expect: {from: "${save.all}", to: "${save.all}", is: unreachable}
        """);
}
