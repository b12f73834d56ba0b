#!/usr/bin/env python3
"""Writes fixtures/calibration: 48 varied photos for calibrating int8 models, with their credits in a README.

    .venv/bin/python tools/fetch_calibration_photos.py
    .venv/bin/python tools/fetch_calibration_photos.py --all build/photos    # every photo instead, some 230

The photos come with Debian's gcompris-qt-data (needs apt and dpkg; 44 MB, kept in build/downloads). The 48 are public domain or
CC0; --all adds those under CC-BY and CC-BY-SA. None of either set is among fixtures/photos, and a photo has the same file name
in both, so that the rest of --all can serve to evaluate what was calibrated with the 48.
"""
import argparse
from pathlib import Path

from fetch_fixture_photos import GCOMPRIS
from gcompris_photos import Photo, collect, credit_table, shrink
from imagenet import CALIBRATION, ROOT

GROUPS = [("erase", "farm-animals", "world-animals"), ("monuments",), ("categorization",)]  # animals, buildings, objects
PHOTOS_A_GROUP = 16
SHORTER_SIDE, QUALITY = 256, 90

README = """# Photos for calibration

Written by `tools/fetch_calibration_photos.py` from the WebP files in a Debian package: reduced to a shorter side of {side}
pixels (most of the `categorization` ones are smaller) and encoded as JPEG at quality {quality}, otherwise unchanged.

"""


def shipped(photos: list[Photo]) -> list[Photo]:
    """As many animals as buildings as objects, evenly spaced through the unrestricted photos' names."""
    chosen = []
    for prefixes in GROUPS:
        group = [photo for photo in photos if photo.unrestricted and photo.name.startswith(prefixes)]
        chosen += [group[index * len(group) // PHOTOS_A_GROUP] for index in range(PHOTOS_A_GROUP)]
    return sorted(chosen, key=lambda photo: photo.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="write every photo to this folder instead")
    parser.add_argument("--downloads", type=Path, default=ROOT / "build" / "downloads")
    arguments = parser.parse_args()

    photos = [photo for photo in collect(arguments.downloads) if photo.name not in GCOMPRIS.values()]
    output = arguments.all or CALIBRATION
    chosen = photos if arguments.all else shipped(photos)
    output.mkdir(parents=True, exist_ok=True)
    for stale in output.glob("*.jpg"):
        stale.unlink()
    for photo in chosen:
        shrink(photo.image, SHORTER_SIDE).save(output / f"{photo.name}.jpg", quality=QUALITY, optimize=True)
    table = credit_table([(f"{photo.name}.jpg", photo) for photo in chosen])
    (output / "README.md").write_text(README.format(side=SHORTER_SIDE, quality=QUALITY) + table, encoding="utf-8")
    print(f"{output}: {len(chosen)} photos")


if __name__ == "__main__":
    main()
