# /// pattern
# id = "pt.vision.faster-rcnn"
# topic = "vision.detection"
# questions = [
#   "Faster R-CNN from scratch pytorch",
#   "region proposal network and roi head",
#   "two-stage object detector without torchvision",
#   "RoIAlign with grid_sample",
#   "which anchors are positive, iou threshold 0.5 and 0.3",
#   "four losses of faster rcnn",
#   "train a detector with anchors on my own boxes",
#   "roi align shifts by half a pixel",
#   "faster rccn simple implementation",
# ]
# apis = ["torch.nn.functional.grid_sample", "torch.nn.functional.binary_cross_entropy_with_logits",
#   "torch.nn.functional.cross_entropy", "torch.nn.functional.smooth_l1_loss", "torch.topk"]
# replaces = ["torchvision.models.detection.fasterrcnn_resnet50_fpn", "torchvision.ops.roi_align", "detectron2"]
# why = """First stage: for each anchor, is there any object, and how must the anchor move. Second stage: the best of
# these boxes are cut out of the same features, classified and moved once more (arXiv 1506.01497). RoIAlign samples
# between the cells, so a box that moves by a part of a cell gives other features; rounded to cells it would not."""
# pitfalls = """Anchors between the two thresholds count for neither side, and each object's best anchor is positive in
# any case, or small objects teach nothing. Proposals are detached. True boxes join them while training: at first
# nothing else is near an object. At inference: NMS for each class (pt.vision.boxes)."""
# when_not = "torchvision is there: fine-tune fasterrcnn_resnet50_fpn_v2, with pretrained weights."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the box moved by 3 pixels"
# ///
"""A tiny Faster R-CNN: a region proposal network, RoIAlign, and a head that names the boxes and moves them."""

import torch
from torch import nn
from torch.nn import functional as F

STRIDE, SIDE, ANCHOR = 4, 24, 8  # pixels for a cell, of an image, of an anchor


def pairwise_iou(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Boxes x1, y1, x2, y2, (N, 4) and (M, 4), to (N, M)."""
    size = (torch.minimum(first[:, None, 2:], second[:, 2:]) - torch.maximum(first[:, None, :2], second[:, :2])).clamp(
        0
    )
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(dim=1) for boxes in (first, second)]
    overlap = size.prod(dim=2)
    return overlap / (areas[0][:, None] + areas[1] - overlap)


def encode(boxes: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
    """How each base box (N, 4) must move to become its box: shift in its sizes, logarithm of the scale."""
    size, base_size = boxes[:, 2:] - boxes[:, :2], base[:, 2:] - base[:, :2]
    return torch.cat([(boxes[:, :2] + size / 2 - base[:, :2] - base_size / 2) / base_size, (size / base_size).log()], 1)


def decode(moves: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
    """The boxes of such moves, within the image, (N, 4)."""
    size = base[:, 2:] - base[:, :2]
    centre = base[:, :2] + size / 2 + moves[:, :2] * size
    half = size * moves[:, 2:].clamp(-2, 2).exp() / 2
    low, high = (centre - half).clamp(0, SIDE - 2), (centre + half).clamp(max=SIDE)
    return torch.cat([low, torch.maximum(high, low + 1)], dim=1)


def roi_align(features: torch.Tensor, boxes: torch.Tensor, *, bins: int = 4) -> torch.Tensor:
    """Features (C, h, w) of one image at boxes (R, 4) in pixels to (R, C, bins, bins), between the cells."""
    steps = (torch.arange(bins, device=boxes.device) + 0.5) / bins
    x, y = (boxes[:, i : i + 1] + (boxes[:, i + 2 : i + 3] - boxes[:, i : i + 1]) * steps for i in (0, 1))  # (R, bins)
    grid = torch.stack([x[:, None].expand(-1, bins, -1), y[:, :, None].expand(-1, -1, bins)], dim=3) * 2 / SIDE - 1
    return F.grid_sample(features.expand(len(boxes), -1, -1, -1), grid, align_corners=False, padding_mode="border")


class FasterRcnn(nn.Module):
    """Stages for images (B, 1, 24, 24): features, proposals from them, and what is in a box."""

    def __init__(self, num_classes: int, *, width: int = 32) -> None:
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(1, width, STRIDE, stride=STRIDE), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1), nn.ReLU()
        )
        self.rpn = nn.Conv2d(width, 1 + 4, 3, padding=1)  # one anchor for each cell
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(16 * width, 64), nn.ReLU(), nn.Linear(64, num_classes + 1 + 4)
        )
        centres = STRIDE * (torch.cartesian_prod(*[torch.arange(SIDE // STRIDE)] * 2).flip(1) + 0.5)
        self.register_buffer("anchors", torch.cat([centres - ANCHOR / 2, centres + ANCHOR / 2], dim=1))  # (36, 4)

    def propose(self, features: torch.Tensor, *, count: int = 8) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Of one image: objectness logits (36,), moves (36, 4) and the best boxes (count, 4), detached."""
        scores, moves = self.rpn(features[None])[0].flatten(1).T.split([1, 4], dim=1)
        best = scores[:, 0].topk(count).indices
        return scores[:, 0], moves, decode(moves[best].detach(), self.anchors[best])

    def look(self, features: torch.Tensor, boxes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Class logits (R, K + 1), the last one "nothing", and moves (R, 4) of boxes in one image."""
        found = self.head(roi_align(features, boxes))
        return found[:, :-4], found[:, -4:]


def image_loss(model: FasterRcnn, features: torch.Tensor, classes: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """The four losses of one image with objects (M,), (M, 4)."""
    scores, moves, proposals = model.propose(features)
    iou = pairwise_iou(model.anchors, truth)  # (36, M)
    overlap, nearest = iou.max(dim=1)
    positive = (overlap > 0.5) | (iou == iou.max(dim=0).values).any(dim=1)
    counted = positive | (overlap < 0.3)
    objectness = F.binary_cross_entropy_with_logits(scores[counted], positive[counted].float())
    first_move = F.smooth_l1_loss(moves[positive], encode(truth[nearest[positive]], model.anchors[positive]))

    boxes = torch.cat([proposals, truth])
    overlap, nearest = pairwise_iou(boxes, truth).max(dim=1)
    inside = overlap > 0.5
    logits, moves = model.look(features, boxes)
    named = F.cross_entropy(logits, torch.where(inside, classes[nearest], logits.shape[1] - 1))
    second_move = F.smooth_l1_loss(moves[inside], encode(truth[nearest[inside]], boxes[inside]))
    return objectness + first_move + named + second_move


def scene() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """An image (1, 24, 24) with one or two squares in halves of their own: 0 filled, 1 a frame; and their boxes."""
    image, classes, boxes = 0.1 * torch.randn(1, SIDE, SIDE), [], []
    for half in torch.randperm(2)[: int(torch.randint(1, 3, ()))].tolist():
        kind, side = int(torch.randint(2, ())), int(torch.randint(6, 11, ()))
        x, y = 12 * half + int(torch.randint(0, 13 - side, ())), int(torch.randint(0, 25 - side, ()))
        image[0, y : y + side, x : x + side] += 1
        image[0, y + 1 : y + side - 1, x + 1 : x + side - 1] -= kind
        classes.append(kind)
        boxes.append([x, y, x + side, y + side])
    return image, torch.tensor(classes), torch.tensor(boxes).float()


if __name__ == "__main__":
    torch.manual_seed(0)
    ramp = STRIDE * (torch.arange(6) + 0.5).expand(1, 6, 6)  # each cell holds the x of its centre
    sampled = roi_align(ramp, torch.tensor([[5.0, 4, 13, 12]]))[0, 0, 0]
    torch.testing.assert_close(sampled, torch.tensor([6.0, 8, 10, 12]))  # the middles of four bins

    model = FasterRcnn(num_classes=2)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    data, losses = [scene() for _ in range(256)], []
    for step in range(100):
        batch = [data[(8 * step + number) % 256] for number in range(8)]
        features = model.backbone(torch.stack([image for image, _, _ in batch]))
        optimizer.zero_grad()
        each = [image_loss(model, *one) for one in zip(features, *list(zip(*batch, strict=True))[1:], strict=True)]
        loss = torch.stack(each).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    named, ious = [], []
    with torch.no_grad():
        for image, classes, truth in (scene() for _ in range(60)):
            (features,) = model.backbone(image[None])
            boxes = model.propose(features)[2]
            logits, moves = model.look(features, boxes)
            sure = logits.softmax(dim=1)[:, :2].max(dim=1)
            iou = pairwise_iou(decode(moves, boxes), truth)
            best = (sure.values[:, None] * (iou > 0.3)).max(dim=0).indices  # the surest box at each object
            named += (sure.indices[best] == classes).tolist()
            ious += iou[best, range(len(classes))].tolist()
    accuracy, iou = sum(named) / len(named), sum(ious) / len(ious)
    start, end = losses[0], sum(losses[-10:]) / 10
    print(f"loss {start:.2f} -> {end:.2f}; {accuracy:.0%} of the objects named, mean IoU {iou:.2f}")
    assert end < 0.5 * start and accuracy > 0.7 and iou > 0.6
