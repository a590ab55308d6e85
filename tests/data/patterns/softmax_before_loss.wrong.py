"""Softmax twice: the loss has a floor."""

import torch
from torch import nn

if __name__ == "__main__":
    probabilities = torch.tensor([[20.0, 0.0, 0.0]]).softmax(dim=1)
    loss = nn.CrossEntropyLoss()(probabilities, torch.tensor([0])).item()
    assert loss < 1e-3, f"the loss of a sure and right prediction is {loss:.2f}"
