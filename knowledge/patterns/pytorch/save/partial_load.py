# /// pattern
# id = "pt.save.partial-load"
# topic = "save.weights"
# twin = "tf.saving.save-weights"
# questions = [
#   "Error(s) in loading state_dict missing keys unexpected keys",
#   "load pretrained weights with a different number of classes",
#   "size mismatch for fc.weight copying a param with shape",
#   "strict=False loads nothing",
#   "remove module. prefix from DataParallel checkpoint",
#   "load a gpu checkpoint on cpu map_location",
#   "_orig_mod prefix in state_dict torch.compile",
#   "load state dict mising keys",
# ]
# errors = [
#   "RuntimeError: Error(s) in loading state_dict for Sequential:",
#   "Missing key(s) in state_dict: \"0.weight\", \"0.bias\".",
#   "size mismatch for 2.weight: copying a param with shape torch.Size([10, 16]) from checkpoint, the shape in curren",
#   "RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.",
# ]
# apis = ["torch.nn.Module.load_state_dict", "torch.load"]
# replaces = ["load_state_dict(strict=False) alone"]
# why = """strict=False passes over names that do not match and says so only in what it returns: a checkpoint whose
# names all begin with "module." then loads nothing, and the model stays random. Take the prefix off, leave out what has
# another shape, and compare what was loaded with what was meant to be."""
# pitfalls = """strict=False does not forgive another shape: that raises. map_location="cpu" opens a file from a GPU
# anywhere, and load_state_dict then copies to wherever the model is.
# torch.nn.modules.utils.consume_prefix_in_state_dict_if_present takes one prefix off, in place."""
# when_not = "The model is the same: strict=True, the default, is the check you want."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: nothing was loaded"
# ///
"""Load the weights that fit, and know which they were: prefixes, other heads, other devices."""

import tempfile
from pathlib import Path

import torch
from torch import nn

PREFIXES = ("module.", "_orig_mod.")  # of DataParallel and DistributedDataParallel, and of torch.compile


def strip_prefixes(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same tensors under the names of the bare model."""
    for prefix in PREFIXES:
        state = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
    return state


def load_what_fits(model: nn.Module, path: Path, *, new: set[str]) -> None:
    """Load a checkpoint into a model in which only the `new` parameters may stay as they are.

    Raises ValueError where any other parameter or buffer is missing from the checkpoint or has another shape there.
    """
    state = strip_prefixes(torch.load(path, map_location="cpu", weights_only=True))
    own = model.state_dict()
    fitting = {name: tensor for name, tensor in state.items() if name in own and tensor.shape == own[name].shape}
    if missing := sorted(own.keys() - fitting.keys() - new):
        raise ValueError(f"not in {path.name}, or of another shape: {', '.join(missing)}")
    model.load_state_dict(fitting, strict=False)


def build(classes: int) -> nn.Sequential:
    """Features (B, 4) to logits (B, classes)."""
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, classes))


if __name__ == "__main__":
    torch.manual_seed(0)
    pretrained, model = build(10), build(3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pretrained.pt"
        torch.save(nn.DataParallel(pretrained).state_dict(), path)  # names begin with "module."
        assert all(name.startswith("module.") for name in torch.load(path))
        head = model[2].weight.clone()
        load_what_fits(model, path, new={"2.weight", "2.bias"})
        assert model[0].weight.equal(pretrained[0].weight) and model[0].bias.equal(pretrained[0].bias)
        assert model[2].weight.equal(head)  # the new head keeps its start

        refused = ""
        try:
            load_what_fits(build(3), path, new={"2.bias"})
        except ValueError as error:
            refused = str(error)
    assert refused == "not in pretrained.pt, or of another shape: 2.weight"
    print("loaded all but the head")
