# /// pattern
# id = "pt.migration.add-alpha"
# topic = "migration.optimizers"
# questions = [
#   "This overload of add_ is deprecated",
#   "add_(Number alpha, Tensor other) warning",
#   "old custom optimizer add_ addcmul_ addcdiv_ signature",
#   "p.data.add_(-lr, grad) pytorch",
#   "exp_avg.mul_(beta1).add_(1 - beta1, grad) deprecated",
#   "overlaod of add_ deprecated",
# ]
# errors = [
#   "UserWarning: This overload of add_ is deprecated:",
# ]
# apis = ["torch.Tensor.add_", "torch.Tensor.addcmul_", "torch.Tensor.addcdiv_"]
# replaces = ["p.data.add_(-lr, grad)", "add_(alpha, other)", "addcmul_(value, t1, t2)", "addcdiv_(value, t1, t2)"]
# why = """The factor is named and comes last: add_(grad, alpha=-lr), addcmul_(a, b, value=v). An Adam written so takes
# the very steps of torch.optim.Adam."""
# pitfalls = "Parameters are changed under no_grad, not through .data, which hides the change from autograd."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: This overload of add_ is deprecated"
# ///
"""In-place arithmetic of optimisers with named factors: Adam in ten lines."""

import torch


class PlainAdam(torch.optim.Optimizer):
    """Adam (Kingma & Ba, arXiv 1412.6980) without options."""

    def __init__(self, params: list[torch.nn.Parameter], lr: float = 1e-3) -> None:
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state |= {"step": 0, "mean": torch.zeros_like(p), "square": torch.zeros_like(p)}
                state["step"] += 1
                mean, square, count = state["mean"], state["square"], state["step"]
                mean.mul_(0.9).add_(p.grad, alpha=0.1)  # add_(0.1, p.grad)
                square.mul_(0.999).addcmul_(p.grad, p.grad, value=0.001)  # addcmul_(0.001, p.grad, p.grad)
                spread = (square / (1 - 0.999**count)).sqrt_().add_(1e-8)
                p.addcdiv_(mean, spread, value=-group["lr"] / (1 - 0.9**count))


if __name__ == "__main__":
    start = torch.randn(5, generator=torch.Generator().manual_seed(0))
    results = []
    for kind in (PlainAdam, torch.optim.Adam):
        weight = torch.nn.Parameter(start.clone())
        optimizer = kind([weight], lr=0.1)
        for _ in range(20):
            optimizer.zero_grad()
            (weight - 3).square().sum().backward()
            optimizer.step()
        results.append(weight.detach())
    torch.testing.assert_close(*results)
    assert (results[0] - 3).abs().mean() < 0.5 * (start - 3).abs().mean()
    print(f"after 20 steps: {[round(value, 4) for value in results[0].tolist()]}")
