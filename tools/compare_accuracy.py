#!/usr/bin/env python3
"""Compares what int8 costs in accuracy: Fovea's quantizer, by each of its methods, beside others.

    .venv/bin/python tools/fetch_calibration_photos.py --all build/photos
    .venv/bin/python tools/compare_accuracy.py
    .venv/bin/python tools/export_torchvision.py
    .venv/bin/python tools/compare_accuracy.py build/models/mobilenet_v2.onnx --every 4 --methods second-order,min-max
    .venv/bin/pip install nncf==3.4.0
    .venv/bin/python tools/compare_accuracy.py --peers onnxruntime,min-max nncf,default nncf,full
    .venv/bin/python tools/compare_accuracy.py build/models/trained/efficientnet_b0.onnx --max-drop 2% 20dB
    .venv/bin/python tools/compare_accuracy.py build/letters/efficientnet_b0.onnx --whole 112 --calibration build/letters/calibration \\
        --photos build/letters/test/* --max-drop 2%    # of train_letters.py

Every quantizer is calibrated with the same tensors: random crops of the calibration photos. All answer the same held-back random
crops of other photos. Prints, for the logits of all of them, the signal to quantization noise ratio (SQNR) against float, 10 log10
(sum of squares / sum of squared errors), and how often the top-1 class is float's: of all, and of those whose class float gives a
probability of 0.5 or more. --max-drop adds rows of `fovea convert --max-drop`, which gets the calibration photos themselves, decides on
every fourth of them, and tells the share of multiply-accumulates that stays in int8. The others' models are evaluated exactly,
without the saturating sums of ONNX Runtime's integer kernels.
"""
import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

import fovea_cli
import onnxruntime_int8
from check_int8 import sqnr
from imagenet import CALIBRATION, DEVIATION, EFFICIENTNET_LITE0, MEAN, PHOTOS, ROOT, SIZE, images, softmax

# ImageNet's usual constants, for networks other than EfficientNet-Lite0.
TORCHVISION_MEAN = np.array([0.485, 0.456, 0.406])
TORCHVISION_DEVIATION = np.array([0.229, 0.224, 0.225])
METHODS = ["nearest,min-max", "second-order,min-max", "second-order,percentile", "second-order,mse", "second-order,entropy",
           "second-order,auto"]
PEERS = [f"onnxruntime,{method}" for method in onnxruntime_int8.METHODS] + ["nncf,default", "nncf,full"]
PEER_NAMES = {"onnxruntime": "ONNX Runtime", "nncf": "NNCF"}


def crops(photos: list[Path], count: int, seed: int) -> list[np.ndarray]:
    """Random square crops as pixels of 0..255, [224, 224, 3]: 35 to 100 % of the largest square, half of them mirrored."""
    random, result = np.random.default_rng(seed), []
    for index in range(count):
        image = Image.open(photos[index % len(photos)]).convert("RGB")
        side = round(min(image.size) * np.sqrt(random.uniform(0.35, 1)))
        left, top = random.integers(0, image.width - side + 1), random.integers(0, image.height - side + 1)
        pixels = np.asarray(image.resize((SIZE, SIZE), Image.BICUBIC, (left, top, left + side, top + side)), dtype=np.float64)
        result.append(pixels[:, ::-1] if random.random() < 0.5 else pixels)
    return result


def whole(photos: list[Path], side: int) -> list[np.ndarray]:
    """Each photo as it is, made a square, as pixels of 0..255, [side, side, 3]."""
    return [np.asarray(Image.open(photo).convert("RGB").resize((side, side), Image.BICUBIC), dtype=np.float64) for photo in photos]


def tensor(pixels: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(((pixels / 255 - mean) / deviation).transpose(2, 0, 1)[np.newaxis], dtype=np.float32)


def quantize(peer: str, network: Path, quantized: Path, inputs: list[np.ndarray]) -> None:
    """peer: one of PEERS."""
    quantizer, method = peer.split(",")
    if quantizer == "onnxruntime":
        onnxruntime_int8.quantize(network, quantized, inputs, method)
    else:
        import nncf_int8  # not everybody has NNCF

        nncf_int8.quantize(network, quantized, inputs, full=method == "full")


def method_options(method: str) -> list[str]:
    """Options of `fovea convert`; method: "second-order,min-max", or "second-order,min-max,off" for --equalize off."""
    return [part for option, value in zip(["--rounding", "--calibration", "--equalize"], method.split(",")) for part in (option, value)]


def row(name: str, floats: np.ndarray, logits: np.ndarray, note: str = "") -> None:
    same = floats.argmax(1) == logits.argmax(1)
    sure = np.array([softmax(values).max() for values in floats]) >= 0.5
    of_sure = f"{same[sure].mean():.1%} of {sure.sum()}" if sure.any() else "-"
    print(f"| {name} | {sqnr(floats, logits):.2f} dB | {same.mean():.1%} | {of_sure} | {note} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path, nargs="?", default=EFFICIENTNET_LITE0)
    parser.add_argument("--calibration", type=Path, default=CALIBRATION)
    parser.add_argument("--crops", type=int, default=64, help="to calibrate with")
    parser.add_argument("--photos", type=Path, nargs="+", default=[PHOTOS, ROOT / "build" / "photos"], metavar="FOLDER",
                        help="what to evaluate on, two crops of each; files that calibration has too are left out")
    parser.add_argument("--whole", type=int, metavar="SIDE", help="photos of that many pixels a side, each once and whole: no crops")
    parser.add_argument("--every", type=int, default=1, help="evaluate on every nth crop only")
    parser.add_argument("--methods", nargs="*", default=METHODS, metavar="ROUNDING,CALIBRATION[,EQUALIZE]", help="of Fovea")
    parser.add_argument("--max-drop", nargs="*", default=[], metavar="BUDGET", help="of Fovea's mixed precision: 2%% or 20dB")
    parser.add_argument("--peers", nargs="*", default=["onnxruntime,min-max"], choices=PEERS, metavar="QUANTIZER,METHOD",
                        help=f"whom to compare with: {', '.join(PEERS)}")
    parser.add_argument("--threads", type=int, default=2)
    fovea_cli.add_argument(parser)
    arguments = parser.parse_args()
    fovea = fovea_cli.Fovea(arguments.fovea)

    is_lite = arguments.network.resolve() == EFFICIENTNET_LITE0
    mean, deviation = (np.full(3, MEAN / 255), np.full(3, DEVIATION / 255)) if is_lite else (TORCHVISION_MEAN, TORCHVISION_DEVIATION)
    calibration = images(arguments.calibration)
    seen = {photo.name for photo in calibration}
    photos = [photo for folder in arguments.photos for photo in images(folder.resolve()) if photo.name not in seen]
    if arguments.whole:
        others, known = whole(photos, arguments.whole), whole(calibration[:arguments.crops], arguments.whole)
    else:
        others, known = crops(photos, 2 * len(photos), seed=1), crops(calibration, arguments.crops, seed=0)
    held = [tensor(pixels, mean, deviation) for pixels in others[::arguments.every]]
    calibrating = [tensor(pixels, mean, deviation) for pixels in known]
    print(f"{arguments.network.stem}: {len(calibrating)} inputs of {len(calibration)} photos to calibrate, {len(held)} inputs of "
          f"{len(photos)} others to evaluate\n\n| | SQNR | top-1 as float | where float is sure | conversion |\n|---|---|---|---|---|")

    def answers(network: Path) -> np.ndarray:
        session = onnxruntime_int8.session(network, threads=arguments.threads, exact=True)
        name = session.get_inputs()[0].name
        return np.concatenate([session.run(None, {name: value})[0] for value in held])

    floats = answers(arguments.network)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for peer in arguments.peers:
            start = time.monotonic()
            quantize(peer, arguments.network, folder / "quantized.onnx", calibrating)
            seconds = time.monotonic() - start
            quantizer, method = peer.split(",")
            row(f"{PEER_NAMES[quantizer]}, {method}", floats, answers(folder / "quantized.onnx"), f"{seconds:.0f} s")
        inputs, model = folder / "inputs", folder / "model.fovea"
        inputs.mkdir()
        for index, value in enumerate(calibrating):
            np.save(inputs / f"{index:04}.npy", value)
        shape = fovea_cli.input_shapes(arguments.network)
        common = ["--threads", str(arguments.threads), "--size", str(arguments.whole or SIZE), "--mean", ",".join(map(repr, mean.tolist())),
                  "--std", ",".join(map(repr, deviation.tolist())), *(["--crop", "1"] if arguments.whole else [])]
        report = folder / "report.json"
        rows = [(method.replace(",", ", "), [inputs, *method_options(method)]) for method in arguments.methods]
        rows += [(f"--max-drop {drop}", [arguments.calibration, "--max-drop", drop, "--crops", str(arguments.crops), "--report", report])
                 for drop in arguments.max_drop]
        for name, options in rows:
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            fovea.convert(arguments.network, model, "--calibrate", *options, *common)
            seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            note = f"{seconds:.0f} s, {after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.0f} s of processor"
            if report in options:
                told = json.loads(report.read_text())
                note += f"; {told['int8Macs'] / told['macs']:.1%} of MACs in int8"
            logits = np.concatenate([fovea.run(model, {name: value for name in shape}) for value in held])
            row(f"Fovea, {name}", floats, logits.reshape(floats.shape), note)


if __name__ == "__main__":
    main()
