# /// pattern
# id = "pt.tensor.harmless"
# topic = "tensors"
# questions = ["add tensors", "sum of two tensors", "elementwise addition"]
# apis = ["torch.add"]
# why = "Its wrong example works, so this file must not be admitted."
# wrong_outcome = "raises RuntimeError: size of tensor"
# ///
"""Addition of tensors."""

import torch

if __name__ == "__main__":
    assert (torch.ones(2) + torch.ones(2)).sum() == 4
