"""Calls the built fovea command from the scripts here.

    fovea = Fovea(Path(".build/release/fovea"))
    fovea.convert(onnx, model, "--precision", "float")
    logits = fovea.run(model, {"input": pixels})
"""
import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx

from imagenet import CROP, DEVIATION, LABELS, MEAN, ROOT, SIZE

# How EfficientNet-Lite was trained, as arguments of `fovea convert`.
PREPROCESSING = ["--size", str(SIZE), "--crop", str(CROP), "--resize", "bicubic", "--channels", "rgb",
                 "--mean", ",".join([repr(MEAN / 255)] * 3), "--std", ",".join([repr(DEVIATION / 255)] * 3)]


def add_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fovea", type=Path, default=ROOT / ".build" / "release" / "fovea", help="the command to check")


class Fovea:
    def __init__(self, command: Path):
        if not os.access(command, os.X_OK):
            raise SystemExit(f"{command}: no such command; build it with `swift build -c release`, or name it with --fovea")
        self.command = command.resolve()

    def call(self, *arguments: str | Path, environment: dict[str, str] | None = None) -> str:
        """Standard output; a failure ends the script with what the command said."""
        process = subprocess.run([self.command, *arguments], capture_output=True, text=True, env=os.environ | (environment or {}))
        if process.returncode:
            line = " ".join(map(str, [self.command.name, *arguments]))
            raise SystemExit(f"{line}: exit status {process.returncode}\n{process.stderr}")
        return process.stdout

    def convert(self, network: Path, model: Path, *options: str | Path) -> None:
        self.call("convert", network, "-o", model, *options)

    def convert_int8(self, network: Path, model: Path, photos: Path) -> None:
        """Calibrated with photos, preprocessed as EfficientNet-Lite wants it."""
        self.convert(network, model, "--precision", "int8", "--calibrate", photos, "--labels", LABELS, *PREPROCESSING)

    def run(self, model: Path, inputs: dict[str, np.ndarray], threads: int = 1, isa: str | None = None) -> np.ndarray:
        """The model's only output."""
        with tempfile.TemporaryDirectory() as folder:
            arguments = []
            for name, value in inputs.items():
                path = Path(folder) / f"input{len(arguments)}.npy"
                np.save(path, value)
                arguments += ["--input", f"{name}={path}"]
            output = Path(folder) / "output.npy"
            self.call("run", model, *arguments, "--output", output, "--threads", str(threads),
                      environment={"FOVEA_ISA": isa} if isa else None)
            return np.load(output)

    def version(self) -> str:
        return self.call("--version").strip()

    def bench(self, model: Path, threads: int, iterations: int, warmup: int) -> dict:
        return json.loads(self.call("bench", model, "--json", "--threads", str(threads), "--iterations", str(iterations),
                                    "--warmup", str(warmup)))


def input_shapes(network: Path) -> dict[str, list[int]]:
    """The inputs of an ONNX file that are not initializers; symbolic dimensions are 1."""
    graph = onnx.load(network, load_external_data=False).graph
    initializers = {tensor.name for tensor in graph.initializer}
    return {value.name: [dimension.dim_value or 1 for dimension in value.type.tensor_type.shape.dim]
            for value in graph.input if value.name not in initializers}
