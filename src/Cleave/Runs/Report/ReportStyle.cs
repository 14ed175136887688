namespace Cleave.Runs.Report;

/// <summary>How the page looks: on screens light or dark as the reader's system is, on paper light.</summary>
internal static class ReportStyle
{
    public const string Sheet =
        """
        :root{color-scheme:light dark;--back:#fdfdfc;--text:#1b1f24;--soft:#57606a;--line:#d3d7dc;--card:#f3f4f2;--link:#0b57b0;
        --good:#1a7f37;--bad:#b3261e;--warn:#8a5a00;--run:#5b8fc7;--step:#c9d6ea;--step-text:#16324f;--band:#e8a33d;--cut:#d9742b;--leak:#b3261e}
        @media (prefers-color-scheme:dark){:root{--back:#14171a;--text:#e4e7ea;--soft:#a3acb6;--line:#363c43;--card:#1d2125;--link:#7db4ff;
        --good:#57c46f;--bad:#ff8a80;--warn:#e3b341;--run:#4f83bd;--step:#2c4763;--step-text:#dce9f8;--band:#c98a2b;--cut:#e08a3c;--leak:#ff8a80}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:1.2rem;max-width:1280px;background:var(--back);color:var(--text);font:15px/1.5 system-ui,sans-serif}
        h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
        a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}
        .skip{position:absolute;left:-99rem}.skip:focus{left:1rem}
        .verdict{display:inline-block;padding:.1rem .7rem;border-radius:1rem;border:2px solid;font-weight:700;text-transform:uppercase;letter-spacing:.04em;font-size:.85rem;vertical-align:middle}
        .passed{color:var(--good)}.failed,.error{color:var(--bad)}.inconclusive,.cut_off,.running{color:var(--warn)}
        pre{background:var(--card);border-left:4px solid var(--bad);padding:.7rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.45 ui-monospace,monospace}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.6rem 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        .wide{overflow-x:auto}.wide:has(>table){max-height:34rem;overflow:auto}thead th{position:sticky;top:0;background:var(--back)}.matrices{display:flex;flex-wrap:wrap;gap:0 2.5rem}
        table{border-collapse:collapse;margin:.5rem 0 1rem;font-variant-numeric:tabular-nums;font-size:14px}
        caption{text-align:left;color:var(--soft);padding-bottom:.2rem}
        th,td{padding:.18rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
        thead th{color:var(--soft);font-weight:600}tbody th{font-weight:600}
        td.number,.numbers td{text-align:right;white-space:nowrap}.matrix td,.matrix thead th{text-align:center;white-space:nowrap}
        td.cut{background:color-mix(in srgb,var(--cut) 25%,transparent)}td.silent{color:var(--warn)}
        td.leak{color:var(--bad);font-weight:700}.bad{color:var(--bad)}.windows td:nth-child(2){white-space:nowrap}td.same{color:var(--soft)}
        .told{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        tr:target{outline:3px solid var(--link)}
        svg{display:block;max-width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:var(--text)}
        .drawing{width:100%;min-width:720px}.topology{max-width:none}
        .tick{stroke:var(--line)}.time{text-anchor:middle;fill:var(--soft)}.name{text-anchor:end}.name.node{font-weight:600}.lane{stroke:var(--line)}
        .band{fill:var(--band);fill-opacity:.16;stroke:var(--band);stroke-opacity:.6;stroke-width:.6}.band.leak{fill:var(--leak)}
        .letter{font-weight:700;fill:var(--link)}
        .cut{fill:var(--cut);fill-opacity:.38}
        .step rect{fill:var(--step);stroke:var(--back)}.step text{fill:var(--step-text);font-size:10px}
        .step.failed rect{fill:var(--back);stroke:var(--bad);stroke-width:2}.step.failed text{fill:var(--bad)}
        .step.open rect{fill:var(--back);stroke:var(--warn);stroke-width:2;stroke-dasharray:4 2}.step.open text{fill:var(--text)}
        .runs{fill:var(--run)}.paused{fill:var(--back);stroke:var(--run);stroke-dasharray:2 2}
        .ready{fill:var(--good)}.stopped{fill:var(--back);stroke:var(--soft);stroke-width:1.5}
        .held{fill:var(--good);stroke:var(--back)}.broken{stroke:var(--bad);stroke-width:2.4;fill:none;stroke-linecap:round}.refused{fill:var(--warn)}
        .answer{fill:var(--link)}.spread{stroke:var(--link);stroke-opacity:.45;stroke-width:1.4}
        .network{stroke:var(--text);stroke-width:3;stroke-linecap:round}.wire{stroke:var(--soft);stroke-width:1.3}.port{fill:var(--back);stroke:var(--text);stroke-width:1.6}
        .box rect{fill:var(--card);stroke:var(--text);stroke-width:1.3}.box text{text-anchor:middle;font-weight:600}.box .small{font-weight:400;font-size:10px}
        .address,.subnet{fill:var(--soft);font-size:10px}.subnet{text-anchor:end}
        .legend{color:var(--soft);font-size:13px;margin:.2rem 0}
        summary{cursor:pointer;font-weight:600}
        @media print{:root{color-scheme:light;--back:#fff;--text:#000;--soft:#444;--line:#bbb;--card:#f2f2f2;--link:#000;--good:#1a7f37;--bad:#b3261e;--warn:#8a5a00;
        --run:#5b8fc7;--step:#dde6f2;--step-text:#000;--band:#e8a33d;--cut:#d9742b;--leak:#b3261e}
        body{max-width:none;padding:0;font-size:11px}.skip{display:none}details::details-content{content-visibility:visible;height:auto}
        .wide,.wide:has(>table){overflow:visible;max-height:none}thead th{position:static}.matrix,svg,pre{break-inside:avoid}tr{break-inside:avoid}h2,h3{break-after:avoid}*{print-color-adjust:exact}}
        """;
}
