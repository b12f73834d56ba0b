#!/usr/bin/env python3
"""Converts networks to float Fovea models and compares their output with ONNX Runtime's on a random input.

    .venv/bin/python tools/export_torchvision.py
    .venv/bin/python tools/check_float.py models/efficientnet_lite0.onnx build/models/*.onnx

Prints the largest difference relative to the largest output, and fails where it exceeds --tolerance.
"""
import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime

import fovea_cli


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL.onnx")
    parser.add_argument("--tolerance", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    fovea_cli.add_argument(parser)
    arguments = parser.parse_args()
    fovea = fovea_cli.Fovea(arguments.fovea)

    failed = []
    for network in arguments.models:
        random = np.random.default_rng(arguments.seed)
        inputs = {name: random.standard_normal(shape, dtype=np.float32)
                  for name, shape in fovea_cli.input_shapes(network).items()}
        expected = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"]).run(None, inputs)[0]
        with tempfile.TemporaryDirectory() as folder:
            model = Path(folder) / f"{network.stem}.fovea"
            fovea.convert(network, model, "--precision", "float")
            output = fovea.run(model, inputs, arguments.threads)
        if output.shape != expected.shape:
            raise SystemExit(f"{network}: output is {output.shape}, ONNX Runtime's {expected.shape}")
        difference = np.abs(output - expected).max() / np.abs(expected).max()
        passed = difference <= arguments.tolerance  # false for NaN
        failed += [] if passed else [network.name]
        print(f"{network.name}: {difference:.1e} of the largest output, {'ok' if passed else 'TOO FAR'}", flush=True)
    if failed:
        raise SystemExit(f"further than {arguments.tolerance:g} from ONNX Runtime: {', '.join(failed)}")


if __name__ == "__main__":
    main()
