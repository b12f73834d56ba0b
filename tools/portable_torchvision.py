"""torchvision, importable beside any build of PyTorch: `from portable_torchvision import torchvision`.

PyPI's torchvision wheel brings C++ operators built for CUDA. Beside a CPU-only PyTorch they do not load, and then its import
fails on operators that only detection needs. Declared first, everything else works.
"""
import torch

try:
    import torchvision
except RuntimeError:
    _library = torch.library.Library("torchvision", "FRAGMENT")
    for _operator in ["nms", "qnms"]:
        _library.define(f"{_operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision

__all__ = ["torchvision"]
