using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Runs;
using Cleave.Topology;

namespace Cleave.Tests.Runs;

/// <summary>What is read out of events.</summary>
public class RunStoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Steps_have_their_ends_and_stand_in_each_other()
    {
        RunStory story = Story(
            Step(0, "1:1", "scenario"), Step(1, "2:1", "during"), Step(2, "3:1", "sleep"), Step(3, "3:1", "sleep", "done"), Step(4, "4:1", "run"), Step(5, "4:1", "run", "failed"),
            Step(6, "2:1", "during", "failed"), Step(7, "1:1", "scenario", "failed"));
        Assert.Equal(
            ["during 1-6 failed 0", "sleep 2-3 done 1", "run 4-5 failed 1"],
            story.Steps.Select(s => $"{s.Mark.Verb} {s.From}-{s.To} {s.End} {s.Depth}"));
        Assert.Empty(story.Open);
    }

    [Fact]
    public void A_fault_lasts_from_when_it_is_in_force_until_the_next_change_is_asked_for()
    {
        RunStory story = Story(Fault(1, "isolate a"), Fault(2, "isolate a", "cut b -> c"), Fault(3), Fault(5, "isolate b"));
        Assert.Equal(
            ["1-1.9 isolate a", "2-2.9 isolate a+cut b -> c", "5- isolate b"],
            story.Faults.Select(f => $"{f.From}-{f.To} {string.Join('+', f.Mark.InForce)}"));
    }

    [Fact]
    public void One_that_has_no_end_says_when_it_was_cut_off_and_in_which_steps()
    {
        RunStory story = Story(Step(0, "1:1", "scenario"), Step(1, "2:1", "during"), Step(2.5, "3:1", "sleep"));
        Assert.Equal("cut off at 12:00:02.500Z, 2.500 s after it began, during during (2:1), in it sleep (3:1)", StoryText.CutOff(story, RunState.CutOff));
        Assert.Null(StoryText.CutOff(story, RunState.Running));
        Assert.Equal("cut off before anything was recorded", StoryText.CutOff(Story(), RunState.CutOff));
        string text = StoryText.Of(story, new ListedRun("r", "/r", "s", RunState.CutOff, Noon, null, 1, null));
        Assert.Contains("run r: cut off at 12:00:02.500Z", text, StringComparison.Ordinal);
        Assert.Contains("    2.500  step    sleep (3:1)\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_step_draws_depends_on_seed_place_and_number_alone()
    {
        int[] drawn =
        [
            Seeds.Draw(1, "s", new Location(2, 3), 0), Seeds.Draw(2, "s", new Location(2, 3), 0), Seeds.Draw(1, "t", new Location(2, 3), 0),
            Seeds.Draw(1, "s", new Location(2, 4), 0), Seeds.Draw(1, "s", new Location(2, 3), 1),
        ];
        Assert.Equal(drawn.Length, drawn.Distinct().Count());
        Assert.Equal([1138317828, 0], [drawn[0], drawn.Count(d => d < 0)]); // the same in every version: a seed in a report stays good
        Assert.Equal([5, 6, 0], [Seeds.Of(5, 0), Seeds.Of(5, 1), Seeds.Of(int.MaxValue - 1, 1)]);
    }

    private static RunStory Story(params LabEvent[] events) => RunStory.Of(new EventStream([.. events], 0, false));

    private static LabEvent Step(double at, string place, string verb, string? end = null) => Event(at, EventKind.Step) with
    {
        Text = $"{verb} ({place})",
        Step = new StepMark("s", place, verb, null, end is null ? null : 1) { End = end },
    };

    private static LabEvent Fault(double at, params string[] inForce) => Event(at, EventKind.Fault) with
    {
        Fault = new FaultMark("x", at - 0.1, at, [.. inForce], inForce.Length, ImmutableArray<ImmutableArray<string>>.Empty),
    };

    private static LabEvent Event(double at, EventKind kind) => new(Noon.AddSeconds(at), kind, null, "") { At = at };
}
