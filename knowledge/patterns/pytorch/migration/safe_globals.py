# /// pattern
# id = "pt.migration.safe-globals"
# topic = "migration.loading"
# questions = [
#   "old checkpoint does not load since pytorch 2.6 weights_only",
#   "Unsupported global argparse.Namespace torch.load",
#   "torch.serialization.add_safe_globals how",
#   "WeightsUnpickler error Unsupported global",
#   "checkpoint with numpy scalar fails weights_only=True",
#   "torch.load wieghts only load failed",
# ]
# errors = [
#   "_pickle.UnpicklingError: Weights only load failed.",
#   "WeightsUnpickler error: Unsupported global: GLOBAL argparse.Namespace was not an allowed global by default.",
# ]
# apis = ["torch.load", "torch.serialization.safe_globals"]
# replaces = ["torch.load without weights_only", "torch.load(weights_only=False)", "pickle_module="]
# why = """Since 2.6 torch.load reads tensors and plain containers only, because a pickle can run any code. An old file
# that holds one more harmless class needs that class named; what is not named still cannot run."""
# pitfalls = """weights_only=False silences the error by running whatever the file says: only for files that you wrote
# yourself. Write new checkpoints with vars(args), a plain dict."""
# when_not = "A file from a stranger: no allow-list makes its classes harmless; ask for safetensors."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises UnpicklingError: Weights only load failed"
# ///
"""Read an old checkpoint that holds more than tensors, without trusting the whole file."""

import argparse
import os
import pickle
import tempfile
from pathlib import Path

import torch


def load_old_checkpoint(path: Path) -> dict[str, object]:
    """A checkpoint that keeps its settings as argparse.Namespace; any other class is refused."""
    with torch.serialization.safe_globals([argparse.Namespace]):
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    return checkpoint | {"args": vars(checkpoint["args"])}


class Intruder:
    """A pickle that runs a command when it is read."""

    def __reduce__(self) -> tuple:
        return os.mkdir, ("was_here",)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        old = Path("old.pt")
        torch.save({"weight": torch.arange(3.0), "args": argparse.Namespace(lr=0.1)}, old)
        checkpoint = load_old_checkpoint(old)
        assert checkpoint["args"] == {"lr": 0.1} and checkpoint["weight"].tolist() == [0.0, 1.0, 2.0]

        torch.save({"args": Intruder()}, old)
        refused = False
        try:
            load_old_checkpoint(old)
        except pickle.UnpicklingError:
            refused = True
        assert refused and not Path("was_here").exists()
        os.chdir("/")
    print(f"settings read: {checkpoint['args']}; a file that runs code was refused")
