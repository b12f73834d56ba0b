#!/usr/bin/env python3
"""Compares the speed of Fovea's int8 models with ONNX Runtime's, made from the same float files, on this machine.

    .venv/bin/python tools/export_torchvision.py --models resnet50
    .venv/bin/python tools/compare_onnxruntime.py --threads 1 2

Prints a Markdown table. The two take turns, round by round, so that both meet the same clock speeds and neighbours; each round's
figure is a median over its iterations, and the table has the median over rounds, in milliseconds, with the lowest and highest
round in brackets. ONNX Runtime's model is quantized with its own tools after its recommended preparation, per channel, and run
with its default optimizations. Let nothing else run on the machine.
"""
import argparse
import platform
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

import fovea_cli
import onnxruntime_int8
from imagenet import CALIBRATION, EFFICIENTNET_LITE0, ROOT, images, preprocess

MODELS = [EFFICIENTNET_LITE0, ROOT / "build" / "models" / "resnet50.onnx"]
WARMUP = 5  # iterations at the beginning of a round that do not count
PAUSE = 0.2  # seconds between turns, until the other's threads have stopped spinning
FEATURES = ["avx2", "fma", "avx_vnni", "avx512f", "avx512_vnni", "asimddp", "i8mm"]


def processor() -> str:
    fields = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    values = {name.strip(): value.strip() for name, _, value in reversed(fields)}  # those of the first processor win
    flags = set(values.get("flags", values.get("Features", "")).split())
    return f"{values.get('model name', platform.machine())} ({' '.join(flag for flag in FEATURES if flag in flags)})"


def onnxruntime_round(session: onnxruntime.InferenceSession, pixels: np.ndarray, iterations: int) -> float:
    """The median of some runs, in milliseconds."""
    feed, times = {session.get_inputs()[0].name: pixels}, []
    for _ in range(WARMUP + iterations):
        start = time.perf_counter_ns()
        session.run(None, feed)
        times.append((time.perf_counter_ns() - start) / 1e6)
    return statistics.median(times[WARMUP:])


def cell(rounds: list[float]) -> str:
    return f"{statistics.median(rounds):.2f} ({min(rounds):.2f}-{max(rounds):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="*", default=MODELS, metavar="MODEL.onnx")
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--iterations", type=int, default=40, help="a round")
    parser.add_argument("--calibration", type=Path, default=CALIBRATION)
    parser.add_argument("--limit", type=float, help="fail if Fovea takes more than this times as long")
    parser.add_argument("--onnxruntime-only", action="store_true")
    fovea_cli.add_argument(parser)
    arguments = parser.parse_args()
    fovea = None if arguments.onnxruntime_only else fovea_cli.Fovea(arguments.fovea)
    if missing := [str(network) for network in arguments.models if not network.exists()]:
        parser.error(f"no such file: {', '.join(missing)}; tools/export_torchvision.py makes torchvision's models")

    photos = [preprocess(photo) for photo in images(arguments.calibration)]
    versions = f"ONNX Runtime {onnxruntime.__version__}" + (f", Fovea {fovea.version()}" if fovea else "")
    print(f"{processor()}; {versions}; {arguments.rounds} rounds of {arguments.iterations}\n")
    print("| network, int8 | threads | ONNX Runtime, ms | Fovea, ms | Fovea / ONNX Runtime |\n|---|---|---|---|---|")
    too_slow = []
    with tempfile.TemporaryDirectory() as folder:
        for network in arguments.models:
            quantized, model = Path(folder) / f"{network.stem}.onnx", Path(folder) / f"{network.stem}.fovea"
            onnxruntime_int8.quantize(network, quantized, photos)
            if fovea:
                fovea.convert_int8(network, model, arguments.calibration)
            for threads in arguments.threads:
                session = onnxruntime_int8.session(quantized, threads)
                theirs, ours = [], []
                for _ in range(arguments.rounds):
                    theirs.append(onnxruntime_round(session, photos[0], arguments.iterations))
                    time.sleep(PAUSE)
                    if fovea:
                        ours.append(fovea.bench(model, threads, arguments.iterations, WARMUP)["milliseconds"]["median"])
                        time.sleep(PAUSE)
                ratio = statistics.median(ours) / statistics.median(theirs) if ours else None
                columns = [network.stem, str(threads), cell(theirs), cell(ours) if ours else "", f"{ratio:.2f}" if ours else ""]
                print(f"| {' | '.join(columns)} |", flush=True)
                if ratio and arguments.limit and ratio > arguments.limit:
                    too_slow.append(f"{network.stem}, threads {threads}: {ratio:.2f}")
    if too_slow:
        raise SystemExit(f"slower than {arguments.limit:g} times ONNX Runtime: {'; '.join(too_slow)}")


if __name__ == "__main__":
    main()
