# /// pattern
# id = "pt.model.buffers"
# topic = "model.building"
# twin = "tf.model.buffers"
# questions = [
#   "register_buffer pytorch, when do I need it",
#   "difference between a buffer and a parameter",
#   "a constant tensor in my module is not moved to the gpu by model.to(device)",
#   "tensor attribute missing from state_dict",
#   "save running mean and std inside the model without training them",
#   "persistent=False buffer",
#   "regster_buffer vs nn.Parameter",
#   "Expected all tensors to be on the same device, but my module is on cuda",
# ]
# errors = ["Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
#   "TypeError: cannot assign 'float' as buffer 'mean' (torch.nn.Buffer, torch.Tensor or None expected)"]
# apis = ["torch.nn.Module.register_buffer", "torch.nn.Module.state_dict", "torch.nn.Module.to"]
# replaces = ["self.mean = torch.zeros(...)", "nn.Parameter(..., requires_grad=False)", "Variable(requires_grad=False)"]
# why = """A module moves, casts and saves its parameters and buffers, and nothing else. A tensor that is a plain
# attribute stays on the CPU and is not in the state_dict; as a parameter it would be handed to the optimizer."""
# pitfalls = """Assign into a buffer (copy_, or self.mean = tensor): a new name for it is no buffer. .to(float16) casts
# floating buffers too, so a step counter should be an integer tensor."""
# when_not = "A Python number that never changes, such as an epsilon: an ordinary attribute."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the loaded model scales its inputs differently"
# ///
"""State that goes with a model but is not trained: the scaling of its inputs, as buffers."""

import torch
from torch import nn


class Standardised(nn.Module):
    """A network on features (N, F) that brings its own mean and deviation of the training data."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, network: nn.Module, *, num_features: int) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.zeros(num_features))
        self.register_buffer("std", torch.ones(num_features))
        # Made again by __init__, so there is no need to save it; it is moved and cast all the same.
        self.register_buffer("limits", torch.tensor([-5.0, 5.0]), persistent=False)

    def fit_scaling(self, features: torch.Tensor) -> None:
        """Take mean and deviation from the training features (N, F)."""
        self.mean.copy_(features.mean(dim=0))
        self.std.copy_(features.std(dim=0).clamp(min=1e-6))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        scaled = (features - self.mean) / self.std  # (N, F)
        return self.network(scaled.clamp(*self.limits))


if __name__ == "__main__":
    torch.manual_seed(0)
    features = 100 + 20 * torch.randn(256, 3)
    model = Standardised(nn.Linear(3, 1), num_features=3)
    model.fit_scaling(features)

    assert {name for name, _ in model.named_parameters()} == {"network.weight", "network.bias"}  # for the optimizer
    assert set(model.state_dict()) == {"network.weight", "network.bias", "mean", "std"}  # for the file

    loaded = Standardised(nn.Linear(3, 1), num_features=3)
    loaded.load_state_dict(model.state_dict())
    by_hand = (features - features.mean(dim=0)) / features.std(dim=0) @ model.network.weight.T + model.network.bias
    torch.testing.assert_close(loaded(features), by_hand, rtol=1e-4, atol=1e-4)

    moved = loaded.to("meta", dtype=torch.float64)  # stands for cuda: everything moves, or forward would raise
    assert {tensor.device.type for tensor in (moved.mean, moved.std, moved.limits)} == {"meta"}
    assert moved(torch.empty(8, 3, device="meta", dtype=torch.float64)).shape == (8, 1)
    print(sorted(model.state_dict()))
