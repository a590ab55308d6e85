# /// pattern
# id = "pt.export.safetensors-file"
# topic = "export.weights"
# questions = [
#   "save pytorch model as safetensors",
#   "safetensors save_file load_file",
#   "Some tensors share memory, this will lead to duplicate memory on disk",
#   "tied weights safetensors error",
#   "read one tensor from a large checkpoint without loading all",
#   "store metadata with the weights",
#   "convert pth to safetensors",
#   "safetensor save tied embeding",
# ]
# errors = [
#   "RuntimeError: Some tensors share memory, this will lead to duplicate memory on disk and potential differences wh",
#   "ValueError: You are trying to save a non contiguous tensor:",
# ]
# apis = ["safetensors.torch.save_model", "safetensors.torch.load_model", "safetensors.safe_open"]
# replaces = ["torch.save(model)", "pickle checkpoints from strangers", "torch.load(weights_only=False)"]
# why = """A safetensors file is a table of names, types and shapes followed by the raw numbers: reading it runs no
# code, a single tensor or a part of it can be read alone, and other languages read it. It knows no shared memory: tied
# weights make save_file refuse, while save_model keeps one of them and load_model ties them again."""
# pitfalls = """Metadata are strings only. Optimizer state is not a flat dictionary of tensors: keep torch.save for
# checkpoints of a training."""
# when_not = "The graph is wanted as well: torch.export."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: Some tensors share memory, this will lead to duplicate memory on disk"
# ///
"""Weights in a safetensors file, with tied parameters and metadata, read whole or tensor by tensor."""

import json
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_model, save_model
from torch import nn


class TiedLanguageModel(nn.Module):
    """Token ids (B, T) to logits (B, T, V); the output layer shares the embedding's weight."""

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.mix = nn.Linear(width, width)
        self.output = nn.Linear(width, vocabulary, bias=False)
        self.output.weight = self.embedding.weight

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.output(self.mix(self.embedding(tokens)).tanh())


if __name__ == "__main__":
    config = {"vocabulary": 50, "width": 8}
    torch.manual_seed(0)
    model = TiedLanguageModel(**config)
    tokens = torch.randint(50, (2, 5))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        save_model(model, str(path), metadata={"config": json.dumps(config)})
        parameters = sum(parameter.numel() for parameter in model.parameters())
        assert 4 * parameters < path.stat().st_size < 4 * parameters + 1000  # the shared matrix once, and a header

        with safe_open(path, framework="pt") as file:
            found = json.loads(file.metadata()["config"])
            row = file.get_slice("mix.weight")[3]  # this row, and nothing else, is read
        assert found == config and row.equal(model.mix.weight[3])

        torch.manual_seed(1)
        loaded = TiedLanguageModel(**found)
        missing, unexpected = load_model(loaded, path)
    assert not missing and not unexpected
    assert loaded.output.weight is loaded.embedding.weight
    assert loaded(tokens).equal(model(tokens))
    print("stored", parameters, "parameters")
