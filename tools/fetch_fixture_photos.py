#!/usr/bin/env python3
"""Writes fixtures/photos: eight photos whose content EfficientNet-Lite0 should name, with their credits in a README.

    .venv/bin/python tools/fetch_fixture_photos.py

Two come with PyPI's scikit-image, the rest with Debian's gcompris-qt-data (needs apt and dpkg; 44 MB, kept in build/downloads).
All are public domain or CC0.
"""
import argparse
import importlib.metadata
import shutil
from pathlib import Path

import skimage
from PIL import Image

from gcompris_photos import Photo, collect, credit_table, shrink
from imagenet import PHOTOS, ROOT

GCOMPRIS = {
    "castle": "monuments-citedeCarcassonne",
    "german_shepherd": "farm-animals-dog",
    "koala": "world-animals-koala",
    "macaw": "world-animals-scarlet_macaw",
    "red_panda": "erase-red_panda",
    "viaduct": "monuments-pontduGard",
}
SCIKIT_IMAGE_SOURCE = "https://github.com/scikit-image/scikit-image/tree/main/skimage/data"
SHORTER_SIDE, QUALITY = 384, 90

README = """# Photos for tests and examples

Written by `tools/fetch_fixture_photos.py`. `cat.png` is scikit-image's `chelsea.png`, byte for byte; `espresso.jpg` is its
`coffee.png`. The others are WebP in Debian's package. What is JPEG here was reduced to a shorter side of {side} pixels at most
and encoded once, at quality {quality}.

What ONNX Runtime's float EfficientNet-Lite0 calls them is in [the model card](../../models/README.md).

"""


def scikit_image_photos() -> dict[str, Photo]:
    folder = Path(skimage.__file__).parent / "data"
    package = f"scikit-image {importlib.metadata.version('scikit-image')}"
    authors = {"chelsea": "Stefan van der Walt", "coffee": "Rachel Michetti, courtesy of Pikolo Espresso Bar"}
    return {name: Photo(name, author, "CC0-1.0", SCIKIT_IMAGE_SOURCE, package, Image.open(folder / f"{name}.png").convert("RGB"))
            for name, author in authors.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=PHOTOS)
    parser.add_argument("--downloads", type=Path, default=ROOT / "build" / "downloads")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    scikit_image = scikit_image_photos()
    gcompris = {photo.name: photo for photo in collect(arguments.downloads)}
    jpegs = {"espresso": scikit_image["coffee"]} | {file: gcompris[name] for file, name in GCOMPRIS.items()}
    for file, photo in jpegs.items():
        shrink(photo.image, SHORTER_SIDE).save(arguments.output / f"{file}.jpg", quality=QUALITY, optimize=True)
    shutil.copyfile(Path(skimage.__file__).parent / "data" / "chelsea.png", arguments.output / "cat.png")

    rows = sorted([(f"{file}.jpg", photo) for file, photo in jpegs.items()] + [("cat.png", scikit_image["chelsea"])])
    readme = README.format(side=SHORTER_SIDE, quality=QUALITY) + credit_table(rows)
    (arguments.output / "README.md").write_text(readme, encoding="utf-8")
    print(f"{arguments.output}: {len(rows)} photos")


if __name__ == "__main__":
    main()
