#!/usr/bin/env python3
"""Prints, as a Markdown table, what ONNX Runtime's float EfficientNet-Lite0 sees in photos.

    .venv/bin/python tools/classify_onnxruntime.py fixtures/photos
"""
import argparse
from pathlib import Path

import onnxruntime

from imagenet import EFFICIENTNET_LITE0, PHOTOS, images, labels, preprocess, softmax


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=PHOTOS)
    parser.add_argument("--model", type=Path, default=EFFICIENTNET_LITE0)
    parser.add_argument("--top", type=int, default=2)
    arguments = parser.parse_args()

    session = onnxruntime.InferenceSession(arguments.model, providers=["CPUExecutionProvider"])
    names = labels()
    print("| photo | " + " | ".join(f"top {rank + 1}" for rank in range(arguments.top)) + " |")
    print("|---|" + "---|" * arguments.top)
    for path in images(arguments.folder):
        probabilities = softmax(session.run(None, {session.get_inputs()[0].name: preprocess(path)})[0][0])
        top = probabilities.argsort()[::-1][:arguments.top]
        print(f"| {path.name} | " + " | ".join(f"{names[index]} {probabilities[index]:.2f}" for index in top) + " |")


if __name__ == "__main__":
    main()
