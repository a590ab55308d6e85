"""The encoder of all-MiniLM-L6-v2 as an ONNX graph, built from its weights: needs no torch and no exported file.

The architecture is BERT (arXiv 1810.04805) with 6 layers of 12 heads, then the mean over tokens, at unit length.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from onnx import NodeProto, TensorProto, ValueInfoProto

LAYERS = 6
HEADS = 12
EPSILON = 1e-12
WIDTH = 384
OPSET = 23
"""The first with the Attention operator."""
AXES = {"zero": [0], "one": [1], "two": [2], "one_two": [1, 2]}


class Encoder:
    """Word pieces in, sentence vectors out. Safe to call from several threads."""

    def __init__(self, weights: bytes) -> None:
        """`weights` is the content of the safetensors file.

        It is handed to the session beside the graph, which itself is some 20 kB: writing 90 MB into a protobuf and
        reading them back would take most of a second.
        """
        import onnxruntime
        from safetensors.numpy import load

        nodes = _nodes()
        used = {name for node in nodes for name in node.input}
        arrays = {name: array for name, array in _oriented(load(weights)).items() if name in used}
        # The session borrows the memory of these, so they live as long as it does.
        self._values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
        options = onnxruntime.SessionOptions()
        # Waiting threads would spin, and take the cores from the programs that the sandbox runs at the same time.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_external_initializers(list(arrays), self._values)
        graph = _graph(nodes, arrays)
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def encode(self, ids: "np.ndarray", mask: "np.ndarray") -> "np.ndarray":
        """`ids` (N, T) int64 and `mask` (N, T) bool, False on padding -> (N, 384) float32 rows of unit length."""
        return self._session.run(["embedding"], {"ids": ids, "mask": mask})[0]


def _graph(nodes: list["NodeProto"], arrays: dict[str, "np.ndarray"]) -> bytes:
    from onnx import TensorProto, helper

    def value(name: str, kind: int, axes: list[str | int]) -> "ValueInfoProto":
        return helper.make_tensor_value_info(name, kind, axes)

    graph = helper.make_graph(
        nodes,
        "minilm",
        inputs=[value("ids", TensorProto.INT64, ["N", "T"]), value("mask", TensorProto.BOOL, ["N", "T"])],
        outputs=[value("embedding", TensorProto.FLOAT, ["N", WIDTH])],
        initializer=[_declared(name, array) for name, array in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    return model.SerializeToString()


def _declared(name: str, array: "np.ndarray") -> "TensorProto":
    """A weight by name, shape and type alone; its content is the session's."""
    from onnx import TensorProto, helper

    kind = helper.np_dtype_to_tensor_dtype(array.dtype)
    tensor = TensorProto(name=name, dims=array.shape, data_type=kind, data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="weights")
    return tensor


def _oriented(tensors: dict[str, "np.ndarray"]) -> dict[str, "np.ndarray"]:
    """The weights with the matrices of dense layers as (in, out), and one table of positions for the first segment."""
    import numpy as np

    dense = (".dense.weight", ".query.weight", ".key.weight", ".value.weight")
    arrays = {name: np.ascontiguousarray(array.T) if name.endswith(dense) else array for name, array in tensors.items()}
    segment = tensors["embeddings.token_type_embeddings.weight"][0]
    return arrays | {"positions": tensors["embeddings.position_embeddings.weight"] + segment}


def _nodes() -> list["NodeProto"]:
    """Word pieces -> embeddings -> layers -> mean over the tokens that are not padding."""
    from onnx import TensorProto
    from onnx.helper import make_node as node

    nodes = [
        *(node("Constant", [], [name], value_ints=ints) for name, ints in AXES.items()),
        node("Gather", ["embeddings.word_embeddings.weight", "ids"], ["words"]),
        node("Shape", ["ids"], ["length"], start=1, end=2),
        node("Slice", ["positions", "zero", "length", "zero"], ["places"]),
        node("Add", ["words", "places"], ["embedded"]),
        _norm("embedded", "embeddings.LayerNorm", "x0"),
        node("Unsqueeze", ["mask", "one_two"], ["keys"]),
        node("Concat", ["one", "one", "length", "one"], ["queries"], axis=0),
        node("Expand", ["keys", "queries"], ["attended"]),
    ]
    for number in range(LAYERS):
        nodes += _layer(f"encoder.layer.{number}", f"x{number}", f"x{number + 1}")
    return [
        *nodes,
        node("Cast", ["mask"], ["counted"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["counted", "two"], ["weights"]),
        node("Mul", [f"x{LAYERS}", "weights"], ["kept"]),
        node("ReduceSum", ["kept", "one"], ["sum"], keepdims=0),
        # The mean is the sum up to a factor, which the unit length takes away.
        node("LpNormalization", ["sum"], ["embedding"], axis=1, p=2),
    ]


def _layer(at: str, x: str, out: str) -> list["NodeProto"]:
    """One encoder layer, normalised after each residual: (N, T, 384) -> (N, T, 384)."""
    from onnx.helper import make_node as node

    query, key, value = (f"{at}.attention.self.{part}" for part in ("query", "key", "value"))
    return [
        *(step for part in (query, key, value) for step in _dense(x, part)),
        node("Attention", [query, key, value, "attended"], [f"{at}.heads"], q_num_heads=HEADS, kv_num_heads=HEADS),
        *_dense(f"{at}.heads", f"{at}.attention.output.dense"),
        node("Add", [x, f"{at}.attention.output.dense"], [f"{at}.a"]),
        _norm(f"{at}.a", f"{at}.attention.output.LayerNorm", f"{at}.b"),
        *_dense(f"{at}.b", f"{at}.intermediate.dense"),
        node("Gelu", [f"{at}.intermediate.dense"], [f"{at}.wide"]),
        *_dense(f"{at}.wide", f"{at}.output.dense"),
        node("Add", [f"{at}.b", f"{at}.output.dense"], [f"{at}.c"]),
        _norm(f"{at}.c", f"{at}.output.LayerNorm", out),
    ]


def _dense(x: str, name: str) -> list["NodeProto"]:
    from onnx.helper import make_node as node

    return [
        node("MatMul", [x, f"{name}.weight"], [f"{name}.product"]),
        node("Add", [f"{name}.product", f"{name}.bias"], [name]),
    ]


def _norm(x: str, name: str, out: str) -> "NodeProto":
    from onnx.helper import make_node

    return make_node("LayerNormalization", [x, f"{name}.weight", f"{name}.bias"], [out], axis=-1, epsilon=EPSILON)
