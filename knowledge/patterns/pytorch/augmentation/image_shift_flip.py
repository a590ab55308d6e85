# /// pattern
# id = "pt.augmentation.image-shift-flip"
# topic = "data.augmentation"
# role = "augmentation"
# provides = "image-shift-flip"
# entry = "AugmentedImages"
# twin = "tf.augmentation.image-shift-flip"
# questions = [
#   "data augmentation for images without torchvision",
#   "random shift and horizontal flip pytorch",
#   "augment only the training set",
#   "random crop with padding on tensors",
#   "reduce overfitting of a cnn with augmentation",
#   "image augmentaion torch dataset",
# ]
# apis = ["torch.utils.data.Dataset", "torch.nn.functional.pad", "torch.Tensor.flip"]
# replaces = ["torchvision.transforms.RandomCrop", "torchvision.transforms.RandomHorizontalFlip"]
# why = """Drawn anew each time an image is read, so no epoch repeats another. Only the training set is wrapped: a
# validation score on altered images is the score of another task."""
# pitfalls = "Flipped digits and letters are other symbols or none: leave flip off where direction has a meaning."
# when_not = "Large images on a GPU: transform whole batches there (torchvision.transforms.v2)."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the same image in every epoch"
# ///
"""Training images shifted, and if wanted mirrored, at random each time they are read."""

import torch
from torch.nn import functional as F
from torch.utils.data import Dataset, TensorDataset


class AugmentedImages(Dataset):
    """A TensorDataset of ((C, H, W), label), each image moved by up to max_shift pixels and mirrored half the time.

    What moves in from outside is 0, the mean of standardised images.
    """

    def __init__(self, images: TensorDataset, *, max_shift: int, flip: bool) -> None:
        self.images = images
        self.max_shift = max_shift
        self.flip = flip

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        image, label = self.images[index]
        height, width = image.shape[-2:]
        padded = F.pad(image, (self.max_shift,) * 4)  # (C, H + 2s, W + 2s)
        top, left = torch.randint(0, 2 * self.max_shift + 1, (2,)).tolist()
        image = padded[:, top : top + height, left : left + width]  # (C, H, W)
        if self.flip and torch.rand(()) < 0.5:
            image = image.flip(-1)
        return image, label


if __name__ == "__main__":
    torch.manual_seed(0)
    plain = TensorDataset(torch.arange(1.0, 33.0).reshape(2, 1, 4, 4), torch.tensor([0, 1]))
    augmented = AugmentedImages(plain, max_shift=1, flip=True)
    image, label = augmented[1]
    assert image.shape == (1, 4, 4) and label == 1 and len(augmented) == 2

    seen = {tuple(augmented[0][0].flatten().tolist()) for _ in range(400)}
    assert len(seen) == 3 * 3 * 2  # every shift, mirrored or not
    unchanged = AugmentedImages(plain, max_shift=0, flip=False)[0][0]
    assert torch.equal(unchanged, plain.tensors[0][0])
    print(f"{len(seen)} versions of one image")
