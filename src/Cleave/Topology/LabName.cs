namespace Cleave.Topology;

/// <summary>What a lab is called after its folder.</summary>
internal static class LabName
{
    /// <summary>Letters, digits and hyphens of the folder's name, short enough that a socket below it fits into 108 bytes.</summary>
    public static string Short(string directory)
    {
        string name = new([.. Path.GetFileName(directory).ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-').Take(24)]);
        name = name.Trim('-');
        return name.Length == 0 ? "lab" : name;
    }
}
