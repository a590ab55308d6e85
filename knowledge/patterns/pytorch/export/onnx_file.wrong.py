"""Wrong: the batch size of the example written into the graph; no other will run."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in "xy"]  # wrong: ["batch", 4]
graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "network", ends[:1], ends[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
session.run(None, {"x": np.ones((5, 4), dtype="float32")})
