#!/usr/bin/env python3
"""Exports torchvision's MobileNets, ResNet-18, ResNet-50, SqueezeNet 1.1 and EfficientNet-B0 to build/models, with seeded random weights.

    .venv/bin/python tools/export_torchvision.py
    .venv/bin/python tools/export_torchvision.py --photos build/photos --output build/models/photos
    .venv/bin/python tools/export_torchvision.py --dynamo --opset 20 --models resnet18 --output build/models/dynamo

Random weights are enough to check arithmetic and measure speed. A few batches of noise give batch normalization the statistics
of what really flows through it: otherwise activations would explode or vanish over fifty layers. With --photos these are random
crops of photos: a network fitted to noise can answer a photo with activations a hundred times larger than all others'. Each file is loaded and run
once with ONNX Runtime, and must agree with PyTorch. --dynamo takes torch.export's exporter instead of TorchScript's; it stores
weights in a file beside the model.
"""
import argparse
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from portable_torchvision import torchvision

from compare_accuracy import TORCHVISION_DEVIATION, TORCHVISION_MEAN, crops, tensor
from imagenet import ROOT, images

MODELS = {
    "mobilenet_v2": torchvision.models.mobilenet_v2,
    "mobilenet_v3_large": torchvision.models.mobilenet_v3_large,
    "resnet18": torchvision.models.resnet18,
    "resnet50": torchvision.models.resnet50,
    "squeezenet1_1": torchvision.models.squeezenet1_1,
    "efficientnet_b0": torchvision.models.efficientnet_b0,
}
BATCHES, BATCH_SIZE = 4, 8
TOLERANCE = 1e-4  # of the largest logit, between PyTorch and ONNX Runtime


def calibrated(name: str, seed: int, photos: Path | None = None) -> torch.nn.Module:
    torch.manual_seed(seed)
    network = MODELS[name](weights=None)
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # the plain average over all batches
    network.train()
    with torch.no_grad():
        for batch in range(BATCHES if norms else 0):
            if photos is None:
                network(torch.randn(BATCH_SIZE, 3, 224, 224))
            else:
                network(torch.from_numpy(crops_of(photos, batch)))
    return network.eval()


def crops_of(photos: Path, batch: int) -> np.ndarray:
    found = images(photos)
    random = np.random.default_rng(batch)
    chosen = [found[index] for index in random.choice(len(found), 4 * BATCH_SIZE, replace=False)]
    return np.concatenate([tensor(pixels, TORCHVISION_MEAN, TORCHVISION_DEVIATION)
                           for pixels in crops(chosen, len(chosen), seed=batch)])


def export(network: torch.nn.Module, path: Path, opset: int, dynamo: bool, size: int = 224) -> None:
    image = torch.randn(1, 3, size, size)
    options = {"input_names": ["input"], "output_names": ["logits"], "opset_version": opset}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if dynamo:
            torch.onnx.export(network, (image,), path, dynamo=True, dynamic_shapes=({0: "batch"},), verbose=False, **options)
        else:
            axes = {"input": {0: "batch"}, "logits": {0: "batch"}}
            torch.onnx.export(network, (image,), path, dynamo=False, dynamic_axes=axes, **options)

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    logits = session.run(None, {"input": image.numpy()})[0]
    with torch.no_grad():
        expected = network(image).numpy()
    difference = np.abs(logits - expected).max() / np.abs(expected).max()
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, largest logit {np.abs(expected).max():.3g}, "
          f"ONNX Runtime differs from PyTorch by {difference:.1e} of it", flush=True)
    if not difference < TOLERANCE:
        raise SystemExit(f"{path}: exported wrongly")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "models")
    parser.add_argument("--opset", type=int, default=17, help="--dynamo wants 18 or newer")
    parser.add_argument("--dynamo", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="whose crops batch normalization is fitted to, in place of noise")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    for name in arguments.models:
        export(calibrated(name, arguments.seed, arguments.photos), arguments.output / f"{name}.onnx", arguments.opset, arguments.dynamo)


if __name__ == "__main__":
    main()
