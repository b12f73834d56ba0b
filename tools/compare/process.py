#!/usr/bin/env python3
"""Whole processes, one photo to its labels: `fovea classify` beside the smallest C program on ONNX Runtime, for int8.

    build/compare/venv/bin/python tools/compare/process.py

The peer's program, onnxruntime_classify.c, is compiled here with the library of ONNX Runtime's Python package, and gets its
network twice: as its own quantizer wrote it, and optimized ahead of time by ONNX Runtime. The commands take turns, a process
each; wall time from before the process is made to after it has ended, processor time as the system counts it. The files stay in the
page cache. Prints a table, and adds it to today's results of compare.py on this machine. Let nothing else run on the machine.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import onnxruntime

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import fovea_cli
import report
from imagenet import CALIBRATION, EFFICIENTNET_LITE0, LABELS, ROOT
from prepare import Networks

PHOTO = ROOT / "fixtures" / "photos" / "koala.jpg"
FOLDER = ROOT / "build" / "compare"


def compiled() -> Path:
    """The peer's program."""
    source, program = Path(__file__).with_name("onnxruntime_classify.c"), FOLDER / "onnxruntime_classify"
    library = next((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so*"))
    # The loader looks for the name that the library gives itself.
    name = FOLDER / ".".join(library.name.split(".")[:3])
    name.unlink(missing_ok=True)
    name.symlink_to(library)
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", source, "-o", program, "-ljpeg", "-lm", name, f"-Wl,-rpath,{FOLDER}"],
                   check=True)
    return program


def optimized(model: Path) -> Path:
    """The network as ONNX Runtime runs it, so that opening it has less to do."""
    target = model.with_suffix(".optimized.onnx")
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return target


def measure(command: list[str]) -> dict[str, float]:
    """Runs a command; milliseconds of wall and processor time."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)}: exit status {os.waitstatus_to_exitcode(status)}")
    return {"wall": 1000 * wall, "processor": 1000 * (usage.ru_utime + usage.ru_stime)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--photo", type=Path, default=PHOTO)
    fovea_cli.add_argument(parser)
    arguments = parser.parse_args()
    networks = Networks(FOLDER, fovea_cli.Fovea(arguments.fovea), CALIBRATION)
    ours = networks.model("fovea", "int8", EFFICIENTNET_LITE0)
    theirs = networks.model("onnxruntime", "int8", EFFICIENTNET_LITE0)
    program = compiled()
    commands = {"`fovea --version`": [networks.fovea.command, "--version"]}
    for threads in arguments.threads:
        suffix = f", {threads} thread{'s' if threads > 1 else ''}"
        commands["`fovea classify`" + suffix] = [
            networks.fovea.command, "classify", "-m", ours, "--threads", threads, arguments.photo]
        for name, network in [("ONNX Runtime", theirs), ("ONNX Runtime, optimized ahead", optimized(theirs))]:
            commands[name + suffix] = [program, network, "input", "logits", LABELS, threads, arguments.photo]
    commands = {name: [str(word) for word in command] for name, command in commands.items()}
    times = {name: [] for name in commands}
    for _ in range(arguments.rounds):
        for name, command in commands.items():
            times[name].append(measure(command))
    rows = []
    for name, all_times in times.items():
        walls = sorted(each["wall"] for each in all_times)
        rows.append([name, *(f"{value:.1f}" for value in (
            statistics.median(walls), walls[0], walls[len(walls) * 9 // 10],
            statistics.median(each["processor"] for each in all_times)))])
    table = "\n".join(report.table(["", "wall, median ms", "least", "p90", "processor, median ms"], rows))
    print(table)
    if written := report.add_processes(ROOT / "docs" / "results", table):
        print(f"added to {written}")


if __name__ == "__main__":
    main()
