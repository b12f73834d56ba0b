#!/usr/bin/env python3
"""Compares Fovea with ONNX Runtime, OpenVINO, LiteRT, ncnn and MNN on this machine: int8 and float, by threads.

    tools/setup_python.sh build/compare/venv tools/requirements.txt tools/compare/requirements.txt
    build/compare/venv/bin/python tools/compare/compare.py
    build/compare/venv/bin/python tools/compare/compare.py --models resnet18 --threads 1 --rounds 3 --peers openvino ncnn

Every engine gets the same float network and makes its own file of it with its own tools (prepare.py). Each runs in a process of
its own (worker.py); they take turns, round by round, so that all meet the same clock speeds and neighbours. A turn is some runs
that do not count, then some that do; its median and 10th and 90th percentiles are kept, and the tables have the median of each
over rounds, and the median of each round's ratio. First inferences and memory are of fresh processes. Writes tables, JSON and a
chart to docs/results/, as DATE-PROCESSOR.md, .json and .svg. Let nothing else run on the machine.
"""
import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import fovea_cli
import report
from imagenet import CALIBRATION, EFFICIENTNET_LITE0, ROOT
from prepare import PEERS, PRECISIONS, Networks

TORCHVISION = ["mobilenet_v2", "mobilenet_v3_large", "resnet18", "resnet50"]
NETWORKS = {EFFICIENTNET_LITE0.stem: EFFICIENTNET_LITE0} | {
    name: ROOT / "build" / "models" / f"{name}.onnx" for name in TORCHVISION}
PAUSE = 0.2  # seconds between turns, until the other's threads have stopped spinning


class Peer:
    """A worker process, or with `once` only its first inference."""

    def __init__(self, engine: str, model: Path, threads: int, pixels: Path, output: Path | None = None, once: bool = False):
        command = [sys.executable, Path(__file__).with_name("worker.py"), engine, model, "--input", pixels]
        command += ["--threads", str(threads)]
        self.process = subprocess.Popen(command + (["--output", output] if output else []), text=True, stdout=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL if once else subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.first = self.answer()
        if once:
            self.process.wait()

    def answer(self):
        if not (line := self.process.stdout.readline()):
            raise RuntimeError(f"its process ended with status {self.process.wait()}")
        return json.loads(line)

    def turn(self, iterations: int, warmup: int) -> dict[str, float]:
        print(warmup, iterations, file=self.process.stdin, flush=True)
        p10, median, p90 = np.percentile(self.answer(), [10, 50, 90])
        return {"median": median, "p10": p10, "p90": p90}

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


class Ours:
    """`fovea bench`, a process a turn."""

    def __init__(self, fovea: fovea_cli.Fovea, model: Path, threads: int):
        self.fovea, self.model, self.threads = fovea, model, threads

    def turn(self, iterations: int, warmup: int) -> dict[str, float]:
        times = self.fovea.bench(self.model, self.threads, iterations, warmup)["milliseconds"]
        return {key: times[key] for key in ["median", "p10", "p90"]}

    def close(self) -> None:
        pass


def decibels(logits: np.ndarray, expected: np.ndarray) -> float | None:
    """How far the float network's answer stands above the difference; none if they are equal."""
    error = np.square(logits.reshape(-1) - expected.reshape(-1)).sum()
    return float(10 * np.log10(np.square(expected).sum() / error)) if error else None


def cold(networks: Networks, models: dict[str, Path], threads: int, repeats: int, network: Path) -> dict[str, dict]:
    """Load and first inference of each engine in fresh processes, and what it answers beside the float network."""
    output = networks.folder / "output.npy"
    rounds = {engine: [] for engine in models}
    answers = {}
    for _ in range(repeats):
        for engine, model in list(models.items()):
            if engine == "fovea":
                bench = networks.fovea.bench(model, threads, 1, 0)
                rounds[engine].append({"load": bench["load_milliseconds"], "first": bench["first_inference_milliseconds"],
                                       "peak": bench["peak_rss_bytes"]})
                continue
            try:
                rounds[engine].append(Peer(engine, model, threads, networks.input, output, once=True).first)
                answers[engine] = np.load(output)
            except RuntimeError as error:  # a peer that cannot run its model is reported, and the others go on
                networks.missing[f"{engine} {model.stem}, {network.stem}"] = str(error)
                del models[engine], rounds[engine]
    if "fovea" in models:
        (name,) = fovea_cli.input_shapes(network)
        answers["fovea"] = networks.fovea.run(models["fovea"], {name: networks.pixels[0]}, threads)
    expected = networks.expected(network)
    return {engine: {key: statistics.median(each[key] for each in turns) for key in turns[0]}
            | {"decibels": decibels(answers[engine], expected)} for engine, turns in rounds.items()}


def warm(networks: Networks, models: dict[str, Path], arguments: argparse.Namespace, network: Path) -> dict[int, dict[str, dict]]:
    """Times by number of threads and engine. All take turns, whatever their threads: one thread and two meet the same clock speeds."""
    contenders, rounds = {}, {}

    def guarded(threads: int, engine: str, action):
        """A peer that ends early is reported, and the others go on."""
        try:
            return action()
        except (RuntimeError, BrokenPipeError) as error:
            networks.missing[f"{engine} {models[engine].stem}, {network.stem}, threads {threads}"] = str(error)
            contenders.pop((threads, engine), None)
            rounds.pop((threads, engine), None)

    def start(threads: int, engine: str):
        if engine == "fovea":
            return Ours(networks.fovea, models[engine], threads)
        return Peer(engine, models[engine], threads, networks.input)

    for threads, engine in [(threads, engine) for threads in arguments.threads for engine in models]:
        if contender := guarded(threads, engine, lambda: start(threads, engine)):
            contenders[threads, engine], rounds[threads, engine] = contender, []
    for _ in range(arguments.rounds):
        for (threads, engine), contender in list(contenders.items()):
            if times := guarded(threads, engine, lambda: contender.turn(arguments.iterations, arguments.warmup)):
                rounds[threads, engine].append(times)
            time.sleep(PAUSE)
    for contender in contenders.values():
        contender.close()
    measured = {threads: {} for threads in arguments.threads}
    for (threads, engine), turns in rounds.items():
        measured[threads][engine] = {key: statistics.median(each[key] for each in turns) for key in turns[0]} | {"rounds": turns}
    return measured


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=list(NETWORKS), metavar="MODEL",
                        help=f"any of {', '.join(NETWORKS)}, or ONNX files")
    parser.add_argument("--precisions", nargs="+", choices=PRECISIONS, default=PRECISIONS)
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--iterations", type=int, default=20, help="a turn")
    parser.add_argument("--warmup", type=int, default=5, help="runs at the beginning of a turn that do not count")
    parser.add_argument("--cold", type=int, default=3, help="fresh processes for each first inference")
    parser.add_argument("--calibration", type=Path, default=CALIBRATION)
    parser.add_argument("--limit", type=float, help="fail if Fovea's int8 takes more than this times as long as the best peer's")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "results", help="a folder")
    fovea_cli.add_argument(parser)
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    networks = Networks(ROOT / "build" / "compare", fovea_cli.Fovea(arguments.fovea), arguments.calibration)
    paths = [NETWORKS.get(name, Path(name)) for name in arguments.models]
    if wanted := [path.stem for path in paths if not path.exists() and path.stem in TORCHVISION]:
        subprocess.run([sys.executable, ROOT / "tools" / "export_torchvision.py", "--models", *wanted], check=True)
    if missing := [str(path) for path in paths if not path.exists()]:
        raise SystemExit(f"no such file: {', '.join(missing)}")

    results, about = [], report.about(networks.fovea, arguments)
    for path in paths:
        for precision in arguments.precisions:
            models = {engine: networks.model(engine, precision, path) for engine in ["fovea", *arguments.peers]}
            models = {engine: model for engine, model in models.items() if model}
            first = cold(networks, models, min(arguments.threads), arguments.cold, path)
            for threads, measured in warm(networks, models, arguments, path).items():
                results.append({"network": path.stem, "precision": precision, "threads": threads, "engines": measured})
                if threads == min(arguments.threads):
                    results[-1]["cold"] = first
                row = "  ".join(f"{engine} {each['median']:.2f}" for engine, each in measured.items())
                print(f"{path.stem} {precision}, threads {threads}: {row}", flush=True)

    about["load_average"].append(report.load_average())
    about["missing"] = networks.missing
    written = report.write(arguments.output, about, results)
    print(f"written: {written.with_suffix('.md')}, .json, .svg")
    if arguments.limit and (slow := report.slower(results, arguments.limit)):
        raise SystemExit(f"slower than {arguments.limit:g} times the best peer: {'; '.join(slow)}")


if __name__ == "__main__":
    main()
