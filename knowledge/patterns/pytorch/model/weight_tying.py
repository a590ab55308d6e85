# /// pattern
# id = "pt.model.weight-tying"
# topic = "model.building"
# twin = "tf.model.weight-tying"
# questions = [
#   "tie embedding and output weights pytorch",
#   "share weights between two layers",
#   "weight tying language model",
#   "lm_head.weight = embedding.weight",
#   "are tied weights counted twice in parameters()",
#   "tied weights lost after loading or after model.apply",
#   "shaer parameters between encoder and decoder torch",
# ]
# errors = ["RuntimeError: Some tensors share memory, this will lead to duplicate memory on disk"]
# apis = ["torch.nn.Embedding", "torch.nn.Linear", "torch.nn.Module.parameters"]
# replaces = ["self.decoder.weight.data = self.embedding.weight.data", "weight.clone()"]
# why = """Two modules that hold the same Parameter object share it: it is counted and updated once, and its gradient is
# the sum over both uses. nn.Linear keeps its weight as (out, in), which for an output layer is (vocabulary, width): the
# shape of the embedding."""
# pitfalls = """Tie in __init__, before the optimizer is made. Assigning .data shares memory today but is undone by the
# next thing that replaces it. safetensors' save_file refuses shared tensors: use save_model. Initialise with a small
# deviation: N(0, 1) embeddings give huge logits."""
# when_not = "Another vocabulary at the output, or a width of the last state that differs: project first."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the weights went separate ways"
# ///
"""A language model whose output layer is its embedding, transposed."""

import torch
from torch import nn


class TiedLanguageModel(nn.Module):
    """Token ids (N, T) to logits of the next token (N, T, V)."""

    def __init__(self, vocabulary_size: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.recurrent = nn.GRU(width, width, batch_first=True)
        self.head = nn.Linear(width, vocabulary_size, bias=False)
        self.head.weight = self.embedding.weight  # the same Parameter, (V, width)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        states, _ = self.recurrent(self.embedding(ids))  # (N, T, width)
        return self.head(states)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = TiedLanguageModel(vocabulary_size=50, width=16)
    counted = sum(parameter.numel() for parameter in model.parameters())
    assert counted == 50 * 16 + sum(parameter.numel() for parameter in model.recurrent.parameters())

    ids = torch.randint(0, 50, (4, 12))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    logits = model(ids[:, :-1])
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
    # The gradient of the shared weight is that of the input side plus that of the output side.
    as_input = model.head.weight.detach().clone().requires_grad_()
    as_output = as_input.detach().clone().requires_grad_()
    states, _ = model.recurrent(nn.functional.embedding(ids[:, :-1], as_input))
    apart = nn.functional.cross_entropy((states @ as_output.T).flatten(0, 1), ids[:, 1:].flatten())
    expected = sum(torch.autograd.grad(apart, [as_input, as_output]))
    loss.backward()
    torch.testing.assert_close(model.embedding.weight.grad, expected)

    optimizer.step()
    copy = TiedLanguageModel(vocabulary_size=50, width=16)
    copy.load_state_dict(model.state_dict())
    assert copy.head.weight is copy.embedding.weight  # still tied, and equal to the trained ones
    torch.testing.assert_close(copy(ids), model(ids))
    print(f"{counted:,} parameters, loss {loss.item():.2f}")
