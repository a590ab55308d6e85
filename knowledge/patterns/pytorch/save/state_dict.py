# /// pattern
# id = "pt.save.state-dict"
# topic = "save.weights"
# twin = "tf.saving.save-model"
# questions = [
#   "save and load a model in pytorch",
#   "torch.load weights only load failed",
#   "torch.save(model) or state_dict",
#   "UnpicklingError when loading a model in pytorch 2.6",
#   "is weights_only=False safe",
#   "load weights for inference torch",
#   "how to safe a model pytorch",
# ]
# errors = ["_pickle.UnpicklingError: Weights only load failed",
#   "Unexpected key(s) in state_dict", "Missing key(s) in state_dict",
#   "AttributeError: Can't get attribute 'Net' on <module '__main__'"]
# apis = ["torch.save", "torch.load", "torch.nn.Module.state_dict", "torch.nn.Module.load_state_dict"]
# replaces = ["torch.save(model)", "pickle"]
# why = """A pickled model is a program that runs when it is loaded and breaks when its class moves. A state_dict is
# tensors under names, which torch.load reads safely: weights_only=True is the default since 2.6."""
# pitfalls = "weights_only=False runs whatever the file contains: only for files you wrote yourself."
# when_not = "Sharing weights beyond PyTorch: safetensors."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises UnpicklingError: Weights only load failed"
# ///
"""Save the weights, not the object; rebuild the model and load them."""

from pathlib import Path

import torch
from torch import nn


def save_weights(model: nn.Module, path: Path) -> None:
    """Write the parameters and buffers of the model."""
    torch.save(model.state_dict(), path)


def load_weights(model: nn.Module, path: Path) -> nn.Module:
    """Fill a model of the same architecture and put it in eval mode; raises RuntimeError for keys that differ."""
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    def build() -> nn.Module:
        return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))

    model = build().train()
    model(torch.randn(64, 4))  # gives BatchNorm statistics, which are saved as well
    with TemporaryDirectory() as folder:
        path = Path(folder) / "weights.pt"
        save_weights(model, path)
        loaded = load_weights(build(), path)
    features = torch.randn(5, 4)
    assert torch.equal(loaded(features), model.eval()(features))
    print(list(loaded.state_dict()))
