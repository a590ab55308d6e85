"""Suppression over all classes at once: the dog on the sofa goes, because the sofa is surer."""

import torch

boxes = torch.tensor([[10.0, 10, 60, 60], [12.0, 12, 60, 60], [11.0, 10, 60, 61]])
scores = torch.tensor([0.9, 0.8, 0.7])
classes = torch.tensor([0, 1, 0])  # the second one is something else
kept: list[int] = []
for number in scores.argsort(descending=True).tolist():
    size = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    overlap = (torch.minimum(boxes[number, 2:], boxes[:, 2:]) - torch.maximum(boxes[number, :2], boxes[:, :2])).clamp(0)
    iou = overlap.prod(1) / (size[number] + size - overlap.prod(1))
    if all(iou[other] <= 0.5 for other in kept):  # wrong: or classes[other] != classes[number]
        kept.append(number)
assert sorted(set(classes[kept].tolist())) == [0, 1], f"a box of another class was suppressed: only {kept} are kept"
