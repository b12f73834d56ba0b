"""The ways in which ONNX stores numbers: raw bytes, typed lists, half and double precision, files beside the model."""
import numpy as np
from onnx import TensorProto

from operator_cases.network import Case, Network

WEIGHTS = (6, 4, 3, 3)


def build_with(network: Network, weights: str, bias: str) -> None:
    network.output(network.node("Conv", network.input("x", 1, 4, 5, 5), weights, bias))


def random(network: Network, *shape: int, dtype: type = np.float32) -> np.ndarray:
    return network.random.uniform(-1, 1, shape).astype(dtype)


def add_tensor(network: Network, name: str, tensor: TensorProto) -> str:
    """A tensor as an initializer, with a Cast to float behind it unless it is float."""
    tensor.name = name
    network.initializers.append(tensor)
    return name if tensor.data_type == TensorProto.FLOAT else network.node("Cast", name, to=TensorProto.FLOAT)


def raw_data(network: Network) -> None:
    build_with(network, network.weights(*WEIGHTS), network.weights(6))


def float_data(network: Network) -> None:
    def tensor(*shape: int) -> TensorProto:
        return TensorProto(dims=shape, data_type=TensorProto.FLOAT, float_data=random(network, *shape).ravel())
    build_with(network, add_tensor(network, "w", tensor(*WEIGHTS)), add_tensor(network, "b", tensor(6)))


def float16_raw(network: Network) -> None:
    def tensor(*shape: int) -> TensorProto:
        values = random(network, *shape, dtype=np.float16)
        return TensorProto(dims=shape, data_type=TensorProto.FLOAT16, raw_data=values.tobytes())
    build_with(network, add_tensor(network, "w", tensor(*WEIGHTS)), add_tensor(network, "b", tensor(6)))


def float16_int32_data(network: Network) -> None:
    """The typed list of a half-precision tensor is int32_data, each entry the bits of one number; some subnormal."""
    def tensor(*shape: int) -> TensorProto:
        values = random(network, *shape, dtype=np.float16)
        values.ravel()[:3] = [6e-8, -3e-6, 0.0]
        return TensorProto(dims=shape, data_type=TensorProto.FLOAT16, int32_data=values.ravel().view(np.uint16))
    build_with(network, add_tensor(network, "w", tensor(*WEIGHTS)), add_tensor(network, "b", tensor(6)))


def double_raw(network: Network) -> None:
    def tensor(*shape: int) -> TensorProto:
        values = random(network, *shape, dtype=np.float64)
        return TensorProto(dims=shape, data_type=TensorProto.DOUBLE, raw_data=values.tobytes())
    build_with(network, add_tensor(network, "w", tensor(*WEIGHTS)), add_tensor(network, "b", tensor(6)))


def double_data(network: Network) -> None:
    def tensor(*shape: int) -> TensorProto:
        values = random(network, *shape, dtype=np.float64)
        return TensorProto(dims=shape, data_type=TensorProto.DOUBLE, double_data=values.ravel())
    build_with(network, add_tensor(network, "w", tensor(*WEIGHTS)), add_tensor(network, "b", tensor(6)))


def int64_data(network: Network) -> None:
    shape = TensorProto(name="shape", dims=[2], data_type=TensorProto.INT64, int64_data=[0, -1])
    network.initializers.append(shape)
    network.output(network.node("Reshape", network.input("x", 1, 4, 2, 2), "shape"))


def int32_cast(network: Network) -> None:
    """A shape held as int32, cast to the int64 that Reshape wants."""
    shape = TensorProto(name="shape", dims=[2], data_type=TensorProto.INT32, int32_data=[1, -1])
    network.initializers.append(shape)
    network.output(network.node("Reshape", network.input("x", 1, 4, 2, 2), network.node("Cast", "shape", to=TensorProto.INT64)))


def integer_weights(network: Network) -> None:
    """int8 weights, cast to float and scaled: dequantization spelled out."""
    values = network.random.integers(-128, 128, WEIGHTS, dtype=np.int8)
    whole = add_tensor(network, "w", TensorProto(dims=WEIGHTS, data_type=TensorProto.INT8, raw_data=values.tobytes()))
    build_with(network, network.node("Mul", whole, network.constant(1 / 128)), network.weights(6))


CASES = [
    Case("encoding_raw_data", [13], raw_data),
    Case("encoding_float_data", [7, 13], float_data),
    Case("encoding_float16_raw", [9, 13], float16_raw),
    Case("encoding_float16_int32_data", [13], float16_int32_data),
    Case("encoding_double_raw", [9, 13], double_raw),
    Case("encoding_double_data", [13], double_data),
    Case("encoding_int64_data", [13], int64_data),
    Case("encoding_int32_cast", [13], int32_cast),
    Case("encoding_integer_weights", [13], integer_weights),
    Case("encoding_external", [9, 13, 17], raw_data, external_data=True),
]
