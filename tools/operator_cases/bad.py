"""Networks that an importer must refuse, each with the reason in its file name."""
from collections.abc import Callable
from pathlib import Path

from onnx import TensorProto

from operator_cases.network import Network


def cycle(network: Network) -> None:
    x = network.input("x", 1, 3, 4, 4)
    network.node("Add", x, "b", outputs=["a"], name="first")
    network.node("Relu", "a", outputs=["b"], name="second")
    network.output("b")


def missing_initializer(network: Network) -> None:
    x = network.input("x", 1, 3, 4, 4)
    network.output(network.node("Conv", x, "features.0.weight", name="/features/0/Conv"))


def wrong_shape(network: Network) -> None:
    """Weights for five input channels where there are three."""
    network.output(network.conv(network.input("x", 1, 3, 6, 6), 4, 5, 3, 3, name="/features/0/Conv"))


def external_outside(network: Network) -> None:
    """External data outside of the model's folder."""
    weights = TensorProto(name="w", dims=[4, 3, 1, 1], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    for key, value in {"location": "../../../../../../../../etc/passwd", "offset": "0", "length": "48"}.items():
        weights.external_data.add(key=key, value=value)
    network.initializers.append(weights)
    network.output(network.node("Conv", network.input("x", 1, 3, 4, 4), "w"))


def unsupported(network: Network) -> None:
    """Four nodes of three operators, one of them of a domain of its own, between supported ones."""
    x = network.conv(network.input("x", 1, 3, 6, 6), 4, 3, 3, 3)
    x = network.node("LpNormalization", x, axis=1, p=2, name="/stem/norm")
    x = network.node("SpectralGate", network.node("Relu", x), domain="com.example.research", sharpness=3.5, name="/block1/gate")
    x = network.node("SpectralGate", x, domain="com.example.research", sharpness=1.0, name="/block2/gate")
    network.output(network.node("Det", x, name="/head/det"))


def write(folder: Path) -> None:
    networks: list[Callable[[Network], None]] = [cycle, missing_initializer, wrong_shape, external_outside, unsupported]
    folder.mkdir(parents=True)
    for build in networks:
        network = Network(build.__name__, opset=17)
        build(network)
        (folder / f"{build.__name__}.onnx").write_bytes(network.model().SerializeToString())
