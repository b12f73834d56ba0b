#!/usr/bin/env python3
"""Adds to fixtures/quantized what PyTorch's quantization-aware training and NNCF export: a small residual network, trained for a
few steps of noise, with an input, and outputs by ONNX Runtime without graph optimizations.

    tools/setup_python.sh build/compare/venv tools/requirements.txt tools/compare/requirements.txt    # NNCF and torchao
    build/compare/venv/bin/python tools/make_trained_fixtures.py

- torch_fx_BACKEND: torch.ao.quantization, prepare_qat_fx and convert_fx with each backend's configuration.
- torch_fake_quantize: the same before convert_fx; weights are rounded in the graph, batch normalization stands behind.
- torch_pt2e: torchao's prepare_qat_pt2e and convert_pt2e, by torch.export's exporter; batch of 2.
- nncf_onnx_PRESET, nncf_torch_PRESET: nncf.quantize of the ONNX file, and of the module before its export.
"""
import warnings
from collections.abc import Callable
from pathlib import Path

import nncf
import onnx
import torch
import torchao.quantization.pt2e
from torch import nn
from torch.ao.quantization import disable_observer, get_default_qat_qconfig_mapping
from torch.ao.quantization.quantize_fx import convert_fx, prepare_qat_fx
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_qat_pt2e
from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86

from make_quantized_fixtures import OUTPUT, SHAPE, write


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(8, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.deep = nn.Sequential(nn.Conv2d(16, 16, 3, 1, 1, groups=16, bias=False), nn.BatchNorm2d(16), nn.ReLU6())
        self.project = nn.Sequential(nn.Conv2d(16, 16, 1, bias=False), nn.BatchNorm2d(16))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(16, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        x = x + self.project(self.deep(x))
        return self.classifier(torch.flatten(self.pool(x), 1))


def batch(size: int = 4) -> torch.Tensor:
    return torch.randn(size, *SHAPE[1:])


def trained(network: nn.Module, size: int = 4) -> nn.Module:
    optimizer = torch.optim.SGD(network.parameters(), 0.01)
    for _ in range(3):
        optimizer.zero_grad()
        network(batch(size)).square().mean().backward()
        optimizer.step()
    return network


def exported(network: nn.Module, path: Path, size: int = 1, **options: object) -> onnx.ModelProto:
    torch.onnx.export(network, (batch(size),), path, input_names=["x"], output_names=["y"], **options)
    return onnx.load(path)


def torch_fx(path: Path, backend: str) -> onnx.ModelProto:
    network = trained(prepare_qat_fx(Residual().train(), get_default_qat_qconfig_mapping(backend), (batch(),)))
    return exported(convert_fx(network.eval()), path, dynamo=False, opset_version=17)


def torch_fake_quantize(path: Path) -> onnx.ModelProto:
    # Version 0 has FakeQuantize modules that the exporter knows, and not fused ones.
    mapping = get_default_qat_qconfig_mapping("qnnpack", version=0)
    network = trained(prepare_qat_fx(Residual().train(), mapping, (batch(),))).eval()
    network.apply(disable_observer)
    return exported(network, path, dynamo=False, opset_version=13)


def torch_pt2e(path: Path) -> onnx.ModelProto:
    quantizer = x86.X86InductorQuantizer().set_global(x86.get_default_x86_inductor_quantization_config(is_qat=True))
    network = torch.export.export(Residual().train(), (batch(2),)).module()
    network = convert_pt2e(trained(prepare_qat_pt2e(network, quantizer), 2))
    torchao.quantization.pt2e.move_exported_model_to_eval(network)
    return exported(network, path, 2, dynamo=True, external_data=False)


def nncf_quantized(path: Path, preset: nncf.QuantizationPreset, of_file: bool) -> onnx.ModelProto:
    network = trained(Residual().train()).eval()
    inputs = [batch(1) for _ in range(16)]
    if of_file:
        model = exported(network, path, dynamo=False, opset_version=17)
        return nncf.quantize(model, nncf.Dataset(inputs, lambda x: {"x": x.numpy()}), preset=preset)
    network = nncf.strip(nncf.quantize(network, nncf.Dataset(inputs), preset=preset), do_copy=False, example_input=inputs[0])
    return exported(network, path, dynamo=False, opset_version=17)


def recipes() -> dict[str, Callable[[Path], onnx.ModelProto]]:
    result = {"torch_fake_quantize": torch_fake_quantize, "torch_pt2e": torch_pt2e}
    for backend in ("x86", "qnnpack"):
        result[f"torch_fx_{backend}"] = lambda path, backend=backend: torch_fx(path, backend)
    for preset in (nncf.QuantizationPreset.PERFORMANCE, nncf.QuantizationPreset.MIXED):
        for source in ("onnx", "torch"):
            result[f"nncf_{source}_{preset.value}"] = (
                lambda path, preset=preset, source=source: nncf_quantized(path, preset, source == "onnx"))
    return result


def main() -> None:
    warnings.simplefilter("ignore")
    for name, recipe in recipes().items():
        torch.manual_seed(1)
        folder = OUTPUT / name
        folder.mkdir(parents=True, exist_ok=True)
        write(name, recipe(folder / "model.onnx"))
        print(folder)


if __name__ == "__main__":
    main()
