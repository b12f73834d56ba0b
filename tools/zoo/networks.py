"""The networks of the zoo, by name: torchvision's convolutional classifiers, segmentation and detection as raw tensors, and small
U-Nets. Each is a function that gives the module, and the side of its square input."""
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from portable_torchvision import torchvision  # noqa: E402

CLASSIFIERS = [
    "alexnet", "vgg11", "vgg16_bn", "googlenet", "inception_v3", "resnet18", "resnet34", "resnet50", "resnet101",
    "resnext50_32x4d", "wide_resnet50_2", "densenet121", "densenet169", "squeezenet1_0", "squeezenet1_1", "mobilenet_v2",
    "mobilenet_v3_small", "mobilenet_v3_large", "mnasnet0_5", "mnasnet1_0", "shufflenet_v2_x0_5", "shufflenet_v2_x1_0",
    "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3", "efficientnet_v2_s", "regnet_x_400mf",
    "regnet_y_400mf", "regnet_y_3_2gf", "convnext_tiny",
]
SEGMENTATION = ["lraspp_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large", "fcn_resnet50"]


@dataclass
class Entry:
    build: Callable[[], torch.nn.Module]
    size: int = 224


class Only(torch.nn.Module):
    """Some of the outputs of a module that gives a dictionary, as a tuple."""
    def __init__(self, module: torch.nn.Module, *names: str):
        super().__init__()
        self.module, self.names = module, names

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        result = self.module(image)
        return tuple(result[name] for name in self.names)


class SSDLite(torch.nn.Module):
    """SSDlite320's backbone and heads: box offsets and class scores of every anchor, without what follows."""
    def __init__(self) -> None:
        super().__init__()
        whole = torchvision.models.detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)
        self.backbone, self.head = whole.backbone, whole.head

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        result = self.head(list(self.backbone(image).values()))
        return result["bbox_regression"], result["cls_logits"]


class UNet(torch.nn.Module):
    """Three levels. `up` makes the step from a level to the one above, `norm` and `activation` follow each convolution."""
    def __init__(self, up: Callable[[int, int], torch.nn.Module], norm: Callable[[int], torch.nn.Module],
                 activation: Callable[[int], torch.nn.Module], classes: int = 5):
        super().__init__()

        def block(inputs: int, outputs: int) -> torch.nn.Sequential:
            layers = []
            for width in (inputs, outputs):
                layers += [torch.nn.Conv2d(width, outputs, 3, padding=1), norm(outputs), activation(outputs)]
            return torch.nn.Sequential(*layers)

        widths = [16, 32, 64]
        self.down = torch.nn.ModuleList(block(i, o) for i, o in zip([3, *widths], widths))
        self.up = torch.nn.ModuleList(up(i, o) for i, o in [(64, 32), (32, 16)])
        self.merge = torch.nn.ModuleList(block(2 * o, o) for o in (32, 16))
        self.head = torch.nn.Conv2d(16, classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skips = []
        for number, down in enumerate(self.down):
            x = down(torch.nn.functional.max_pool2d(x, 2) if number else x)
            skips.append(x)
        for up, merge, skip in zip(self.up, self.merge, skips[-2::-1]):
            x = merge(torch.cat([up(x), skip], 1))
        return self.head(x)


def upsample(mode: str, inputs: int, outputs: int) -> torch.nn.Module:
    corners = {} if mode == "nearest" else {"align_corners": False}
    return torch.nn.Sequential(torch.nn.Upsample(scale_factor=2, mode=mode, **corners), torch.nn.Conv2d(inputs, outputs, 1))


def unets() -> dict[str, Entry]:
    nn = torch.nn

    def entry(*parts: Callable) -> Entry:
        return Entry(lambda: UNet(*parts), 96)
    return {
        "unet_transposed": entry(lambda i, o: nn.ConvTranspose2d(i, o, 2, 2), nn.BatchNorm2d, lambda c: nn.ReLU()),
        "unet_transposed_4x4": entry(lambda i, o: nn.ConvTranspose2d(i, o, 4, 2, 1), nn.BatchNorm2d, lambda c: nn.ELU()),
        "unet_bilinear": entry(lambda i, o: upsample("bilinear", i, o), lambda c: nn.GroupNorm(4, c), lambda c: nn.SiLU()),
        "unet_nearest": entry(lambda i, o: upsample("nearest", i, o), lambda c: nn.InstanceNorm2d(c, affine=True),
                              lambda c: nn.PReLU(c)),
    }


def classifier(name: str) -> Entry:
    options = {"init_weights": True} if name in {"googlenet", "inception_v3"} else {}
    auxiliary = {"aux_logits": False} if options else {}
    build = getattr(torchvision.models, name)
    return Entry(lambda: build(weights=None, **options, **auxiliary), 299 if name == "inception_v3" else 224)


def segmentation(name: str) -> Entry:
    build = getattr(torchvision.models.segmentation, name)
    return Entry(lambda: Only(build(weights=None, weights_backbone=None, num_classes=21), "out"), 128)


NETWORKS: dict[str, Entry] = {
    **{name: classifier(name) for name in CLASSIFIERS},
    **{name: segmentation(name) for name in SEGMENTATION},
    "ssdlite320_mobilenet_v3_large": Entry(SSDLite, 320),
    **unets(),
}


def calibrated(name: str, seed: int) -> torch.nn.Module:
    """The network with seeded random weights. A few images of noise give batch normalization the statistics of what really flows
    through it: otherwise activations would explode or vanish over fifty layers."""
    torch.manual_seed(seed)
    entry = NETWORKS[name]
    network = entry.build()
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # the plain average over all batches
        norm.train()
    with torch.no_grad():
        for _ in range(2 if norms else 0):
            network.train()(torch.randn(4, 3, entry.size, entry.size))
    return network.eval()
