#!/usr/bin/env python3
"""Writes fixtures/operators: small ONNX networks with inputs, and outputs computed by ONNX Runtime.

    .venv/bin/python tools/make_operator_fixtures.py
    .venv/bin/python tools/make_operator_fixtures.py --only conv_3x3    # prints that network too

Each folder CASE_OPSET/ holds model.onnx, input_0.npy ... and output_0.npy ... in the network's order, all float32. The cases are
listed in tools/operator_cases/. fixtures/operators/bad/ holds networks that must be refused. Weights and inputs depend on the
folder's name alone.
"""
import argparse
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from imagenet import ROOT
from operator_cases import bad, blocks, channels_last, elementwise, encodings, layers, more, pooling, shape_arithmetic, shapes
from operator_cases.network import Case, Network

GROUPS = [layers, elementwise, pooling, shapes, shape_arithmetic, blocks, channels_last, encodings, more]


def write(case: Case, opset: int, folder: Path) -> onnx.ModelProto:
    network = Network(folder.name, opset)
    case.build(network)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / "model.onnx"
    save(network.model(), path, case.external_data)
    outputs = dict(zip(network.outputs, run(path, network), strict=True))

    model = network.model({name: value.shape for name, value in outputs.items()})
    save(model, path, case.external_data)
    onnx.checker.check_model(path, full_check=True)
    for outputs_again, value in zip(run(path, network), outputs.values(), strict=True):
        np.testing.assert_array_equal(outputs_again, value)
    for number, value in enumerate(network.feeds.values()):
        np.save(folder / f"input_{number}.npy", value)
    for number, value in enumerate(outputs.values()):
        np.save(folder / f"output_{number}.npy", value)
    return model


def save(model: onnx.ModelProto, path: Path, external_data: bool) -> None:
    weights = path.with_name("weights.bin")
    weights.unlink(missing_ok=True)
    onnx.save(model, path, save_as_external_data=external_data, location=weights.name, size_threshold=0)


def run(path: Path, network: Network) -> list[np.ndarray]:
    """Without graph optimizations: the operators as the file has them."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(network.outputs, network.feeds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / "fixtures" / "operators")
    parser.add_argument("--only", metavar="CASE", help="write and print this case alone")
    arguments = parser.parse_args()

    cases = [case for group in GROUPS for case in group.CASES]
    if arguments.only:
        cases = [case for case in cases if case.name == arguments.only]
    else:
        for stale in arguments.output.glob("*/"):
            shutil.rmtree(stale)
        bad.write(arguments.output / "bad")
    models = [write(case, opset, arguments.output / f"{case.name}_{opset}") for case in cases for opset in case.opsets]
    if arguments.only:
        print("\n".join(onnx.printer.to_text(model) for model in models))
    print(f"{arguments.output}: {len(models)} networks")


if __name__ == "__main__":
    main()
