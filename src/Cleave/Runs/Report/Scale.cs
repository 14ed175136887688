using System.Globalization;

namespace Cleave.Runs.Report;

/// <summary>Where a time stands in a drawing. All drawings of a page have the same, so that they can be read one below the other.</summary>
/// <param name="length">The run's length in seconds.</param>
internal sealed class Scale(double length)
{
    /// <summary>The width of drawings, and where times begin in them.</summary>
    public const double Width = 1200, Left = 120, Right = 1190;

    private static readonly double[] Steps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

    /// <summary>The run's length in seconds, more than 0.</summary>
    public double Length { get; } = Math.Max(length, 0.001);

    /// <summary>The place of a time.</summary>
    public double X(double seconds) => Left + (Math.Clamp(seconds / Length, 0, 1) * (Right - Left));

    /// <summary>Round times, about ten.</summary>
    public IEnumerable<double> Ticks()
    {
        double step = Steps.FirstOrDefault(s => Length / s <= 12, Steps[^1] * Math.Ceiling(Length / Steps[^1] / 12));
        for (int i = 0; i * step <= Length; i++)
        {
            yield return i * step;
        }
    }

    /// <summary>A round time in words.</summary>
    public string Word(double seconds) => Length < 120
        ? seconds.ToString("0.###", CultureInfo.InvariantCulture) + " s"
        : TimeSpan.FromSeconds(seconds).ToString(Length < 3600 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
}
