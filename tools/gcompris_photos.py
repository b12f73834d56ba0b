"""Some two hundred real, freely licensed photos out of one Debian package, each with its author, licence and source.

    for photo in collect(Path("build/downloads")):
        print(photo.name, photo.licence, photo.author, photo.source, photo.image.size)

GCompris (games for children) ships photos of animals, buildings and tools as WebP, most of them public domain or CC0. They
lie in Qt resource files (.rcc), next to README files that credit each one. Those README files are what counts: the package's
debian/copyright still describes the photos of an earlier release.
"""
import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from debian import unpack

PACKAGE = "gcompris-qt-data"
ACTIVITIES = ["categorization", "erase", "explore_farm_animals", "explore_monuments", "explore_world_animals"]
NOT_PHOTOS = {"categorization-alphabets", "categorization-numbers"}  # toy blocks that stand for a menu entry

FREE_LICENCES = re.compile(r"Public Domain|CC0-1\.0|CC-BY(-SA)?[- ][1234]\.\d")


@dataclass
class Photo:
    name: str  # activity-file, unique
    author: str
    licence: str
    source: str
    package: str  # name and version
    image: Image.Image

    @property
    def unrestricted(self) -> bool:
        return self.licence in {"Public Domain", "CC0-1.0"}


def collect(downloads: Path) -> list[Photo]:
    """Downloads and unpacks the package unless that was done before; returns its photos by name, each source once."""
    root, version = unpack(PACKAGE, downloads)
    photos = []
    for activity in ACTIVITIES:
        files = dict(resources((root / f"usr/share/gcompris-qt/rcc/{activity}.rcc").read_bytes()))
        for path, credit in credits(files):
            name = f"{activity.removeprefix('explore_').replace('_', '-')}-{Path(path).stem}"
            if FREE_LICENCES.fullmatch(credit["License"]) and credit.get("Source") and name not in NOT_PHOTOS:
                licence = re.sub(r" (?=\d)", "-", credit["License"])
                image = Image.open(io.BytesIO(files[path])).convert("RGB")
                photos.append(Photo(name, credit["Copyright"], licence, credit["Source"], f"{PACKAGE} {version}", image))
    largest = {}
    for photo in sorted(photos, key=lambda photo: min(photo.image.size)):
        largest[photo.source] = photo
    return sorted(largest.values(), key=lambda photo: photo.name)


def shrink(image: Image.Image, shorter_side: int) -> Image.Image:
    """The image with its shorter side reduced to this; a smaller one is left as it is."""
    scale = shorter_side / min(image.size)
    size = (round(image.width * scale), round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS) if scale < 1 else image


def credit_table(rows: list[tuple[str, Photo]]) -> str:
    """A Markdown table that credits the photo behind each file name."""
    lines = ["| file | author | licence | source | taken from |", "|---|---|---|---|---|"]
    for file, photo in rows:
        source = photo.source.replace("(", "%28").replace(")", "%29")
        lines.append(f"| {file} | {photo.author} | {photo.licence} | [source]({source}) | {photo.package} |")
    return "\n".join(lines) + "\n"


def resources(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of a Qt binary resource, as (path, contents); Zstandard-compressed ones (there, only vector art) left out.

    The format is that of Qt's rcc tool: a header with the offsets of a tree of fixed-size nodes, of names, and of data.
    """
    magic, version, tree, contents, names = struct.unpack_from(">4s4I", data)
    if magic != b"qres":
        raise ValueError("not a Qt resource file")
    node_size = 22 if version >= 2 else 14
    compressed_zlib, directory, compressed_zstd = 1, 2, 4

    def walk(index: int, folder: str) -> Iterator[tuple[str, bytes]]:
        node = tree + index * node_size
        name_offset, flags = struct.unpack_from(">IH", data, node)
        length = struct.unpack_from(">H", data, names + name_offset)[0] if index else 0
        start = names + name_offset + 6
        path = f"{folder}/{data[start:start + 2 * length].decode('utf-16-be')}" if index else ""
        if flags & directory:
            count, first = struct.unpack_from(">II", data, node + 6)
            for child in range(first, first + count):
                yield from walk(child, path)
        elif not flags & compressed_zstd:
            start = contents + struct.unpack_from(">I", data, node + 10)[0]
            size = struct.unpack_from(">I", data, start)[0]
            blob = data[start + 4:start + 4 + size]
            yield path, zlib.decompress(blob[4:]) if flags & compressed_zlib else blob

    return walk(0, "")


def credits(files: dict[str, bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each WebP file that a README in its folder or above credits, with the README's fields for it."""
    for readme in (path for path in files if path.endswith("/README")):
        folder = readme.removesuffix("README")
        for paragraph in re.split(r"\n\s*\n", files[readme].decode("utf-8")):
            fields = dict(re.findall(r"^(Copyright|License|Source): *(.*?) *$", paragraph, re.MULTILINE))
            _, _, listed = paragraph.partition("Files:")
            for file in listed.split():
                if file.endswith(".webp") and folder + file in files and "License" in fields:
                    yield folder + file, fields
