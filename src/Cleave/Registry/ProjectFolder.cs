using Cleave.Topology;

namespace Cleave.Registry;

/// <summary>The folder that nodes see at its own path whatever else they see: the lab file's repository, or its own folder.</summary>
internal static class ProjectFolder
{
    public static string Of(LabTopology topology) => Of(topology.Directory);

    /// <summary>The repository that a folder is in, or the folder.</summary>
    public static string Of(string directory)
    {
        for (var folder = new DirectoryInfo(directory); folder is not null; folder = folder.Parent)
        {
            if (Path.Exists(Path.Combine(folder.FullName, ".git")))
            {
                return folder.FullName;
            }
        }

        return directory;
    }
}
