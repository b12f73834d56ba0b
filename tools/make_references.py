#!/usr/bin/env python3
"""Writes what float EfficientNet-Lite0 must answer, computed by ONNX Runtime, to fixtures/references/efficientnet_lite0.

    .venv/bin/python tools/make_references.py

PHOTO.logits.npy holds the logits ([1, 1000], float32) of each of fixtures/photos, preprocessed by torchvision on PIL images.
input.npy ([1, 3, 224, 224], float32) is one such input, that of cat.png, and output.npy its logits: these two are free of
any image decoder and resizer.
"""
import argparse
from pathlib import Path

import numpy as np
import onnxruntime

from imagenet import EFFICIENTNET_LITE0, PHOTOS, ROOT, images, preprocess

INPUT_PHOTO = "cat.png"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / "fixtures" / "references" / EFFICIENTNET_LITE0.stem)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    session = onnxruntime.InferenceSession(EFFICIENTNET_LITE0, providers=["CPUExecutionProvider"])
    photos = images(PHOTOS)
    for photo in photos:
        pixels = preprocess(photo)
        logits = session.run(["logits"], {"input": pixels})[0]
        np.save(arguments.output / f"{photo.stem}.logits.npy", logits)
        if photo.name == INPUT_PHOTO:
            np.save(arguments.output / "input.npy", pixels)
            np.save(arguments.output / "output.npy", logits)
    print(f"{arguments.output}: logits of {len(photos)} photos, and one input with its output")


if __name__ == "__main__":
    main()
