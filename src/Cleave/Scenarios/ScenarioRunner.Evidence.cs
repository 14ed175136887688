using System.Collections.Concurrent;
using Cleave.Evidence;

namespace Cleave.Scenarios;

/// <content>What was counted of the scenario's faults, and what it proves.</content>
internal sealed partial class ScenarioRunner
{
    private readonly ConcurrentQueue<WindowEvidence> _windows = [];

    /// <summary>A fault has ended.</summary>
    private void Take(WindowEvidence window) => _windows.Enqueue(window);

    /// <summary>Why the scenario proves nothing although every step did what it should; null if its faults are proven.</summary>
    private string? Unproven()
    {
        string[] doubts = [.. _windows.Where(w => w.Verdict is EvidenceVerdict.Silent or EvidenceVerdict.Leaked or EvidenceVerdict.Unknown).Select(w => w.Sentence)];
        return doubts.Length == 0 ? null : string.Join('\n', doubts.Distinct());
    }
}
