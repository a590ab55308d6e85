# /// pattern
# id = "pt.distributed.shard-gradients"
# topic = "distributed.gradients"
# twin = "tf.distributed.custom-loop"
# questions = [
#   "does DistributedDataParallel average or sum gradients",
#   "ddp loss differs from single gpu training",
#   "scale the learning rate with the number of gpus",
#   "uneven batch sizes across ranks ddp",
#   "average the loss across ranks correctly",
#   "token level loss with data parallel is wrong",
#   "how does data parallel training work, proof",
#   "ddp gradiant average mean of means",
# ]
# apis = ["torch.autograd.grad", "torch.nn.functional.cross_entropy"]
# replaces = ["torch.nn.DataParallel", "mean of the ranks' losses"]
# why = """DDP averages the ranks' gradients. With equal parts, means of means are the mean, and n ranks make exactly
# the step of one large batch. With unequal numbers of samples or of unmasked tokens they do not: each rank must sum,
# divide by the count over all ranks, and multiply by the number of ranks, because DDP divides by it."""
# pitfalls = """BatchNorm sees its own part only: SyncBatchNorm. Dropout needs another seed on each rank. The count over
# all ranks is one all_reduce of an integer before backward."""
# when_not = "Every rank has the same number of samples and nothing is masked: the plain mean is exact."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the averaged gradient is off by"
# ///
"""Data parallel gradients without a cluster: when averaged parts equal the whole batch, and how to weigh them."""

import torch
from torch import nn
from torch.nn import functional as F

Gradients = list[torch.Tensor]


def gradients(model: nn.Module, loss: torch.Tensor) -> Gradients:
    """What backward would put into the parameters' .grad."""
    return list(torch.autograd.grad(loss, list(model.parameters())))


def all_reduce_mean(parts: list[Gradients]) -> Gradients:
    """What DistributedDataParallel does in backward: the mean over the ranks."""
    return [torch.stack(tensors).mean(dim=0) for tensors in zip(*parts, strict=True)]


def rank_loss(logits: torch.Tensor, labels: torch.Tensor, *, count: int, ranks: int) -> torch.Tensor:
    """Cross entropy of one rank's logits (n, K), such that the mean over ranks is the mean over all `count` labels.

    Labels of -100 are left out, and are not in the count.
    """
    total = F.cross_entropy(logits, labels, reduction="sum", ignore_index=-100)
    return ranks * total / count


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    x, labels = torch.randn(12, 4), torch.randint(3, (12,))
    whole = gradients(model, F.cross_entropy(model(x), labels))

    equal = [gradients(model, F.cross_entropy(model(a), b)) for a, b in zip(x.split(4), labels.split(4), strict=True)]
    for averaged, expected in zip(all_reduce_mean(equal), whole, strict=True):
        torch.testing.assert_close(averaged, expected)

    masked = labels.clone()
    masked[1:4] = -100  # the first rank has one label left, the others four
    whole = gradients(model, F.cross_entropy(model(x), masked))
    count, parts = int((masked != -100).sum()), list(zip(x.split(4), masked.split(4), strict=True))
    assert count == 9
    plain = all_reduce_mean([gradients(model, F.cross_entropy(model(a), b)) for a, b in parts])
    weighed = all_reduce_mean([gradients(model, rank_loss(model(a), b, count=count, ranks=3)) for a, b in parts])
    for averaged, expected in zip(weighed, whole, strict=True):
        torch.testing.assert_close(averaged, expected)
    off = torch.cat([(a - b).flatten() for a, b in zip(plain, whole, strict=True)]).norm()
    size = torch.cat([gradient.flatten() for gradient in whole]).norm()
    assert off > 0.1 * size
    print(f"unequal parts: the plain mean is off by {off / size:.0%} of the gradient, the weighed one is exact")
