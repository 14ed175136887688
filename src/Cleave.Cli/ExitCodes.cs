namespace Cleave.Cli;

/// <summary>What the exit codes mean, in every verb that does not pass on a program's own.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int WrongInput = 2;
    public const int Inconclusive = 3;
    public const int MachineCannot = 4;
    public const int LabBroke = 5;

    /// <summary>Cleave's own failure, where other codes are the program's (docker-run(1) does the same).</summary>
    public const int Own = 125;

    public const int Interrupted = 130;

    /// <summary>Of several scenarios: the worst.</summary>
    public static int Worst(IEnumerable<int> codes)
    {
        int[] all = [.. codes];
        return Array.Find([Interrupted, LabBroke, MachineCannot, Failed, Inconclusive], all.Contains);
    }
}
