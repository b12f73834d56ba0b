"""What several scripts here share about the ImageNet classifier: labels, preprocessing, and finding images.

    from imagenet import labels, preprocess
    logits = session.run(None, {"input": preprocess("fixtures/photos/koala.jpg")})
"""
from pathlib import Path

import numpy as np
from PIL import Image

from portable_torchvision import torchvision

ROOT = Path(__file__).resolve().parent.parent
EFFICIENTNET_LITE0 = ROOT / "models" / "efficientnet_lite0.onnx"
LABELS = ROOT / "models" / "imagenet_labels.txt"
PHOTOS = ROOT / "fixtures" / "photos"
CALIBRATION = ROOT / "fixtures" / "calibration"

MEAN, DEVIATION = 127.0, 128.0  # on the 0..255 scale, as EfficientNet-Lite was trained
SIZE, CROP = 224, 0.875  # the shorter side becomes 224 / 0.875 = 256

RESIZE_AND_CROP = torchvision.transforms.Compose([
    torchvision.transforms.Resize(round(SIZE / CROP), torchvision.transforms.InterpolationMode.BICUBIC),
    torchvision.transforms.CenterCrop(SIZE),
])


def labels() -> list[str]:
    return LABELS.read_text(encoding="utf-8").splitlines()


def images(folder: Path) -> list[Path]:
    """The JPEG and PNG files of a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg", ".png"})


def preprocess(path: Path) -> np.ndarray:
    """An image file as the network's input: float32, [1, 3, 224, 224], RGB."""
    pixels = np.asarray(RESIZE_AND_CROP(Image.open(path).convert("RGB")), dtype=np.float32)
    return np.ascontiguousarray(((pixels - MEAN) / DEVIATION).transpose(2, 0, 1)[np.newaxis], dtype=np.float32)


def softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits.astype(np.float64) - logits.max())
    return exponentials / exponentials.sum()
