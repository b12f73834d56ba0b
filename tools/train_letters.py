#!/usr/bin/env python3
"""Trains torchvision's networks to read capital letters on photos: a labelled task that they master in four minutes on a GPU.

    .venv/bin/python tools/fetch_calibration_photos.py --all build/photos
    python tools/train_letters.py --device cuda --workers 8 --steps 2600 --batch 256 --rate 3e-3 --models mobilenet_v3_large
    .venv/bin/python tools/train_letters.py --models efficientnet_b0 --steps 500    # without a GPU: eight minutes, 83 % right
    fovea convert build/letters/efficientnet_b0.onnx -o letters.fovea --calibrate build/letters/calibration --max-drop 2% \\
        --labels build/letters/labels.txt --size 112 --crop 1 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225
    fovea eval letters.fovea build/letters/test --against float.fovea    # float.fovea: with --precision float

The networks of train_torchvision.py imitate a teacher on photos they cannot really tell apart; what 8 bits change there is mostly the
answers that were open. Here classes are certain, and networks are sure where they are right. A letter, A to Z, of one of the fonts of
some forty freely licensed Debian packages, lies turned, sheared, in any size and color on a crop of a photo. One package of three and
one photo of three are held back: test/ has letters of those fonts on those photos, a folder a class, calibration/ has some of the
others. Needs apt. Layers that have EfficientNet-Lite0's shapes start with its weights, as in train_torchvision.py.
"""
import argparse
import functools
import math
import string
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from debian import unpack
from export_torchvision import export
from imagenet import ROOT, images
from train_torchvision import BATCH, MODELS, SMALL_BATCH, Batches, inherit, new_network, normalized, train

PACKAGES = """
adf-accanthis adf-gillius adf-romande adf-universalis averia-gwf b612 bebas-neue cabin cantarell comfortaa crosextra-caladea
crosextra-carlito dejavu-core ebgaramond fantasque-sans firacode freefont-ttf goudybookletter hack inconsolata jetbrains-mono junicode
jura lato liberation linuxlibertine monofur mononoki ocr-b oldstandard open-sans opendyslexic play prociono quattrocento sil-andika
sil-gentium tuffy vollkorn yanone-kaffeesatz
""".split()
FONTS_A_PACKAGE = 8  # at most: a family of forty weights would be all that is seen
HELD_BACK = 3  # one of three
CLASSES = string.ascii_uppercase
TEST_A_CLASS, CALIBRATION = 20, 512
SIZE = 112  # pixels a side
QUALITY = 90  # of JPEG files


def fonts(package: str, downloads: Path) -> list[Path]:
    root, _ = unpack(f"fonts-{package}", downloads)
    found = sorted(path for path in root.rglob("*") if path.suffix.lower() in {".ttf", ".otf"} and not path.is_symlink())
    return [found[index] for index in np.linspace(0, len(found) - 1, min(len(found), FONTS_A_PACKAGE)).astype(int)]


class Letters:
    """Draws letters of some fonts on some photos, as a seed decides."""

    def __init__(self, faces: list[Path], photos: list[Path], seed: int):
        self.faces, self.random = faces, np.random.default_rng(seed)
        self.photos = [Image.open(photo).convert("RGB") for photo in photos]

    def draw(self, letter: str, side: int) -> Image.Image:
        random = self.random
        image = self.background(side)
        face = ImageFont.truetype(self.faces[random.integers(len(self.faces))], round(side * random.uniform(0.4, 0.9)))
        mask = Image.new("L", (side, side))
        ImageDraw.Draw(mask).text((side / 2, side / 2), letter, 255, face, anchor="mm")
        angle, shear = random.normal(0, 0.15), random.normal(0, 0.15)
        x, y = random.uniform(-0.12, 0.12, 2) * side + side / 2
        cosine, sine = math.cos(angle), math.sin(angle)
        rows = np.array([[cosine, sine + shear], [-sine, cosine]])
        offsets = side / 2 - rows @ [x, y]
        mask = mask.transform((side, side), Image.AFFINE, [*rows[0], offsets[0], *rows[1], offsets[1]], Image.BILINEAR)
        image.paste(self.ink(image), mask=mask)
        return image

    def background(self, side: int) -> Image.Image:
        photo = self.photos[self.random.integers(len(self.photos))]
        crop = round(min(photo.size) * self.random.uniform(0.3, 1))
        left, top = self.random.integers(0, photo.width - crop + 1), self.random.integers(0, photo.height - crop + 1)
        return photo.resize((side, side), Image.BICUBIC, (left, top, left + crop, top + crop))

    def ink(self, image: Image.Image) -> tuple[int, int, int]:
        """A color that can be told from the photo's mean."""
        mean = np.asarray(image, dtype=np.float64).mean((0, 1))
        while True:
            color = self.random.integers(0, 256, 3)
            if np.abs(color - mean).sum() > 200:
                return tuple(color.tolist())

    def batch(self, count: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        classes = self.random.integers(0, len(CLASSES), count)
        pixels = np.stack([np.asarray(self.draw(CLASSES[index], size)) for index in classes])
        values = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
        return values, torch.nn.functional.one_hot(torch.from_numpy(classes), len(CLASSES)).float()

    def write(self, folder: Path, letters: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for index, letter in enumerate(letters):
            self.draw(letter, SIZE).save(folder / f"{folder.name}-{index:03}.jpg", quality=QUALITY)


class Drawn(torch.utils.data.IterableDataset):
    """Batches without end, of other letters in each worker process."""

    def __init__(self, faces: list[Path], photos: list[Path], seed: int, count: int, size: int):
        super().__init__()
        self.faces, self.photos, self.seed, self.count, self.size = faces, photos, seed, count, size

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        worker = torch.utils.data.get_worker_info().id
        letters = Letters(self.faces, self.photos, self.seed + 1000 * (worker + 1))
        while True:
            yield letters.batch(self.count, self.size)


def batches(faces: list[Path], photos: list[Path], seed: int, workers: int) -> Batches:
    """Draws in this process, or ahead in others."""
    if workers == 0:
        return Letters(faces, photos, seed).batch

    @functools.cache
    def drawn(count: int, size: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        dataset = Drawn(faces, photos, seed, count, size)
        return iter(torch.utils.data.DataLoader(dataset, batch_size=None, num_workers=workers, prefetch_factor=4))
    return lambda count, size: next(drawn(count, size))


@torch.no_grad()
def accuracy(network: torch.nn.Module, test: Path) -> str:
    right = sure = count = 0
    for index, letter in enumerate(CLASSES):
        files = images(test / letter)
        values = torch.from_numpy(np.stack([np.asarray(Image.open(file)) for file in files])).permute(0, 3, 1, 2).float() / 255
        probabilities = torch.cat([network(normalized(part)) for part in values.split(BATCH)]).softmax(1)
        right += (probabilities.argmax(1) == index).sum().item()
        sure += (probabilities.max(1).values >= 0.5).sum().item()
        count += len(files)
    return f"{right / count:.1%} of {count} test letters right; {sure} answers with a probability of 0.5 or more"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=["mobilenet_v3_large", "efficientnet_b0"])
    parser.add_argument("--photos", type=Path, default=ROOT / "build" / "photos", metavar="FOLDER")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "letters")
    parser.add_argument("--downloads", type=Path, default=ROOT / "build" / "downloads")
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--batch", type=int, default=SMALL_BATCH, help="letters a step")
    parser.add_argument("--rate", type=float, help="the highest learning rate; each network has its own")
    parser.add_argument("--device", default="cpu", help="cuda, where there is such a GPU")
    parser.add_argument("--workers", type=int, default=0, help="processes that draw; 0 for this one")
    parser.add_argument("--opset", type=int, default=17)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="other numbers give other roundings, and so other weights")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    faces = [fonts(package, arguments.downloads) for package in PACKAGES]
    held_faces = sum(faces[::HELD_BACK], [])
    known_faces = [face for index, family in enumerate(faces) if index % HELD_BACK for face in family]
    photos = images(arguments.photos)
    held, known = photos[::HELD_BACK], [photo for index, photo in enumerate(photos) if index % HELD_BACK]
    test = Letters(held_faces, held, arguments.seed + 1)
    for letter in CLASSES:
        test.write(arguments.output / "test" / letter, letter * TEST_A_CLASS)
    Letters(known_faces, known, arguments.seed + 2).write(
        arguments.output / "calibration", "".join(CLASSES[index % len(CLASSES)] for index in range(CALIBRATION)))
    (arguments.output / "labels.txt").write_text("".join(f"{letter}\n" for letter in CLASSES), encoding="utf-8")
    print(f"{len(known_faces)} fonts and {len(known)} photos to train with, {len(held_faces)} and {len(held)} held back", flush=True)

    for name in arguments.models:
        network = new_network(name, len(CLASSES), arguments.seed)
        inherit(network)
        batch = batches(known_faces, known, arguments.seed, arguments.workers)
        train(name, network, batch, [(arguments.steps, SIZE, arguments.batch)], arguments.rate, arguments.device)
        print(f"{name}: {accuracy(network, arguments.output / 'test')}", flush=True)
        export(network, arguments.output / f"{name}.onnx", arguments.opset, dynamo=False, size=SIZE)


if __name__ == "__main__":
    main()
