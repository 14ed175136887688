
namespace Cleave.Tests.Topology;

public class AllMistakesTests
{
    private static readonly string[] Expected =
        """
        1:9 '3' stands here
        2:1 'netwrks' is no key
        5:17 '172.23.0.1/24' is not the network's own address
        7:17 10.0.0.128/25 of network 'far' overlaps
        9:30 an empty list
        9:39 'maybe' stands here
        10:3 'Beta' is no name
        10:14 '10.0.0.1' for node 'Beta'
        10:37 '99999' stands here
        10:52 '5' needs a unit
        11:15 '10.0.0.255' is the broadcast address
        11:33 'CLEAVE_X' is one of Cleave's own
        11:49 a list stands here
        11:55 'colour' is no key
        12:3 'fabric' is a reserved name
        13:37 'lam' is no network
        14:3 'alpha' stands twice
        17:16 'alhpa' is no node
        18:7 'hael' is no step
        19:7 'during' has no end
        19:16 'mend' is no fault
        20:14 '10' needs a unit
        21:7 'within' does not go with 'sleep'
        22:44 'gone' stands here
        24:7 'within' and 'for' stand beside
        25:3 'second try' is no name
        26:16 '${save.leader}' names nothing
        27:15 'many' stands here
        29:34 'alpha' is both ends
        30:11 a step without a verb
        """.Split('\n');

    [Fact]
    public void All_mistakes_of_a_file_are_reported_at_once_in_order_and_nothing_else()
    {
        var found = LabText.Read("""
            cleave: 3
            netwrks: {}
            x-fine: 1
            networks:
              lan: {subnet: 172.23.0.1/24}
              wan: {subnet: 10.0.0.0/24}
              far: {subnet: 10.0.0.128/25}
            nodes:
              alpha: {ip: 10.0.0.1, run: [], job: maybe}
              Beta: {ip: 10.0.0.1, ready: {tcp: 99999, within: 5}}
              gamma: {ip: 10.0.0.255, env: {CLEAVE_X: 1, A: [b]}, colour: red}
              fabric: {ip: 10.0.0.4}
              delta: {networks: {wan: 10.0.0.5, lam: 172.23.0.5}}
              alpha: {ip: 10.0.0.6}
            scenarios:
              first:
                - isolate: alhpa
                - hael
                - during: {mend: {between: [alpha, Beta]}}
                - sleep: 10
                  within: 1s
                - expect: {from: alpha, to: delta, is: gone}
                  for: 1s
                  within: 2s
              second try:
                - isolate: "${save.leader}"
                - repeat: many
                  steps:
                    - cut: {from: alpha, to: alpha}
                    - {}
            """).Diagnostics;

        Assert.Equal(
            Expected,
            found.Select((d, i) => Prefix($"{d.At} {d.Message}", i)));

        string Prefix(string text, int index)
        {
            // As much of the message as the expectation has of it.
            var expected = index < Expected.Length ? Expected[index] : text;
            return text.StartsWith(expected, StringComparison.Ordinal) ? expected : text;
        }
    }

    [Fact]
    public void A_mistake_is_printed_as_compilers_print_it() =>
        Assert.Equal("/lab/cleave.yaml:3:13: error: 'singal' is no key of a way to stop: expected signal or grace; did you mean 'signal'?",
            LabText.Single("cleave: 1\nnodes: {a: {ip: 172.23.0.1,\n     stop: {singal: TERM}}}").ToString());
}
