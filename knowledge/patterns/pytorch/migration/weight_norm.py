# /// pattern
# id = "pt.migration.weight-norm"
# topic = "migration.parametrization"
# questions = [
#   "torch.nn.utils.weight_norm deprecated",
#   "weight_norm parametrizations migration",
#   "remove_weight_norm new way",
#   "load old weight_g weight_v checkpoint",
#   "parametrizations.weight.original0",
#   "wieght norm torch future warning",
# ]
# errors = [
#   "FutureWarning: `torch.nn.utils.weight_norm` is deprecated in favor of",
# ]
# apis = ["torch.nn.utils.parametrizations.weight_norm", "torch.nn.utils.parametrize.remove_parametrizations"]
# replaces = ["torch.nn.utils.weight_norm", "torch.nn.utils.remove_weight_norm", "weight_g", "weight_v"]
# why = """The parametrized form computes the weight whenever it is read, instead of in a forward hook, so it also
# survives deepcopy and optimiser changes. Old files with weight_g and weight_v load without a change."""
# pitfalls = """The new state_dict says parametrizations.weight.original0 (length) and original1 (direction); a model
# of the old form cannot read it."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns FutureWarning: `torch.nn.utils.weight_norm` is deprecated"
# ///
"""Weight normalisation as a parametrization, and a checkpoint of the old form loaded into it."""

import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm
from torch.nn.utils.parametrize import remove_parametrizations

if __name__ == "__main__":
    torch.manual_seed(0)
    layer = weight_norm(nn.Linear(4, 3))  # weight = length * direction / |direction|, for each output
    assert set(layer.state_dict()) == {
        "bias",
        "parametrizations.weight.original0",
        "parametrizations.weight.original1",
    }

    length, direction = torch.rand(3, 1) + 0.5, torch.randn(3, 4)
    layer.load_state_dict({"weight_g": length, "weight_v": direction, "bias": torch.zeros(3)})  # an old file
    expected = length * direction / direction.square().sum(dim=1, keepdim=True).sqrt()
    torch.testing.assert_close(layer.weight, expected)

    inputs = torch.randn(5, 4)
    before = layer(inputs)
    remove_parametrizations(layer, "weight")  # remove_weight_norm: a plain layer for export
    assert set(layer.state_dict()) == {"bias", "weight"}
    torch.testing.assert_close(layer(inputs), before)
    print(f"lengths of the rows: {layer.weight.norm(dim=1).tolist()}")
