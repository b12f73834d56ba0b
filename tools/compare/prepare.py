"""Makes every engine's own file of a float network with that engine's own tools, in build/compare/NETWORK/, once.

    prepared = Networks(Path("build/compare"), fovea, photos)
    prepared.model("openvino", "int8", Path("models/efficientnet_lite0.onnx"))  # a path, or None: prepared.missing says why

A file is made again when the float network or the tool changes. int8 is quantization after training, for everyone on the same
photos: ONNX Runtime's quantize_static, OpenVINO's NNCF, LiteRT's AI Edge Quantizer, Fovea's `convert --calibrate`.
"""
import contextlib
import json
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx

import onnxruntime_int8
from fovea_cli import Fovea
from imagenet import images, preprocess

PACKAGES = {"onnxruntime": ["onnxruntime"], "openvino": ["openvino", "nncf"], "ncnn": ["ncnn", "pnnx"], "mnn": ["MNN"],
            "litert": ["ai-edge-litert", "litert-torch", "ai-edge-quantizer"]}
PRECISIONS = ["int8", "float"]
PEERS = ["onnxruntime", "openvino", "litert", "ncnn", "mnn"]
MISSING = {
    ("ncnn", "int8"): "its wheel has no calibration tool (ncnn2table)",
    ("mnn", "int8"): "its wheel's quantizer aborts on these networks",
}


class Networks:
    def __init__(self, folder: Path, fovea: Fovea, photos: Path):
        self.folder, self.fovea, self.photos = folder, fovea, photos
        self.missing: dict[str, str] = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pixels = [preprocess(photo) for photo in images(photos)]
        self.input = folder / "input.npy"  # what every peer runs on
        np.save(self.input, self.pixels[0])

    def model(self, engine: str, precision: str, network: Path) -> Path | None:
        label = f"{engine} {precision}"
        if reason := MISSING.get((engine, precision)):
            self.missing[label] = reason
            return None
        folder = self.folder / network.stem
        folder.mkdir(exist_ok=True)
        target = folder / f"{engine}-{precision}{SUFFIXES[engine]}"
        done = target.with_name(target.name + ".done")
        tool = [self.fovea.command.stat().st_mtime_ns] if engine == "fovea" else [version(name) for name in PACKAGES[engine]]
        made_from = json.dumps([str(network.resolve()), network.stat().st_mtime_ns, str(self.photos.resolve()), *tool])
        if not done.exists() or done.read_text() != made_from:
            print(f"making {network.stem} for {label}", file=sys.stderr, flush=True)
            try:
                with contextlib.redirect_stdout(sys.stderr):
                    getattr(self, f"make_{engine}")(precision, network, target)
            except (Exception, SystemExit) as error:  # a peer that cannot is reported, and the others go on
                reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
                self.missing[f"{label}, {network.stem}"] = reason
                print(f"{label}, {network.stem}: {reason}", file=sys.stderr)
                return None
            done.write_text(made_from)
        return target

    def fixed(self, network: Path) -> Path:
        """The network with a batch of 1."""
        target = self.folder / network.stem / "batch1.onnx"
        if not target.exists() or target.stat().st_mtime < network.stat().st_mtime:
            target.parent.mkdir(exist_ok=True)
            model = onnx.load(network)
            for value in [*model.graph.input, *model.graph.output]:
                value.type.tensor_type.shape.dim[0].dim_value = 1
            onnx.save(onnx.shape_inference.infer_shapes(model), target)
        return target

    def expected(self, network: Path) -> np.ndarray:
        """The float network's answer, by ONNX Runtime."""
        session = onnxruntime_int8.session(self.fixed(network), exact=True)
        return session.run(None, {session.get_inputs()[0].name: self.pixels[0]})[0]

    def make_fovea(self, precision: str, network: Path, target: Path) -> None:
        if precision == "int8":
            self.fovea.convert_int8(network, target, self.photos)
        else:
            self.fovea.convert(network, target, "--precision", "float")

    def make_onnxruntime(self, precision: str, network: Path, target: Path) -> None:
        if precision == "int8":
            onnxruntime_int8.quantize(self.fixed(network), target, self.pixels)
        else:
            shutil.copy(self.fixed(network), target)

    def make_openvino(self, precision: str, network: Path, target: Path) -> None:
        import openvino
        model = openvino.convert_model(self.fixed(network))
        if precision == "int8":
            import nncf
            model = nncf.quantize(model, nncf.Dataset(self.pixels), subset_size=len(self.pixels))
        openvino.save_model(model, target, compress_to_fp16=False)

    def make_ncnn(self, precision: str, network: Path, target: Path) -> None:
        source = target.parent / "ncnn.onnx"  # pnnx would replace a hyphen
        shutil.copy(self.fixed(network), source)
        shape = ",".join(map(str, self.pixels[0].shape))
        command(Path(sys.executable).parent / "pnnx", source.name, "fp16=0", f"inputshape=[{shape}]", cwd=target.parent)
        for kind in ["param", "bin"]:
            Path(f"{source.with_suffix('')}.ncnn.{kind}").replace(f"{target}.{kind}")

    def make_mnn(self, precision: str, network: Path, target: Path) -> None:
        # Not the mnnconvert command: beside converting, that installs a package and sends what it did to its makers.
        script = "import _tools, sys; _tools.mnnconvert(sys.argv)"
        command(sys.executable, "-c", script, "-f", "ONNX", "--modelFile", self.fixed(network), "--MNNModel", target,
                "--bizCode", "fovea")

    def make_litert(self, precision: str, network: Path, target: Path) -> None:
        photos, script = self.folder / "calibration.npy", Path(__file__).with_name("litert.py")
        np.save(photos, np.concatenate(self.pixels))
        source = [self.model("litert", "float", network)] if precision == "int8" else []
        if None in source:
            raise RuntimeError("no float model to quantize")
        command(sys.executable, script, network.stem, precision, target, photos, *source)


SUFFIXES = {"fovea": ".fovea", "onnxruntime": ".onnx", "openvino": ".xml", "ncnn": "", "mnn": ".mnn", "litert": ".tflite"}


def command(*arguments: str | Path, **options) -> None:
    process = subprocess.run(list(map(str, arguments)), capture_output=True, text=True, **options)
    if process.returncode:
        lines = (process.stderr.strip() or process.stdout.strip()).splitlines()
        raise RuntimeError(f"{Path(arguments[0]).name}: exit status {process.returncode}: {lines[-1] if lines else ''}")
