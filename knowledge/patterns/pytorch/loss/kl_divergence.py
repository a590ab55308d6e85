# /// pattern
# id = "pt.loss.kl-divergence"
# topic = "loss.distribution"
# twin = "tf.loss.kl-divergence"
# questions = [
#   "kl divergence loss pytorch negative",
#   "KLDivLoss batchmean or mean",
#   "F.kl_div input must be log probabilities",
#   "argument order of kl_div",
#   "distillation loss with temperature torch",
#   "kl divergance between two softmax outputs",
# ]
# errors = ["reduction: 'mean' divides the total loss by both the batch size and the support size."]
# apis = ["torch.nn.functional.kl_div", "torch.log_softmax", "torch.distributions.kl_divergence"]
# replaces = ["torch.nn.KLDivLoss(size_average=True)"]
# why = """kl_div(log q, p) is KL(p || q): the model's side first and as logarithms, the target second. Given
# probabilities instead of logarithms it raises nothing and is far off. "batchmean" is the mean over samples; "mean"
# divides by the number of classes as well."""
# pitfalls = """Softened by a temperature T the gradients shrink by about 1/T²: multiply the loss by T², as here, so
# that its weight against the labels' loss does not depend on T."""
# when_not = "A target that does not change: cross entropy with soft targets has the same gradient."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the divergence of a distribution from itself"
# ///
"""Kullback-Leibler divergence of a student from its teacher, from logits."""

import torch
from torch.nn import functional as F


def distillation_loss(student: torch.Tensor, teacher: torch.Tensor, *, temperature: float = 2.0) -> torch.Tensor:
    """KL(teacher || student) of the softened distributions, mean over the samples; logits (N, K) each."""
    log_q = F.log_softmax(student / temperature, dim=1)
    log_p = F.log_softmax(teacher.detach() / temperature, dim=1)
    return F.kl_div(log_q, log_p, reduction="batchmean", log_target=True) * temperature**2


if __name__ == "__main__":
    torch.manual_seed(0)
    student, teacher = torch.randn(6, 4, requires_grad=True), torch.randn(6, 4)
    loss = distillation_loss(student, teacher, temperature=1.0)

    p, q = teacher.softmax(dim=1), student.softmax(dim=1)
    torch.testing.assert_close(loss, (p * (p / q).log()).sum(dim=1).mean())
    categorical = torch.distributions.Categorical
    reference = torch.distributions.kl_divergence(categorical(logits=teacher), categorical(logits=student))
    torch.testing.assert_close(loss, reference.mean())
    assert distillation_loss(teacher, teacher).abs() < 1e-6 < loss

    def gradient(temperature: float) -> torch.Tensor:
        return torch.autograd.grad(distillation_loss(student, teacher, temperature=temperature), student)[0]

    soft, softer = gradient(50.0).norm(), gradient(100.0).norm()
    assert abs(soft / softer - 1) < 0.05  # the factor T² keeps the gradients' size
    soft_targets = F.cross_entropy(student, p)
    torch.testing.assert_close(torch.autograd.grad(soft_targets, student)[0], gradient(1.0))
    print(loss.item())
