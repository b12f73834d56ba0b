"""The comparison as bars: a panel for each precision and number of threads, in it a group for each network.

Within a group a bar's length is the time an inference takes, relative to the slowest; shorter is better.
"""
from html import escape

WIDTH, LABEL, BAR, ROW, GAP, TOP = 520, 110, 300, 16, 26, 74
COLORS = {"fovea": "#1a7f4b", "onnxruntime": "#8a94a6", "openvino": "#8a94a6", "litert": "#8a94a6", "ncnn": "#8a94a6",
          "mnn": "#8a94a6"}


def text(x: float, y: float, content: str, style: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" {style}>{escape(content)}</text>'


def panel(results: list[dict], names: dict[str, str], x: float, top: float) -> tuple[list[str], float]:
    parts = [text(x, top, f"{results[0]['precision']}, threads: {results[0]['threads']}", 'font-size="15" font-weight="bold"')]
    y = top + GAP
    for result in results:
        parts.append(text(x, y, result["network"], 'font-weight="bold"'))
        y += 8
        slowest = max(each["median"] for each in result["engines"].values())
        for engine, each in result["engines"].items():
            left, scale = x + LABEL, BAR / slowest
            weight = 'font-weight="bold"' if engine == "fovea" else ""
            length = each["median"] * scale
            parts.append(text(left - 6, y + 10, names[engine], f'text-anchor="end" {weight}'))
            parts.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{ROW - 4}" fill="{COLORS[engine]}"/>')
            parts.append(text(left + length + 5, y + 10, f"{each['median']:.2f} ms", weight))
            y += ROW
        y += GAP
    return parts, y


def svg(about: dict, results: list[dict], names: dict[str, str]) -> str:
    precisions = list(dict.fromkeys(result["precision"] for result in results))
    threads = list(dict.fromkeys(result["threads"] for result in results))
    parts, y = [], TOP
    for precision in precisions:
        bottom = y
        for column, count in enumerate(threads):
            chosen = [result for result in results if result["precision"] == precision and result["threads"] == count]
            drawn, end = panel(chosen, names, 20 + column * WIDTH, y)
            parts += drawn
            bottom = max(bottom, end)
        y = bottom + 10
    width = 20 + len(threads) * WIDTH
    title = f"One inference, milliseconds; shorter is better. {about['processor']}, {about['date']}"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y:.0f}" width="{width}" height="{y:.0f}" '
        'font-family="sans-serif" font-size="11" fill="#222">',
        '<rect width="100%" height="100%" fill="white"/>',
        text(20, 28, title, 'font-size="16" font-weight="bold"'),
        text(20, 46, f"{' '.join(about['features'])}; medians of {about['rounds']} interleaved rounds; "
             "bars are relative to the slowest in their group"),
        *parts, "</svg>", ""])
