# /// pattern
# id = "pt.vision.detr"
# topic = "vision.detection"
# questions = [
#   "DETR from scratch pytorch",
#   "object detection with a transformer and queries",
#   "hungarian matching loss for detection",
#   "set prediction loss, no object class",
#   "detection without anchors and nms",
#   "linear_sum_assignment matcher pytorch",
#   "several objects for each image, train a small detector",
#   "all detr queries predict the same box",
#   "detection transfomer simple implementation",
# ]
# apis = ["scipy.optimize.linear_sum_assignment", "torch.nn.Transformer", "torch.cdist",
#   "torch.nn.functional.cross_entropy", "torch.nn.Embedding"]
# replaces = ["transformers.DetrForObjectDetection", "anchor boxes"]
# why = """A fixed number of learnt queries gives a set of boxes, and the order of a set means nothing: the cheapest
# one-to-one assignment to the true objects (Hungarian algorithm) says which query answers for which, and the others are
# to say "no object". One to one is what makes NMS needless (arXiv 2005.12872)."""
# pitfalls = """The assignment is found without gradients, the loss then computed with them, of the same terms. "No
# object" is the commonest class by far: give it a small weight (0.1 in the paper for 100 queries, 0.6 here for four).
# Boxes are centre and size between 0 and 1, or their errors mean something else for each image size."""
# when_not = "Real images: a pretrained detector; from nothing DETR needs very many epochs."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: a perfect answer in another order"
# ///
"""A tiny DETR (Carion et al., arXiv 2005.12872): queries, one-to-one matching, and the loss of the matched set."""

import torch
from scipy.optimize import linear_sum_assignment
from torch import nn
from torch.nn import functional as F

Targets = list[tuple[torch.Tensor, torch.Tensor]]
"""For each image class numbers (M,) and boxes (M, 4): centre x, y, width, height, of the image's size."""


class Detr(nn.Module):
    """Images (B, 1, 24, 24) to class logits (B, Q, K + 1), the last one "no object", and boxes (B, Q, 4)."""

    def __init__(self, num_classes: int, *, queries: int = 4, width: int = 32) -> None:
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(1, width, 4, stride=4), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1)
        )
        self.places = nn.Parameter(0.5 * torch.randn(36, width))  # 6 x 6 cells
        self.queries = nn.Embedding(queries, width)
        self.transformer = nn.Transformer(
            width,
            nhead=4,
            num_encoder_layers=1,
            num_decoder_layers=1,
            dim_feedforward=64,
            dropout=0.0,
            batch_first=True,
        )
        self.classify = nn.Linear(width, num_classes + 1)
        self.locate = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 4))

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        cells = self.backbone(images).flatten(2).transpose(1, 2) + self.places  # (B, 36, width)
        queries = self.queries.weight.expand(len(images), -1, -1)
        found = self.transformer(cells, queries)  # (B, Q, width)
        return self.classify(found), self.locate(found).sigmoid()


@torch.no_grad()
def match(logits: torch.Tensor, boxes: torch.Tensor, classes: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Of one image: which query answers for each object, (M,), at the least total cost."""
    cost = 5 * torch.cdist(boxes, truth, p=1) - logits.softmax(dim=1)[:, classes]  # (Q, M)
    queries, objects = linear_sum_assignment(cost.cpu().numpy())
    return torch.as_tensor(queries[objects.argsort()], device=boxes.device)


def set_loss(logits: torch.Tensor, boxes: torch.Tensor, targets: Targets) -> torch.Tensor:
    """Cross entropy of all queries, and L1 of the boxes that were matched."""
    no_object = logits.shape[2] - 1
    wanted = torch.full(logits.shape[:2], no_object, device=logits.device)
    errors = []
    for image, (classes, truth) in enumerate(targets):
        chosen = match(logits[image], boxes[image], classes, truth)
        wanted[image, chosen] = classes
        errors.append((boxes[image, chosen] - truth).abs().sum(dim=1))
    weight = torch.ones(no_object + 1, device=logits.device)
    weight[no_object] = 0.6
    return F.cross_entropy(logits.transpose(1, 2), wanted, weight) + 5 * torch.cat(errors).mean()


def scenes(count: int) -> tuple[torch.Tensor, Targets]:
    """Images with one or two objects: class 0 is a filled square, class 1 a frame, in halves of their own."""
    images, targets = 0.1 * torch.randn(count, 1, 24, 24), []
    for image in images:
        classes, boxes = [], []
        for half in torch.randperm(2)[: int(torch.randint(1, 3, ()))].tolist():
            kind, side = int(torch.randint(2, ())), int(torch.randint(5, 10, ()))
            x, y = 12 * half + int(torch.randint(0, 13 - side, ())), int(torch.randint(0, 25 - side, ()))
            image[0, y : y + side, x : x + side] += 1
            if kind == 1:
                image[0, y + 1 : y + side - 1, x + 1 : x + side - 1] -= 1
            classes.append(kind)
            boxes.append([(x + side / 2) / 24, (y + side / 2) / 24, side / 24, side / 24])
        targets.append((torch.tensor(classes), torch.tensor(boxes)))
    return images, targets


if __name__ == "__main__":
    torch.manual_seed(0)
    logits, boxes = torch.randn(4, 3), torch.rand(4, 4)
    chosen = match(logits, boxes, torch.tensor([1, 0]), boxes[[3, 1]])
    assert chosen.tolist() == [3, 1]  # boxes that are exactly right are worth more than any class

    model = Detr(num_classes=2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    images, targets = scenes(480)
    losses = []
    for step in range(300):
        some = torch.arange(16) + 16 * step % 480
        optimizer.zero_grad()
        loss = set_loss(*model(images[some]), [targets[number] for number in some])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())

    images, targets = scenes(100)
    with torch.no_grad():
        logits, boxes = model.eval()(images)
    counted = (logits.argmax(dim=2) < 2).sum(dim=1)
    right = sum(int(count) == len(classes) for count, (classes, _) in zip(counted, targets, strict=True))
    errors = [
        (found[match(scores, found, classes, truth)] - truth).abs().mean()
        for scores, found, (classes, truth) in zip(logits, boxes, targets, strict=True)
    ]
    error = 24 * torch.stack(errors).mean().item()
    start, end = losses[0], sum(losses[-10:]) / 10
    print(
        f"loss {start:.2f} -> {end:.2f}; the number of objects right in {right} of 100, boxes off by {error:.1f} pixels"
    )
    assert end < 0.4 * start and right > 70 and error < 1.5
