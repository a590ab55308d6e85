# /// pattern
# id = "pt.migration.jit-to-export"
# topic = "migration.export"
# twin = "tf.export.saved-model"
# questions = [
#   "torch.jit.script is deprecated",
#   "replace torchscript with torch.export",
#   "torch.jit.trace deprecated switch to torch.compile or torch.export",
#   "save a pytorch model without its python code",
#   "torch.export.save load dynamic batch size",
#   "torchscript depreciated what now",
# ]
# errors = [
#   "DeprecationWarning: `torch.jit.script` is deprecated. Please switch to `torch.compile` or `torch.export`.",
#   "DeprecationWarning: `torch.jit.trace` is deprecated. Please switch to `torch.compile` or `torch.export`.",
# ]
# apis = ["torch.export.export", "torch.export.save", "torch.export.load", "torch.export.Dim"]
# replaces = ["torch.jit.script", "torch.jit.trace", "torch.jit.save", "torch.jit.load"]
# why = """torch.export captures the whole graph with its weights, checks it, and writes a file that loads without the
# class. Sizes are fixed unless declared: a batch dimension is dynamic only if dynamic_shapes says so."""
# pitfalls = """Call eval() first: dropout and batch norm are captured in the mode they are in. Branches on tensor
# values need torch.cond."""
# when_not = "Speed alone, in Python: torch.compile. Another runtime: torch.onnx.export or ExecuTorch."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns DeprecationWarning: `torch.jit.trace` is deprecated"
# ///
"""A model in a file that needs no Python class: torch.export in place of TorchScript."""

import tempfile
from pathlib import Path

import torch
from torch import nn


def export_model(model: nn.Module, example: torch.Tensor, path: Path) -> None:
    """Write the model for inputs like the example (B, ...), with any B."""
    program = torch.export.export(model.eval(), (example,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    torch.export.save(program, path)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 2))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.pt2"
        export_model(model, torch.randn(3, 4), path)
        loaded = torch.export.load(path).module()
    for batch_size in (2, 7):
        inputs = torch.randn(batch_size, 4)
        first, last = model[0], model[3]
        by_hand = (inputs @ first.weight.T + first.bias).clamp(min=0) @ last.weight.T + last.bias  # without dropout
        torch.testing.assert_close(loaded(inputs), by_hand)
    refused = False
    try:
        loaded(torch.randn(2, 5))  # five features, not four
    except (RuntimeError, AssertionError):
        refused = True
    assert refused
    print("exported, loaded, and right for batches of 2 and of 7")
