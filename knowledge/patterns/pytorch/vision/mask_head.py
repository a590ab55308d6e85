# /// pattern
# id = "pt.vision.mask-head"
# topic = "vision.segmentation"
# questions = [
#   "Mask R-CNN mask head pytorch",
#   "instance segmentation from scratch",
#   "mask branch loss, per class binary cross entropy",
#   "crop the ground truth mask to the box and resize it to 28x28",
#   "paste a predicted mask back into the image",
#   "softmax or sigmoid for instance masks",
#   "difference between semantic and instance segmentation loss",
#   "mask rccn head loss torch",
# ]
# apis = ["torch.nn.functional.binary_cross_entropy_with_logits", "torch.nn.functional.grid_sample",
#   "torch.nn.ConvTranspose2d", "torch.nn.functional.interpolate"]
# replaces = ["torchvision.models.detection.maskrcnn_resnet50_fpn", "detectron2", "softmax over class masks"]
# why = """For each box the head draws one mask for every class, and only that of the true class is in the loss, by a
# sigmoid for each pixel: classes do not compete for pixels, since the box's class is already known from elsewhere
# (arXiv 1703.06870). The true mask is cut out by the same sampling as the features, so both lie on one grid."""
# pitfalls = """At inference take the mask of the predicted class, resize the probabilities, not the 0/1 mask, to the
# box, and cut at 0.5 last. Masks of boxes that found nothing have no target: leave them out."""
# when_not = "One label for each pixel and no objects to count: semantic segmentation (pt.vision.unet)."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: masks of other classes"
# ///
"""The mask head of Mask R-CNN: one mask for each class and box, trained on the true class alone."""

import torch
from torch import nn
from torch.nn import functional as F

SIDE, MASK = 32, 16  # pixels of an image and of a mask


class MaskHead(nn.Module):
    """What is in the boxes, (R, 1, 16, 16), to mask logits (R, K, 16, 16), one for each class."""

    def __init__(self, num_classes: int, *, width: int = 16) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, width, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(width, width, 2, stride=2),
            nn.ReLU(),
            nn.Conv2d(width, num_classes, 1),
        )

    def forward(self, regions: torch.Tensor) -> torch.Tensor:
        return self.layers(regions)


def cut_out(maps: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """One box x1, y1, x2, y2 in pixels, (R, 4), of each map (R, 1, H, W), sampled to (R, 1, 16, 16)."""
    steps = (torch.arange(MASK, device=boxes.device) + 0.5) / MASK
    x, y = (boxes[:, i, None] + (boxes[:, i + 2, None] - boxes[:, i, None]) * steps for i in (0, 1))  # (R, 16)
    grid = torch.stack([x[:, None].expand(-1, MASK, -1), y[:, :, None].expand(-1, -1, MASK)], dim=3) * 2 / SIDE - 1
    return F.grid_sample(maps, grid, align_corners=False)


def mask_loss(logits: torch.Tensor, classes: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Logits (R, K, 16, 16) against masks (R, 16, 16): of each box only the mask of its class (R,) counts."""
    return F.binary_cross_entropy_with_logits(logits[torch.arange(len(classes)), classes], wanted)


def paste(logits: torch.Tensor, box: torch.Tensor) -> torch.Tensor:
    """One mask (16, 16) as a mask of the whole image, (H, W) of bool; whole pixels x1, y1, x2, y2."""
    x1, y1, x2, y2 = box.int().tolist()
    fitted = F.interpolate(logits.sigmoid()[None, None], (y2 - y1, x2 - x1), mode="bilinear", align_corners=False)
    mask = torch.zeros(SIDE, SIDE, dtype=torch.bool, device=logits.device)
    mask[y1:y2, x1:x2] = fitted[0, 0] > 0.5
    return mask


def objects(count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Noisy images (N, 1, H, W) of one disc (0) or ring (1), its class, box (N, 4) and mask (N, 1, H, W)."""
    radius = torch.randint(5, 11, (count,)).float()
    centre = radius[:, None] + torch.rand(count, 2) * (SIDE - 2 * radius[:, None])
    classes, pixels = torch.randint(2, (count,)), torch.arange(SIDE) + 0.5
    distance = torch.hypot(pixels - centre[:, 0, None, None], pixels[:, None] - centre[:, 1, None, None])
    radius = radius[:, None, None]
    masks = ((distance < radius) & ((distance > radius / 2) | (classes == 0)[:, None, None]))[:, None].float()
    boxes = torch.cat([(centre - radius[:, 0]).floor(), (centre + radius[:, 0]).ceil()], dim=1)
    return masks + 0.3 * torch.randn_like(masks), classes, boxes, masks


if __name__ == "__main__":
    torch.manual_seed(0)
    head = MaskHead(num_classes=2)
    optimizer = torch.optim.Adam(head.parameters(), lr=5e-3)
    losses = []
    for _ in range(80):
        images, classes, boxes, masks = objects(32)
        optimizer.zero_grad()
        loss = mask_loss(head(cut_out(images, boxes)), classes, cut_out(masks, boxes)[:, 0])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0], losses

    images, classes, boxes, masks = objects(50)
    with torch.no_grad():
        logits = head(cut_out(images, boxes))
    found = torch.stack([paste(logits[number, classes[number]], boxes[number]) for number in range(50)])
    truth = masks[:, 0].bool()
    iou = ((found & truth).sum((1, 2)) / (found | truth).sum((1, 2))).mean().item()
    assert iou > 0.75, iou
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, IoU of the pasted masks {iou:.2f}")
