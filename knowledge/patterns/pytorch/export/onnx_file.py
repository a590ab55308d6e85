# /// pattern
# id = "pt.export.onnx-file"
# topic = "export.onnx"
# questions = [
#   "check an onnx model against pytorch with onnxruntime",
#   "onnx dynamic batch size",
#   "export pytorch model to onnx",
#   "onnxruntime Got invalid dimensions for input",
#   "No module named 'onnxscript'",
#   "build an onnx graph from pytorch weights without onnxscript",
#   "onnxruntime InferenceSession run example",
#   "onnx output differs from pytroch",
# ]
# errors = [
#   "ModuleNotFoundError: No module named 'onnxscript'",
#   "[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions for input: x for the following indices",
# ]
# apis = ["onnx.helper.make_graph", "onnx.helper.make_model", "onnx.checker.check_model",
#   "onnx.numpy_helper.from_array", "onnxruntime.InferenceSession"]
# replaces = ["torch.onnx.export(dynamo=False)", "dynamic_axes", "torch.onnx.export(operator_export_type=)"]
# why = """torch.onnx.export needs the package onnxscript. A stack of ordinary layers needs no exporter: each layer is a
# node, each weight an initializer, and what is in the file is known. However it was written, the file is only right if
# onnxruntime gives the numbers of PyTorch, for several batch sizes: a dimension with a name is free, one with a number
# is not."""
# pitfalls = """Compare in eval mode, with a tolerance (1e-5 in float32), on inputs that were not the example. State the
# opset: newer files than the runtime knows do not load."""
# when_not = "Any other model: torch.onnx.export(model, (x,), path, dynamo=True, dynamic_shapes=...), with onnxscript."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises InvalidArgument: [ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions for input"
# ///
"""An ONNX file of a PyTorch network with a free batch size, checked against PyTorch in onnxruntime."""

import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn


def to_onnx(model: nn.Sequential, *, features: int, outputs: int) -> onnx.ModelProto:
    """Linear and ReLU layers, with dropout left out, as x (batch, features) -> y (batch, outputs)."""
    nodes, weights, value = [], [], "x"
    for name, layer in model.named_children():
        if isinstance(layer, nn.Linear):
            for kind, parameter in layer.named_parameters():
                weights.append(numpy_helper.from_array(parameter.detach().numpy(), f"{name}.{kind}"))
            inputs = [value, f"{name}.weight", f"{name}.bias"]
            nodes.append(helper.make_node("Gemm", inputs, [f"y{name}"], transB=1))  # x Wᵀ + b
        elif isinstance(layer, nn.ReLU):
            nodes.append(helper.make_node("Relu", [value], [f"y{name}"]))
        elif isinstance(layer, nn.Dropout):
            continue
        else:
            raise TypeError(f"no ONNX node for {type(layer).__name__}")
        value = f"y{name}"
    nodes[-1].output[0] = "y"
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size])  # a name: any size
        for name, size in (("x", features), ("y", outputs))
    ]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], initializer=weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def largest_difference(model: nn.Module, path: Path, x: torch.Tensor) -> float:
    """Between PyTorch and onnxruntime on the same inputs (B, D)."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    with torch.inference_mode():
        return float(np.abs(answer - model.eval()(x).numpy()).max())


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        exported = to_onnx(model, features=4, outputs=3)
        onnx.checker.check_model(exported, full_check=True)
        onnx.save(exported, path)
        differences = [largest_difference(model, path, torch.randn(size, 4)) for size in (1, 5, 64)]
        with torch.no_grad():
            model[3].bias += 0.1  # a file that is out of date
        outdated = largest_difference(model, path, torch.randn(5, 4))
    assert max(differences) < 1e-5 and abs(outdated - 0.1) < 1e-5
    print(f"largest differences {max(differences):.1e}; to changed weights {outdated:.2f}")
