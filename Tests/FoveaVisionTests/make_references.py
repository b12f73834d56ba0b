#!/usr/bin/env python3
"""Writes the images and expected results that FoveaVisionTests compares with, made by Pillow and torchvision.

    python -m venv /tmp/references && /tmp/references/bin/pip install pillow==13.0.0 numpy==2.4.6 torchvision==0.29.2 \
        scikit-image==0.26.0
    /tmp/references/bin/python Tests/FoveaVisionTests/make_references.py --output fixtures/images

What it writes (X.npy or X.expected.png holds the RGB bytes that X.jpg or X.png must decode to):

    decode/       every kind of JPEG and PNG that Image decodes
    resize/       SOURCE_WIDTHxHEIGHT_FILTER.png: Pillow's Image.resize of decode/photo.jpg or resize/SOURCE.png
    preprocess/   torchvision's Resize, CenterCrop, ToTensor, Normalize

The lists of cases are repeated in the tests. Running it again writes the same bytes, given the same package versions. The photo
is scikit-image's `chelsea` (CC0, by Stéfan van der Walt); all other images are synthetic.
"""

import argparse
import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

BILINEAR, BICUBIC = Image.Resampling.BILINEAR, Image.Resampling.BICUBIC
FILTERS = {"bilinear": BILINEAR, "bicubic": BICUBIC}

# source, width, height
RESIZES = [
    ("noise_37x53", 20, 30), ("noise_37x53", 74, 106), ("noise_37x53", 37, 20), ("noise_37x53", 20, 53),
    ("noise_37x53", 1, 1), ("noise_37x53", 111, 7), ("noise_37x53", 36, 54), ("noise_1x500", 1, 250),
    ("noise_1x500", 3, 700), ("noise_1x500", 200, 2), ("noise_700x3", 350, 2), ("noise_700x3", 1, 1),
    ("noise_700x3", 90, 64), ("noise_700x3", 17, 3), ("photo", 192, 128), ("noise_23x90", 17, 66), ("noise_23x90", 18, 80),
    ("noise_23x90", 9, 62), ("noise_23x90", 9, 61),
]  # fmt: skip

# source, width, height, crop, filter
PREPROCESSINGS = [
    ("photo", 224, 224, 0.875, "bilinear"), ("photo", 224, 224, 0.875, "bicubic"), ("photo", 96, 96, 1.0, "bicubic"),
    ("photo", 160, 96, 0.8, "bilinear"), ("photo", 32, 80, 0.95, "bicubic"), ("noise_1x500", 32, 32, 0.875, "bilinear"),
    ("noise_700x3", 32, 32, 0.875, "bicubic"), ("noise_37x53", 48, 20, 1.0, "bilinear"),
    ("noise_37x53", 20, 63, 0.9, "bicubic"), ("noise_37x53", 32, 32, 0.914, "bicubic"),
    ("noise_23x90", 16, 16, 0.875, "bicubic"), ("noise_23x90", 16, 16, 0.875, "bilinear"),
]  # fmt: skip

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def noise(width, height, seed):
    """Random pixels, half of them black or white, so that the cubic's overshoot is clamped often."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    extreme = rng.integers(0, 2, (height, width, 3), dtype=np.uint8) * 255
    return np.where(rng.random((height, width, 3)) < 0.5, extreme, pixels).astype(np.uint8)


def chunk(name, data):
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def packed(samples, depth):
    """Rows of samples [height, width, channels] to PNG's big-endian packed bits, each row with filter type 0."""
    height = samples.shape[0]
    if depth == 16:
        rows = samples.reshape(height, -1).astype(">u2").view(np.uint8).reshape(height, -1)
    elif depth == 8:
        rows = samples.reshape(height, -1).astype(np.uint8)
    else:
        bits = np.unpackbits(samples.reshape(height, -1, 1).astype(np.uint8), axis=2)[:, :, 8 - depth :]
        rows = np.packbits(bits.reshape(height, -1), axis=1)
    return b"".join(b"\0" + row.tobytes() for row in rows)


def encode_png(samples, color_type, depth, interlaced, extra=b""):
    """A PNG of any colour type and depth: Pillow writes neither interlaced nor most 16-bit and 2-bit files."""
    height, width = samples.shape[:2]
    data = b""
    adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    for x, y, dx, dy in adam7 if interlaced else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size:
            data += packed(part, depth)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(data, 9))
            + chunk(b"IEND", b""))  # fmt: skip


def pngs():
    """Yields (name, file bytes, expected RGB or None for Pillow's) for each colour type, depth and interlacing."""
    rng = np.random.default_rng(1)
    for color_type, channels, kind, depths in [
        (0, 1, "gray", (1, 2, 4, 8, 16)), (2, 3, "rgb", (8, 16)), (3, 1, "palette", (1, 2, 4, 8)),
        (4, 2, "gray_alpha", (8, 16)), (6, 4, "rgba", (8, 16)),
    ]:  # fmt: skip
        for depth in depths:
            for interlaced in (False, True):
                samples = rng.integers(0, 1 << depth, (9, 13, channels))
                extra = b""
                if color_type == 3:
                    extra = chunk(b"PLTE", rng.integers(0, 256, 3 << depth, dtype=np.uint8).tobytes())
                expected = None
                if color_type == 0 and depth == 16:  # Pillow clips 16-bit gray to 255; we take the high byte
                    expected = np.repeat(samples >> 8, 3, axis=2).astype(np.uint8)
                name = f"{kind}_{depth}" + ("_interlaced" if interlaced else "")
                yield name, encode_png(samples, color_type, depth, interlaced, extra), expected
    palette = chunk(b"PLTE", rng.integers(0, 256, 48, dtype=np.uint8).tobytes())
    yield "palette_trns", encode_png(
        rng.integers(0, 16, (9, 13, 1)), 3, 4, False, palette + chunk(b"tRNS", bytes(range(0, 160, 10)))), None  # fmt: skip
    yield "gray_trns", encode_png(rng.integers(0, 16, (9, 13, 1)), 0, 4, False, chunk(b"tRNS", b"\0\7")), None
    yield "rgb_trns", encode_png(rng.integers(0, 4, (9, 13, 3)), 2, 8, False, chunk(b"tRNS", b"\0\1\0\2\0\3")), None
    yield "rgb_1x1_interlaced", encode_png(rng.integers(0, 256, (1, 1, 3)), 2, 8, True), None
    yield "gray_3x2_interlaced", encode_png(rng.integers(0, 2, (2, 3, 1)), 0, 1, True), None


def jpegs(photo):
    """Yields (name, file bytes) for each kind of JPEG; 61 x 43 is a multiple of no block size."""
    part = photo.crop((150, 60, 211, 103))

    def saved(image, **options):
        out = io.BytesIO()
        image.save(out, "jpeg", **options)
        return out.getvalue()

    yield "gray", saved(part.convert("L"), quality=90)
    for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
        yield "rgb_" + subsampling.replace(":", ""), saved(part, quality=85, subsampling=subsampling)
    yield "progressive", saved(part, quality=85, progressive=True)
    yield "progressive_gray", saved(part.convert("L"), quality=60, progressive=True)
    yield "restarts", saved(part, quality=85, restart_marker_blocks=2)
    yield "stored_as_rgb", saved(part, quality=90, keep_rgb=True)
    yield "low_quality", saved(part, quality=5)
    for width, height in [(1, 1), (7, 1), (1, 17), (16, 16), (17, 33)]:
        yield f"rgb_{width}x{height}", saved(part.resize((width, height)), quality=85)

    cmy = 255 - np.asarray(part, dtype=np.int32)
    black = np.minimum(cmy.min(axis=2, keepdims=True), 200)
    inks = np.concatenate([cmy - black, black], axis=2).astype(np.uint8)
    yield "cmyk", saved(Image.fromarray(inks, "CMYK"), quality=95)
    # YCCK, which Pillow does not write: the colours of a CMYK file replaced by their YCbCr, and the Adobe marker's last byte,
    # the transform, set to 2. (Pillow inverts what it saves; hence 255 - x.)
    ycc = np.asarray(Image.fromarray(255 - inks[:, :, :3], "RGB").convert("YCbCr"))
    ycck = saved(Image.fromarray(np.concatenate([255 - ycc, inks[:, :, 3:]], axis=2), "CMYK"), quality=95)
    at = ycck.index(b"Adobe") + 11
    yield "ycck", ycck[:at] + b"\2" + ycck[at + 1 :]

    for orientation in range(1, 9):
        exif = Image.Exif()
        exif.endian = "<>"[orientation % 2]
        exif[0x010F] = "Fovea"
        exif[0x0112] = orientation
        yield f"orientation_{orientation}", saved(part.resize((41, 34)), quality=85, exif=exif.tobytes())


def write_decode(folder, photo):
    def write(name, data, suffix, expected=None):
        (folder / (name + suffix)).write_bytes(data)
        if expected is None:
            expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
        np.save(folder / (name + ".npy"), expected)

    for name, data, expected in pngs():
        write(name, data, ".png", expected)
    for name, data in jpegs(photo):
        write(name, data, ".jpg")
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.crop((0, 0, 20, 11)).save(out, "png", exif=exif.tobytes())
    write("exif", out.getvalue(), ".png")
    write("a_png_by_content", out.getvalue(), ".jpg")

    photo.save(folder / "photo.jpg", quality=90, subsampling="4:2:0")
    decoded = Image.open(folder / "photo.jpg").convert("RGB")
    decoded.save(folder / "photo.expected.png", optimize=True)
    return decoded


def write_resize(folder, images):
    for name, image in images.items():
        if name != "photo":
            image.save(folder / f"{name}.png")
    for source, width, height in RESIZES:
        for name, method in FILTERS.items():
            resized = images[source].resize((width, height), method)
            resized.save(folder / f"{source}_to_{width}x{height}_{name}.png", optimize=True)


def write_preprocess(folder, images):
    import torch
    from torchvision import transforms
    from torchvision.transforms import InterpolationMode

    for source, width, height, crop, name in PREPROCESSINGS:
        mode = InterpolationMode.BICUBIC if name == "bicubic" else InterpolationMode.BILINEAR
        side = round(min(width, height) / float(np.float32(crop)))
        transform = transforms.Compose([transforms.Resize(side, mode), transforms.CenterCrop((height, width))])
        transform(images[source]).save(folder / f"{source}_{width}x{height}_{crop}_{name}.png", optimize=True)

    ramp = np.repeat(np.arange(256, dtype=np.uint8).reshape(1, 256, 1), 3, axis=2)
    values = transforms.Compose([transforms.ToTensor(), transforms.Normalize(MEAN, STD)])(ramp)
    np.save(folder / "ramp_normalized.npy", values.permute(1, 2, 0).contiguous().numpy())
    for scale, zero in [(0.0186584, 114), (0.02, 0), (0.1, 255)]:
        steps = torch.round(values / torch.tensor(scale, dtype=torch.float32)) + zero
        np.save(folder / f"ramp_quantized_{scale}_{zero}.npy",
                steps.clamp(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous().numpy())  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="the folder fixtures/images")
    output = parser.parse_args().output
    for name in ("decode", "resize", "preprocess"):
        (output / name).mkdir(parents=True, exist_ok=True)

    import skimage

    original = Image.open(Path(skimage.__file__).parent / "data" / "chelsea.png").convert("RGB")
    images = {
        "photo": write_decode(output / "decode", original),
        "noise_37x53": Image.fromarray(noise(37, 53, 2)),
        "noise_1x500": Image.fromarray(noise(1, 500, 3)),
        "noise_23x90": Image.fromarray(noise(23, 90, 5)),
        "noise_700x3": Image.fromarray(noise(700, 3, 4)),
    }
    write_resize(output / "resize", images)
    write_preprocess(output / "preprocess", images)


if __name__ == "__main__":
    main()
