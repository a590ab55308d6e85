# /// pattern
# id = "pt.tensor.softmax-dim"
# topic = "tensors"
# questions = ["softmax dim argument", "implicit dimension choice for softmax", "which axis does softmax use"]
# errors = ["Implicit dimension choice for softmax has been deprecated"]
# apis = ["torch.nn.functional.softmax"]
# why = "Without dim the axis is guessed from the number of axes."
# wrong_outcome = "warns UserWarning: Implicit dimension choice for softmax"
# ///
"""Softmax over a named axis."""

import torch
from torch.nn import functional as F

if __name__ == "__main__":
    assert F.softmax(torch.zeros(2, 4), dim=1).sum(dim=1).allclose(torch.ones(2))
