"""Exported without dynamic_shapes: the file takes only batches of the example's size."""

import tempfile
import warnings
from pathlib import Path

import onnxruntime
import torch
from torch import nn

warnings.filterwarnings("ignore", message=".*LeafSpec", category=FutureWarning)
model = nn.Sequential(nn.Flatten(), nn.Linear(256, 5)).eval()
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "model.onnx"
    torch.onnx.export(model, (torch.randn(2, 1, 16, 16),), path, input_names=["image"], dynamo=True, verbose=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
session.run(None, {"image": torch.randn(32, 1, 16, 16).numpy()})
