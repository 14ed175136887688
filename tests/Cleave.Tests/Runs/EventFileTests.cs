using System.Text;
using Cleave.Control;
using Cleave.Runs;

namespace Cleave.Tests.Runs;

/// <summary>Events as they are written and read, whatever has happened to the file.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void What_is_written_is_read_and_each_line_has_the_schema()
    {
        LabEvent[] events =
        [
            Event(EventKind.Node, 0.5) with { Node = "a", Program = new ProgramMark(ProgramEdge.Started, 12, null) },
            Event(EventKind.Fault, 1) with { Fault = new FaultMark("isolate a", 0.9, 0.95, ["isolate a"], 2, [["a", "b"], ["b", "a"]]) },
            Event(EventKind.Check, 2) with { Check = new CheckMark("3:4", "a to be <ü>", false, "it was\nnot") },
        ];
        Write(events);
        EventStream read = EventReader.Read(_path);
        Assert.Equal(Lines(events), Lines(read.Events));
        Assert.Equal((0, false), (read.Damaged, read.IsTorn));
        Assert.All(File.ReadAllLines(_path), l => Assert.StartsWith("{\"schema\":1,", l, StringComparison.Ordinal));
    }

    [Fact]
    public void Cut_at_every_byte_it_is_read_up_to_there()
    {
        Write(Event(EventKind.Lab, 1) with { Text = "fünf" }, Event(EventKind.Lab, 2));
        byte[] whole = File.ReadAllBytes(_path);
        int firstLine = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int length = 0; length <= whole.Length; length++)
        {
            EventStream read = EventReader.Parse(whole.AsSpan(0, length));
            Assert.Equal(length < firstLine ? 0 : length < whole.Length ? 1 : 2, read.Events.Length);
            Assert.Equal(length > 0 && length != firstLine && length != whole.Length, read.IsTorn);
            Assert.Equal(0, read.Damaged);
        }
    }

    [Fact]
    public void A_line_that_is_damaged_costs_no_other()
    {
        Write(Event(EventKind.Lab, 1));
        File.AppendAllText(_path, "{\"schema\":1,\"ti\n\0\0\0\n");
        Write(Event(EventKind.Lab, 2));
        EventStream read = EventReader.Read(_path);
        Assert.Equal([1, 2], read.Events.Select(e => e.At!.Value));
        Assert.Equal(2, read.Damaged);
    }

    [Fact]
    public void What_steps_print_is_bounded_and_what_happens_is_not()
    {
        using (var file = new EventFile(_path))
        {
            for (int i = 0; i < EventFile.MostPrinted + 10; i++)
            {
                file.Add(Event(EventKind.Step, i));
            }

            file.Add(Event(EventKind.Fault, 99));
        }

        EventStream read = EventReader.Read(_path);
        Assert.Equal(EventFile.MostPrinted + 1, read.Events.Length);
        Assert.Contains("is left out", read.Events[^2].Text, StringComparison.Ordinal);
        Assert.Equal(EventKind.Fault, read.Events[^1].Kind);
    }

    [Fact]
    public void A_full_disk_is_no_failure_and_told_of()
    {
        using (var file = new EventFile("/dev/full"))
        {
            file.Add(Event(EventKind.Lab, 1));
        }

        Assert.True(EventReader.Read("/nowhere/events.jsonl").Events.IsEmpty);
    }

    private static LabEvent Event(EventKind kind, double at) => new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), kind, null, "text") { At = at };

    private static IEnumerable<string> Lines(IEnumerable<LabEvent> events) =>
        events.Select(e => Encoding.UTF8.GetString(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(e, ControlJson.Default.LabEvent)));

    private void Write(params LabEvent[] events)
    {
        using var file = new EventFile(_path);
        Array.ForEach(events, file.Add);
    }
}
