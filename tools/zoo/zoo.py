#!/usr/bin/env python3
"""Exports a zoo of networks with both of PyTorch's exporters, converts them, and compares them with ONNX Runtime.

    tools/setup_python.sh
    .venv/bin/python tools/zoo/zoo.py export --models resnet18 unet_transposed
    .venv/bin/python tools/zoo/zoo.py check --markdown docs/MODELS.md
    .venv/bin/python tools/zoo/zoo.py export && .venv/bin/python tools/zoo/zoo.py check    # everything; an hour, 20 GB
    .venv/bin/python tools/zoo/zoo.py check --models Xception --exports tf2onnx-17         # what keras_networks.py has exported

Networks have seeded random weights: what is checked is arithmetic. `export` writes build/zoo/NETWORK-EXPORTER-OPSET.onnx and skips what is
there. `check` prints, of every file,
the largest difference of float outputs from ONNX Runtime's relative to the largest output; of the files of --int8-exports also the
signal to quantization noise ratio of the int8 model (calibrated on inputs like the one measured, which is not among them), how
many layers run in 8 bits, and its size. Fails where float differs by more than --tolerance, or something does not convert.
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import fovea_cli  # noqa: E402
from imagenet import ROOT  # noqa: E402
from networks import NETWORKS, calibrated  # noqa: E402

EXPORTS = ["script-11", "script-13", "script-17", "script-20", "dynamo-18", "dynamo-20", "dynamo-23"]
TF2ONNX = ["tf2onnx-13", "tf2onnx-17"]
CALIBRATION_INPUTS = 8


def export(name: str, network: torch.nn.Module, how: str, path: Path) -> None:
    exporter, opset = how.split("-")
    image = torch.randn(1, 3, NETWORKS[name].size, NETWORKS[name].size)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        options = {"input_names": ["image"], "opset_version": int(opset)}
        if exporter == "dynamo":
            torch.onnx.export(network, (image,), path, dynamo=True, verbose=False, external_data=False, **options)
        else:
            torch.onnx.export(network, (image,), path, dynamo=False, **options)


def outputs_of(path: Path, image: np.ndarray) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: image})


def fovea_outputs(fovea: fovea_cli.Fovea, model: Path, image: np.ndarray, names: list[str], folder: Path) -> list[np.ndarray]:
    np.save(folder / "image.npy", image)
    results = folder / "outputs"
    results.mkdir(exist_ok=True)
    fovea.call("run", model, "--input", folder / "image.npy", "--output", results)
    return [np.load(results / f"{name}.npy") for name in names]


def decibels(reference: list[np.ndarray], outputs: list[np.ndarray]) -> float:
    signal = sum(np.square(x.astype(np.float64)).sum() for x in reference)
    noise = sum(np.square(x.astype(np.float64) - y).sum() for x, y in zip(reference, outputs, strict=True))
    return float(10 * np.log10(signal / noise)) if noise else float("inf")


def check(fovea: fovea_cli.Fovea, path: Path, int8: bool) -> dict:
    """What the report says of one file. `error` is there when something did not work."""
    name, exporter, opset = path.stem.rsplit("-", 2)
    result = {"network": name, "exporter": exporter, "opset": int(opset)}
    graph = onnx.load(path, load_external_data=False).graph
    shape = [dimension.dim_value for dimension in graph.input[0].type.tensor_type.shape.dim]
    random = np.random.default_rng(1)
    images = [random.standard_normal(shape, dtype=np.float32) for _ in range(CALIBRATION_INPUTS + 1)]
    expected = outputs_of(path, images[0])
    names = [re.sub(r"[/\\]", "_", output.name) for output in graph.output]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        model = folder / "model.fovea"
        try:
            fovea.convert(path, model, "--precision", "float")
            outputs = fovea_outputs(fovea, model, images[0], names, folder)
            result["float_error"] = float(max(
                np.abs(x - y).max() / max(np.abs(x).max(), 1e-30) for x, y in zip(expected, outputs, strict=True)))
            result["float_bytes"] = model.stat().st_size
            if int8:
                calibration = folder / "calibration"
                calibration.mkdir()
                for number, image in enumerate(images[1:]):
                    np.save(calibration / f"{number}.npy", image)
                summary = fovea.call("convert", path, "-o", model, "--precision", "int8", "--calibrate", calibration)
                outputs = fovea_outputs(fovea, model, images[0], names, folder)
                result["sqnr"] = decibels(expected, outputs)
                result["int8_bytes"] = model.stat().st_size
                result["int8_layers"], result["layers"] = map(int, re.search(r"(\d+) of (\d+) layers", summary).groups())
                result["steps"] = int(re.search(r"steps\s+(\d+)", summary).group(1))
        except SystemExit as failure:
            result["error"] = str(failure).splitlines()[-1]
    return result


def report(result: dict) -> str:
    name = f"{result['network']}, {result['exporter']} {result['opset']}: "
    if "error" in result:
        return name + result["error"]
    text = f"float differs by {result['float_error']:.1e}"
    if "sqnr" in result:
        text += (f"; int8 {result['sqnr']:.1f} dB, {result['int8_layers']} of {result['layers']} layers, "
                 f"{result['int8_bytes'] / 1e6:.1f} MB, {result['steps']} steps")
    return name + text


def markdown(results: list[dict]) -> str:
    """A row a network: the worst float difference of its exports, and int8 of the export that has it."""
    rows = ["| network | exports that convert | float, largest difference | int8, SQNR | layers in int8 | size | steps |",
            "|---|---|---|---|---|---|---|"]
    for name in dict.fromkeys(result["network"] for result in results):
        mine = [result for result in results if result["network"] == name]
        good = [result for result in mine if "error" not in result]
        worst = f"{max(result['float_error'] for result in good):.1e}" if good else ""
        int8 = next((result for result in good if "sqnr" in result), None)
        cells = [f"{int8['sqnr']:.1f} dB", f"{int8['int8_layers']} of {int8['layers']}", f"{int8['int8_bytes'] / 1e6:.1f} MB",
                 str(int8["steps"])] if int8 else [""] * 4
        rows.append(f"| {name} | {len(good)} of {len(mine)} | {worst} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def export_all(arguments: argparse.Namespace) -> None:
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.models:
        wanted = {how: arguments.folder / f"{name}-{how}.onnx" for how in arguments.exports}
        wanted = {how: path for how, path in wanted.items() if not path.exists()}
        if not wanted:
            continue
        network = calibrated(name, seed=1)
        for how, path in wanted.items():
            try:
                export(name, network, how, path)
                print(f"{path}: {path.stat().st_size / 1e6:.1f} MB", flush=True)
            except Exception as error:  # whatever the exporter throws: the next one may do better
                path.unlink(missing_ok=True)
                print(f"{path}: not exported: {str(error).splitlines()[0][:200]}", flush=True)


def check_all(arguments: argparse.Namespace) -> None:
    fovea = fovea_cli.Fovea(arguments.fovea)
    results = []
    there = {path.stem.rsplit("-", 2)[0] for path in arguments.folder.glob("*.onnx")}
    order = [*NETWORKS, *sorted(there.difference(NETWORKS))]  # the latter come from keras_networks.py
    for name in arguments.models or order:
        for how in arguments.exports:
            path = arguments.folder / f"{name}-{how}.onnx"
            if path.exists():
                results.append(check(fovea, path, how in arguments.int8_exports))
                print(report(results[-1]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")
    if arguments.markdown:
        marker = "<!-- tools/zoo/zoo.py check --markdown writes what follows -->\n"
        text = arguments.markdown.read_text() if arguments.markdown.exists() else marker
        arguments.markdown.write_text(text[:text.index(marker)] + marker + "\n" + markdown(results))
    failed = [report(result) for result in results
              if "error" in result or not result["float_error"] <= arguments.tolerance]  # false for NaN
    print(f"{len(results)} files, {len(failed)} failed")
    if failed:
        raise SystemExit("\n".join(failed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, run in [("export", export_all), ("check", check_all)]:
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        # Checked is whatever lies there, from whichever exporter.
        known = {"choices": NETWORKS, "default": list(NETWORKS)} if name == "export" else {}
        command.add_argument("--models", nargs="+", metavar="NETWORK", **known)
        command.add_argument("--exports", nargs="+", default=EXPORTS + (TF2ONNX if name == "check" else []), metavar="EXPORTER-OPSET")
        command.add_argument("--folder", type=Path, default=ROOT / "build" / "zoo")
        if name == "check":
            command.add_argument("--int8-exports", nargs="*", default=["script-17", "tf2onnx-17"], metavar="EXPORTER-OPSET")
            command.add_argument("--tolerance", type=float, default=1e-3)
            command.add_argument("--markdown", type=Path, metavar="FILE", help="write the table at this file's end")
            command.add_argument("--json", type=Path, metavar="FILE")
            fovea_cli.add_argument(command)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
