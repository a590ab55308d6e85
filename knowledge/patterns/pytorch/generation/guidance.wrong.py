"""Wrong: class 0 stands for "no label" as well; what it has learnt of class 0 is not forgotten."""

import torch

torch.manual_seed(0)
classes = torch.randint(3, (9000,))
points = torch.tensor([3.0, -1.0, -2.0])[classes] + 0.1 * torch.randn(9000)
labels = torch.where(torch.rand(9000) < 0.1, 0, classes)  # wrong: 3, a label of its own
without = points[labels == 0].mean().item()  # what a model can best say where it is told nothing
assert abs(without - points.mean().item()) < 0.2, (
    f"without a label it should say {points.mean().item():.1f}, the mean of all, and it says {without:.1f}"
)
