"""Makes every engine's own file of a float network with that engine's own tools, in build/compare/NETWORK/, once.

    prepared = Networks(Path("build/compare"), fovea, photos)
    prepared.model("openvino", "int8", Path("models/efficientnet_lite0.onnx"))  # a path, or None: prepared.missing says why

A file is made again when the float network or the tool changes. int8 is quantization after training, for everyone on the same
photos: ONNX Runtime's quantize_static, OpenVINO's NNCF, LiteRT's AI Edge Quantizer, ncnn's ncnn2table and ncnn2int8, MNN's
mnnquant, Fovea's `convert --calibrate`.
"""
import contextlib
import json
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
from PIL import Image

import ncnn_tools
import onnxruntime_int8
from commands import command
from fovea_cli import Fovea
from imagenet import DEVIATION, MEAN, images, preprocess

PACKAGES = {"onnxruntime": ["onnxruntime"], "openvino": ["openvino", "nncf"], "ncnn": ["ncnn", "pnnx"], "mnn": ["MNN"],
            "litert": ["ai-edge-litert", "litert-torch", "ai-edge-quantizer"]}
PRECISIONS = ["int8", "float"]
PEERS = ["onnxruntime", "openvino", "litert", "ncnn", "mnn"]


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
        folder = self.folder / network.stem
        folder.mkdir(exist_ok=True)
        target = folder / f"{engine}-{precision}{SUFFIXES[engine]}"
        done = target.with_name(target.name + ".done")
        tool = [self.fovea.command.stat().st_mtime_ns] if engine == "fovea" else [version(name) for name in PACKAGES[engine]]
        if label == "ncnn int8":
            tool.append(ncnn_tools.SOURCE)
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

    def float_model(self, engine: str, network: Path) -> Path:
        """What the engine's quantizer starts from."""
        model = self.model(engine, "float", network)
        if not model:
            raise RuntimeError("no float model to quantize")
        return model

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
        if precision == "int8":
            programs = ncnn_tools.built(self.folder / "ncnn-tools")
            ncnn_tools.quantize(programs, self.float_model("ncnn", network), target, self.pixels)
            return
        source = target.parent / "ncnn.onnx"  # pnnx would replace a hyphen
        shutil.copy(self.fixed(network), source)
        shape = ",".join(map(str, self.pixels[0].shape))
        command(Path(sys.executable).parent / "pnnx", source.name, "fp16=0", f"inputshape=[{shape}]", cwd=target.parent)
        for kind in ["param", "bin"]:
            Path(f"{source.with_suffix('')}.ncnn.{kind}").replace(f"{target}.{kind}")

    def make_mnn(self, precision: str, network: Path, target: Path) -> None:
        # Not the commands mnnconvert and mnnquant: beside their work, those install a package and send what they did to its
        # makers.
        script = "import _tools, sys; getattr(_tools, sys.argv[1])(sys.argv[1:])"
        if precision == "float":
            command(sys.executable, "-c", script, "mnnconvert", "-f", "ONNX", "--modelFile", self.fixed(network),
                    "--MNNModel", target, "--bizCode", "fovea")
            return
        with tempfile.TemporaryDirectory() as scratch:  # photos as images, already cropped, because it takes no arrays
            photos = Path(scratch) / "photos"
            photos.mkdir()
            for number, pixels in enumerate(self.pixels):
                image = np.rint(pixels[0].transpose(1, 2, 0) * DEVIATION + MEAN).astype(np.uint8)
                Image.fromarray(image).save(photos / f"{number}.png")
            height, width = self.pixels[0].shape[2:]
            settings = {"format": "RGB", "mean": [MEAN] * 3, "normal": [1 / DEVIATION] * 3, "width": width, "height": height,
                        "path": f"{photos}/", "input_type": "image", "feature_quantize_method": "KL",
                        "weight_quantize_method": "MAX_ABS"}
            described = Path(scratch) / "settings.json"
            described.write_text(json.dumps(settings))
            command(sys.executable, "-c", script, "mnnquant", self.float_model("mnn", network), target, described)

    def make_litert(self, precision: str, network: Path, target: Path) -> None:
        photos, script = self.folder / "calibration.npy", Path(__file__).with_name("litert.py")
        np.save(photos, np.concatenate(self.pixels))
        source = [self.float_model("litert", network)] if precision == "int8" else []
        command(sys.executable, script, network.stem, precision, target, photos, *source)


SUFFIXES = {"fovea": ".fovea", "onnxruntime": ".onnx", "openvino": ".xml", "ncnn": "", "mnn": ".mnn", "litert": ".tflite"}
