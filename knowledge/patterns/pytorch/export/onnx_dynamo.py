# /// pattern
# id = "pt.export.onnx-dynamo"
# topic = "export.onnx"
# questions = [
#   "torch.onnx.export with dynamo=True and a dynamic batch size",
#   "export my pytorch model to onnx and check it with onnxruntime",
#   "dynamic_axes replacement in torch.onnx.export",
#   "onnx model only accepts the batch size it was exported with",
#   "what does dynamic_shapes expect",
#   "pytorch to onnx",
#   "exprot torch modle onnx",
# ]
# errors = [
#   "ModuleNotFoundError: No module named 'onnxscript'",
#   "[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions for input",
# ]
# apis = ["torch.onnx.export", "torch.onnx.ONNXProgram.save", "torch.export.Dim", "onnxruntime.InferenceSession"]
# replaces = ["dynamic_axes", "torch.onnx.export(do_constant_folding=)", "torch.onnx.export(training=)",
#   "torch.onnx.dynamo_export"]
# why = """The exporter captures the model with torch.export (dynamo=True, now the default) and writes ONNX
# operators; it needs the packages onnx and onnxscript. Each dimension has the example's size unless dynamic_shapes
# names it. A file is only right if onnxruntime gives PyTorch's numbers on inputs, and batch sizes, that it was not
# exported with."""
# pitfalls = """Export in eval mode, or dropout and batch statistics go into the graph. Compare with a tolerance: the
# runtime fuses operators. Python control flow on values is not captured; use torch.cond."""
# when_not = "Serving from Python with PyTorch at hand: torch.export.save keeps more and needs no second runtime."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises InvalidArgument: [ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions for input"
# ///
"""A PyTorch model as an ONNX file with a free batch size, checked in onnxruntime on batches of other sizes."""

import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn


class Classifier(nn.Module):
    """Images (B, 1, 16, 16) to logits (B, classes)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(4))
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(8 * 4 * 4, classes))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(image))


def export_onnx(model: nn.Module, example: torch.Tensor, path: Path) -> None:
    """Write `model` to `path` with the first dimension of its input left free."""
    batch = torch.export.Dim("batch", min=1, max=1024)
    with warnings.catch_warnings():
        # The exporter of 2.13 itself uses a class that 2.13 deprecates.
        warnings.filterwarnings("ignore", message=".*LeafSpec", category=FutureWarning)
        program = torch.onnx.export(
            model.eval(),
            (example,),
            input_names=["image"],
            output_names=["logits"],
            dynamic_shapes=({0: batch},),
            dynamo=True,
            verbose=False,
        )
    program.save(path)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = Classifier(classes=5)
    with tempfile.TemporaryDirectory() as folder:
        export_onnx(model, torch.randn(2, 1, 16, 16), Path(folder) / "model.onnx")
        session = onnxruntime.InferenceSession(Path(folder) / "model.onnx", providers=["CPUExecutionProvider"])
    for size in (1, 3, 32):  # not the size of the example
        image = torch.randn(size, 1, 16, 16)
        with torch.inference_mode():
            expected = model(image).numpy()  # (size, 5)
        (found,) = session.run(["logits"], {"image": image.numpy()})
        np.testing.assert_allclose(found, expected, atol=1e-5, rtol=1e-4)
    assert session.get_inputs()[0].shape[1:] == [1, 16, 16]
    print(f"input {session.get_inputs()[0].shape}, the same logits as PyTorch for 1, 3 and 32 images")
