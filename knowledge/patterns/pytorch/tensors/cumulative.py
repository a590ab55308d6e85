# /// pattern
# id = "pt.tensors.cumulative"
# topic = "tensors.numerics"
# twin = "tf.tensors.cumulative"
# questions = [
#   "exclusive cumsum pytorch",
#   "cumulative sum from the end, reversed cumsum",
#   "discounted returns without a python loop",
#   "transmittance weights nerf cumprod",
#   "running product numerically stable torch",
#   "offsets from lengths",
#   "cumprod exlusive torch",
# ]
# apis = ["torch.cumsum", "torch.cumprod", "torch.flip"]
# replaces = ["tf.cumsum(exclusive=True)", "torch.cumsum(reverse=True)"]
# why = """cumsum and cumprod include the current element; many formulas mean all before it. Shift by one: prepend a 0
# or a 1 and drop the last. Long products of small numbers vanish: sum their logarithms."""
# pitfalls = """cumsum of bool or int tensors is int64; of float16 it is computed and rounded in float16. Logarithms of
# sums: torch.logcumsumexp."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the light is lost"
# ///
"""Running sums and products: before or including the current element, from either end."""

import torch


def exclusive_cumprod(x: torch.Tensor) -> torch.Tensor:
    """(..., T) to (..., T): the product of all elements before each one, 1 for the first."""
    return torch.cat([torch.ones_like(x[..., :1]), x[..., :-1]], dim=-1).cumprod(dim=-1)


def render_weights(opacity: torch.Tensor) -> torch.Tensor:
    """Opacities (..., T) along a ray, front to back, to what each adds: its own part of the light that is left."""
    return opacity * exclusive_cumprod(1 - opacity)


def suffix_sum(x: torch.Tensor) -> torch.Tensor:
    """(..., T) to (..., T): the sum of each element and all after it."""
    return x.flip(-1).cumsum(dim=-1).flip(-1)


def discounted_returns(rewards: torch.Tensor, *, gamma: float) -> torch.Tensor:
    """(..., T) to (..., T): r_t + gamma r_{t+1} + gamma² r_{t+2} + ..., as a product with a triangular matrix."""
    steps = torch.arange(rewards.shape[-1], device=rewards.device)
    ahead = steps[None, :] - steps[:, None]  # (T, T)
    powers = torch.where(ahead >= 0, gamma ** ahead.clamp(min=0).to(rewards.dtype), 0.0)
    return rewards @ powers.T


if __name__ == "__main__":
    torch.manual_seed(0)
    opacity = torch.rand(6).double()
    weights, light = render_weights(opacity), 1.0
    for weight, alpha in zip(weights.tolist(), opacity.tolist(), strict=True):
        assert abs(weight - light * alpha) < 1e-12
        light *= 1 - alpha
    assert abs(weights.sum() + light - 1) < 1e-12  # all light is absorbed or passes through

    rewards, total = torch.randn(5).double(), 0.0
    returns = discounted_returns(rewards, gamma=0.9)
    for step in reversed(range(5)):
        total = rewards[step].item() + 0.9 * total
        assert abs(returns[step].item() - total) < 1e-12
    torch.testing.assert_close(suffix_sum(rewards), discounted_returns(rewards, gamma=1.0))

    small = torch.full((100,), 0.1)
    assert small.cumprod(dim=0)[-1] == 0 and small.log().cumsum(dim=0)[-1] < -230  # float32 ends near 1e-45
    print(weights)
