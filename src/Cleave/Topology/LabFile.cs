namespace Cleave.Topology;

/// <summary>The bytes of a lab file.</summary>
internal static class LabFile
{
    /// <summary>Reads no more than decides whether the file is too large.</summary>
    /// <returns>What went wrong, with what to do about it; null if it went well.</returns>
    public static Diagnostic? TryRead(string path, out byte[] bytes)
    {
        bytes = [];
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            return Problem(path, "the name of the file is empty or has a NUL in it: expected the path of a lab file");
        if (Directory.Exists(path))
            return Problem(path, "this is a folder: expected the lab file itself", Path.Combine(path, TopologyReader.DefaultFile));

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var buffer = new byte[SourceText.Limit + 1];
            bytes = buffer[..stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Problem(path,
                $"no such file: "
                + $"expected a lab file; cleave looks for {TopologyReader.DefaultFile} in this folder and above, another one is given by its path, "
                + "and 'cleave init' writes a first one");
        }
        catch (UnauthorizedAccessException)
        {
            return Problem(path, "permission denied: expected a file that you may read; look at its mode with 'ls -l'");
        }
        catch (IOException e)
        {
            return Problem(path, $"cannot be read ({e.Message}): expected a lab file");
        }
    }

    private static Diagnostic Problem(string path, string message, string? suggestion = null) => new(path, new(1, 1), message, suggestion);
}
