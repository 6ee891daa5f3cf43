"""Results as Markdown, and the plot."""

import math

HEADINGS = {
    "s": "seconds", "min": "min", "max": "max", "mib_s": "MiB/s", "cpu_s_gib": "CPU s/GiB",
    "ratio": "ratio to logtail", "n": "rounds", "p50_us": "p50 µs", "p99_us": "p99 µs",
    "p999_us": "p99.9 µs", "min_us": "lowest p50", "max_us": "highest p50", "cpu_s": "CPU s",
    "rss_anon_mib": "RssAnon MiB", "rss_mib": "RSS MiB", "log_mib": "log MiB",
    "cost_per_byte": "cost per byte, first = 1", "kib_a_file": "KiB a file",
    "mib_a_million": "MiB per million", "mib": "MiB", "start_s": "start s", "ms": "ms", "to_tail": "p50 to that of tail",
    "later_p50_us": "p50 µs later than the row",
}


def number(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("|", "\\|")
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(rows, headings=None):
    """A Markdown table of dictionaries; a column for every key of any row."""
    names = {**HEADINGS, **(headings or {})}
    keys = list(dict.fromkeys(key for row in rows for key in row))
    heads = [names.get(key, key.replace("_", " ")) for key in keys]
    lines = ["| " + " | ".join(heads) + " |"]
    lines.append("|" + "|".join(
        "---" if isinstance(rows[0].get(key), str) else "--:" for key in keys) + "|")
    for row in rows:
        lines.append("| " + " | ".join(number(row.get(key)) for key in keys) + " |")
    return "\n".join(lines)


def summary(rows):
    """Catch-up of each contender in short: its time, where logtail's is 1."""
    columns = [("std", "1 line in 20"), ("sparse", "1 in 1,000"), ("all", "every line"),
               ("none", "none")]
    times = {key: {row["contender"]: row["ratio"] for row in rows.get(key, [])}
             for key, _ in columns}
    jobs = {row["contender"]: row["job"] for key, _ in columns for row in rows.get(key, [])}
    order = sorted(jobs, key=lambda name: times["std"].get(name, 0))
    return table([
        {"contender": name, "job": jobs[name],
         **{title: times[key].get(name) for key, title in columns if times[key]}}
        for name in order])


def plot(rows, title):
    """Throughput of each contender as a bar, on a logarithmic scale, without a network or script.

    It takes the colours of the page it stands in: dark text on light, light on dark."""
    rows = [row for row in rows if row["job"] != "read"]
    bar, gap, left, width = 22, 8, 230, 520
    height = len(rows) * (bar + gap) + 70
    low = 10 ** math.floor(math.log10(min(row["mib_s"] for row in rows)))
    high = max(row["mib_s"] for row in rows) * 1.3
    scale = lambda value: width * math.log(value / low) / math.log(high / low)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 90} {height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img">',
        f"<title>{title}</title>",
        "<style>text{fill:#24292f}.peer{fill:#8c959f}.limit{fill:#d0d7de}.own{fill:#1f6feb}"
        ".grid{stroke:#d0d7de}@media(prefers-color-scheme:dark){text{fill:#e6edf3}"
        ".peer{fill:#6e7681}.limit{fill:#373e47}.grid{stroke:#30363d}}</style>",
        f'<text x="8" y="20" font-weight="600">{title}</text>']
    tick = low
    while tick <= high:
        x = left + scale(tick)
        out.append(f'<line class="grid" x1="{x:.1f}" y1="32" x2="{x:.1f}" y2="{height - 28}"/>')
        out.append(f'<text x="{x:.1f}" y="{height - 10}" text-anchor="middle">{tick:,}</text>')
        tick *= 10
    for place, row in enumerate(rows):
        y = 36 + place * (bar + gap)
        kind = "own" if row["contender"] == "logtail" else (
            "limit" if row["job"] == "count" else "peer")
        name = row["contender"] + (" (counts only)" if row["job"] == "count" else "")
        out.append(f'<text x="{left - 8}" y="{y + 16}" text-anchor="end">{name}</text>')
        out.append(
            f'<rect class="{kind}" x="{left}" y="{y}" width="{max(1, scale(row["mib_s"])):.1f}" '
            f'height="{bar}" rx="3"/>')
        out.append(
            f'<text x="{left + scale(row["mib_s"]) + 6:.1f}" y="{y + 16}">'
            f'{number(row["mib_s"])}</text>')
    out.append(
        f'<text x="{left + width + 84}" y="{height - 10}" text-anchor="end">MiB/s</text></svg>')
    return "\n".join(out) + "\n"
