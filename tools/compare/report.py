"""What compare.py writes: Markdown tables, JSON, and a chart."""
import datetime
import json
import os
import platform
import re
import statistics
from importlib.metadata import version
from pathlib import Path

import chart
import ncnn_tools
from prepare import PACKAGES

NAMES = {"fovea": "Fovea", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO", "litert": "LiteRT", "ncnn": "ncnn",
         "mnn": "MNN"}
SETTINGS = {
    "fovea": "`convert`, for int8 with `--calibrate`; `bench --threads N`, which makes its own input of pseudorandom numbers",
    "onnxruntime": "int8: quant_pre_process, quantize_static: QDQ, min-max, u8 activations, s8 weights per channel; "
                   "intra_op_num_threads N, default graph optimizations, CPU provider",
    "openvino": "int8: nncf.quantize, its defaults; performance hint LATENCY, INFERENCE_NUM_THREADS N, "
                "INFERENCE_PRECISION_HINT f32",
    "litert": "float: litert-torch from the PyTorch module, NHWC; int8: AI Edge Quantizer's static_wi8_ai8, whose "
              "inputs and outputs are int8 (converting them is not timed); num_threads N, XNNPACK by default",
    "ncnn": "pnnx with fp16=0; int8: ncnn2table with method=kl, ncnn2int8, both of 1.0.20260526, older than the wheel that runs "
            f"the model (built from the source package {ncnn_tools.SOURCE}, because ncnn's own leaves them out); "
            "opt.num_threads N, no fp16 or bf16, no Vulkan, other options (int8, Winograd, packing) as they are",
    "mnn": "mnnconvert; int8: mnnquant with KL and MAX_ABS, its defaults, static; numThread N, precision high (float32 where not "
           "int8), CPU backend",
}
FEATURES = ["sse4_1", "avx2", "fma", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "asimddp", "i8mm"]


def load_average() -> float:
    return round(os.getloadavg()[0], 2)


def machine() -> dict:
    fields = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    values = {name.strip(): value.strip() for name, _, value in reversed(fields)}  # those of the first processor win
    flags = set(values.get("flags", values.get("Features", "")).split())
    return {
        "date": datetime.date.today().isoformat(),
        "processor": values.get("model name", platform.machine()),
        "family": " ".join(f"{key} {values[key]}" for key in ["cpu family", "model", "stepping"] if key in values),
        "features": [flag for flag in FEATURES if flag in flags],
        "processors": os.process_cpu_count() if hasattr(os, "process_cpu_count") else len(os.sched_getaffinity(0)),
        "kernel": ".".join(platform.release().split(".")[:2]),
    }


def about(fovea, arguments) -> dict:
    return machine() | {
        "versions": {"fovea": fovea.version()} | {
            package: version(package) for peer in arguments.peers for package in PACKAGES[peer]},
        "settings": {engine: SETTINGS[engine] for engine in ["fovea", *arguments.peers]},
        "rounds": arguments.rounds, "iterations": arguments.iterations, "warmup": arguments.warmup, "cold": arguments.cold,
        "load_average": [load_average()],
    }


def ratio(slower: dict, faster: dict) -> tuple[float, float, float]:
    """How much faster one is: the median over rounds of the ratio of a round's medians, with the least and the most. A round's turns
    follow each other within seconds, so the clock speed of that round does not count; that of the two medians over rounds does."""
    ratios = [each["median"] / other["median"] for each, other in zip(slower["rounds"], faster["rounds"], strict=True)]
    return statistics.median(ratios), min(ratios), max(ratios)


def lead(engines: dict) -> tuple[str, float, float, float] | None:
    """The peer that comes nearest to Fovea (or leads most), and Fovea's ratio to it."""
    if "fovea" not in engines:
        return None
    peers = [(engine, *ratio(each, engines["fovea"])) for engine, each in engines.items() if engine != "fovea"]
    return min(peers, key=lambda peer: peer[1], default=None)


def slower(results: list[dict], limit: float) -> list[str]:
    """Where Fovea's int8 takes more than `limit` times as long as the best peer's."""
    found = []
    for result in results:
        if result["precision"] == "int8" and (nearest := lead(result["engines"])):
            peer, times, _, _ = nearest
            if 1 / times > limit:
                found.append(f"{result['network']}, threads {result['threads']}: {1 / times:.2f} times {NAMES[peer]}")
    return found


def table(columns: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in [columns, ["---"] * len(columns), *rows]] + [""]


def latency(results: list[dict], engines: list[str]) -> list[str]:
    rows = []
    for result in results:
        measured = result["engines"]
        row = [result["network"], result["precision"], str(result["threads"])]
        for engine in engines:
            each = measured.get(engine)
            row.append(f"{each['median']:.2f} ({each['p10']:.2f}-{each['p90']:.2f})" if each else "")
        rows.append([*row, "{1:.2f}x {0} ({2:.2f}-{3:.2f})".format(NAMES[peer[0]], *peer[1:]) if (peer := lead(measured)) else ""])
    return table(["network", "precision", "threads", *(NAMES[engine] for engine in engines), "Fovea is"], rows)


def scaling(results: list[dict], engines: list[str]) -> list[str]:
    ones = {(result["network"], result["precision"]): result["engines"] for result in results if result["threads"] == 1}
    rows = []
    for result in results:
        one = ones.get((result["network"], result["precision"]))
        if result["threads"] > 1 and one:
            speeds = ["{:.2f}x ({:.2f}-{:.2f})".format(*ratio(one[engine], each)) if (each := result["engines"].get(engine)) else ""
                      for engine in engines]
            rows.append([result["network"], result["precision"], str(result["threads"]), *speeds])
    return table(["network", "precision", "threads", *(NAMES[engine] for engine in engines)], rows) if rows else []


def cold(results: list[dict], engines: list[str], cell) -> list[str]:
    rows = [[result["network"], result["precision"],
             *(cell(result["cold"][engine]) if engine in result["cold"] else "" for engine in engines)]
            for result in results if "cold" in result]
    return table(["network", "precision", *(NAMES[engine] for engine in engines)], rows)


def memory(each: dict) -> str:
    return f"{each['peak'] / 1e6:.0f}" + (f" (+{each['added'] / 1e6:.0f})" if "added" in each else "")


def markdown(about: dict, results: list[dict], picture: str) -> str:
    engines = list(about["settings"])
    versions = ", ".join(f"{package} {number}" for package, number in about["versions"].items())
    fewest = min(result["threads"] for result in results)
    lines = [
        f"# Engines compared, {about['date']}, {about['processor']}", "",
        f"- processor: {about['processor']} ({about['family']}), {about['processors']} available; {' '.join(about['features'])}",
        f"- Linux {about['kernel']}; load average {' before, '.join(map(str, about['load_average']))} after",
        f"- {versions}",
        f"- {about['rounds']} rounds in which the engines take turns, {about['warmup']} + {about['iterations']} runs a turn, "
        f"of which the first {about['warmup']} do not count; batch 1", "",
        f"![chart]({picture})", "",
        "## Latency", "", "Milliseconds, the median (10th-90th percentile), each the median over rounds. *Fovea is* so "
        "many times as fast as the peer that comes nearest: the median over rounds of each round's ratio (least-most), which clock "
        "speeds and neighbours change less than they change milliseconds.", "",
        *latency(results, engines)]
    if rows := scaling(results, engines):
        lines += ["## Threads", "", "Speed against the same engine's 1 thread, the median over rounds of each round's ratio (least-most).", "", *rows]
    lines += [
        "## The first answer", "", f"Milliseconds to load and to run once, in a fresh process, threads {fewest}; "
        f"median of {about['cold']}. Starting the process and loading the library are not counted.", "",
        *cold(results, engines, lambda each: f"{each['load'] + each['first']:.1f}"),
        "## Memory", "", "Peak resident memory after the first inference, in MB, of the whole process: Fovea's command, and "
        "Python with the peer (in brackets what the peer added to Python and NumPy).", "",
        *cold(results, engines, memory),
        "## Same network?", "", "Signal-to-noise ratio of the logits against the float network's, computed by ONNX Runtime "
        "without optimizations, for one photo, in dB. Equal is ∞. Torchvision's networks have random weights.", "",
        *cold(results, engines, lambda each: "∞" if each["decibels"] is None else f"{each['decibels']:.1f}"),
        "## Settings", "", "N is the number of threads.", "",
        *(f"- {NAMES[engine]}: {text}" for engine, text in about["settings"].items()), ""]
    if about["missing"]:
        lines += ["Left out:", "", *(f"- {label}: {reason}" for label, reason in about["missing"].items()), ""]
    return "\n".join(lines)


def name_of(about: dict) -> str:
    """Of today's results on a machine: DATE-PROCESSOR."""
    features = [name for name in ["avx512_vnni", "avx_vnni", "avx2", "i8mm", "asimddp"] if name in about["features"]]
    slug = re.sub(r"[^a-z0-9]+", "-", f"{about['processor']} {''.join(features[:1]).replace('_', '')}".lower()).strip("-")
    return f"{about['date']}-{slug}"


def add_processes(folder: Path, table: str) -> Path | None:
    """Adds what whole processes take to today's results, in place of what they had of it; none if there are no results."""
    path, title = folder / f"{name_of(machine())}.md", "\n## Whole processes\n"
    if not path.exists():
        return None
    before, _, _ = path.read_text().partition(title)
    path.write_text(f"{before}{title}\nOne photo to its labels, from before a process is made to after it has ended (`tools/compare/process.py`), "
                    f"EfficientNet-Lite0 in int8, milliseconds:\n\n{table}\n")
    return path


def write(folder: Path, about: dict, results: list[dict]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name_of(about)
    path.with_name(path.name + ".json").write_text(json.dumps({"about": about, "results": results}, indent=1) + "\n")
    path.with_name(path.name + ".svg").write_text(chart.svg(about, results, NAMES))
    path.with_name(path.name + ".md").write_text(markdown(about, results, f"{path.name}.svg"))
    return path
