# /// pattern
# id = "pt.tensors.running-moments"
# topic = "tensors.numerics"
# twin = "tf.tensors.running-moments"
# questions = [
#   "mean and std of a dataset that does not fit into memory pytorch",
#   "compute channel mean and std over a dataloader",
#   "variance is negative or nan float32",
#   "welford running variance torch",
#   "average of the batch stds is not the dataset std",
#   "normalisation constants mean std datset torch",
# ]
# apis = ["torch.var_mean", "torch.Tensor.double", "torch.std"]
# replaces = ["E[x^2] - E[x]^2"]
# why = """The mean of the squares minus the square of the mean subtracts two large numbers that are nearly equal: in
# float32 nothing is left where the mean is some thousand times the deviation. Merging the moments of batches only ever
# squares differences from a mean."""
# pitfalls = """The mean of the batches' deviations is not the deviation of the data: what lies between the batches is
# missing. Take the constants from the training part only."""
# when_not = "The data fits into memory: torch.std_mean."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the variance is lost"
# ///
"""Mean and standard deviation of each feature, batch by batch."""

import torch


class RunningMoments:
    """Mean and variance of the rows seen so far, (D,) each, kept in float64."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = torch.zeros((), dtype=torch.float64)
        self.squares = torch.zeros((), dtype=torch.float64)  # sum of the squared differences from the mean

    def update(self, x: torch.Tensor) -> None:
        """Add a batch (N, D)."""
        variance, mean = torch.var_mean(x.double(), dim=0, correction=0)
        count, difference = self.count + len(x), mean - self.mean
        self.squares = self.squares + variance * len(x) + difference.square() * self.count * len(x) / count
        self.mean = self.mean + difference * len(x) / count
        self.count = count

    @property
    def std(self) -> torch.Tensor:
        """Of the population, as for normalising."""
        return (self.squares / self.count).sqrt()


def channel_rows(images: torch.Tensor) -> torch.Tensor:
    """Images (N, C, H, W) to rows (N * H * W, C): the moments of each channel."""
    return images.movedim(1, -1).flatten(0, 2)


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(1000, 3) * torch.tensor([1.0, 0.1, 5.0]) + torch.tensor([10_000.0, 0.0, -3.0])
    x[500:] += 2  # the batches differ
    moments = RunningMoments()
    for batch in x.split(64):  # the last batch has 40
        moments.update(batch)
    torch.testing.assert_close(moments.mean, x.double().mean(dim=0))
    torch.testing.assert_close(moments.std, x.double().std(dim=0, correction=0))
    assert moments.count == 1000

    of_batches = torch.stack([batch.std(dim=0) for batch in x.split(64)]).mean(dim=0)
    assert of_batches[1] < 0.3 * moments.std[1]  # what lies between the batches is missing

    images = torch.rand(20, 3, 8, 8)
    of_images = RunningMoments()
    for batch in images.split(6):
        of_images.update(channel_rows(batch))
    torch.testing.assert_close(of_images.std, images.double().std(dim=(0, 2, 3), correction=0))
    print(moments.mean.tolist(), moments.std.tolist())
