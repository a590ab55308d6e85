# /// pattern
# id = "tf.tensors.cumulative"
# topic = "tensors.numerics"
# twin = "pt.tensors.cumulative"
# questions = [
#     "exclusive cumsum tensorflow",
#     "cumulative sum from the end reverse=True",
#     "discounted returns without a python loop keras",
#     "cumprod of probabilities underflows tensorflow",
#     "transmittance weights nerf tf.math.cumprod",
#     "cumsum exlusive reverse tf",
# ]
# apis = ["tf.math.cumsum", "tf.math.cumprod", "tf.scan"]
# replaces = ["tf.cumprod", "keras.backend.cumsum"]
# why = """cumsum and cumprod include the current element; many formulas mean all before it, which is exclusive=True,
# or all after it, which is reverse=True. Long products of small numbers vanish: sum their logarithms."""
# pitfalls = "keras.ops.cumsum has neither option: prepend a 0 and drop the last, or flip before and after."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the light is lost"
# ///
"""Running sums and products: before or including the current element, from either end."""

import numpy as np
import tensorflow as tf


def render_weights(opacity: tf.Tensor) -> tf.Tensor:
    """Opacities (..., T) along a ray, front to back, to what each adds: its own part of the light that is left."""
    return opacity * tf.math.cumprod(1 - opacity, axis=-1, exclusive=True)


def discounted_returns(rewards: tf.Tensor, *, gamma: float) -> tf.Tensor:
    """(T,) to (T,): r_t + gamma r_{t+1} + gamma² r_{t+2} + ..., step by step from the end, inside one operation."""
    return tf.scan(lambda total, reward: reward + gamma * total, rewards, reverse=True)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    opacity = rng.random(6)
    weights, light = render_weights(tf.constant(opacity)).numpy(), 1.0
    for weight, alpha in zip(weights, opacity, strict=True):
        assert abs(weight - light * alpha) < 1e-12
        light *= 1 - alpha
    assert abs(weights.sum() + light - 1) < 1e-12  # all light is absorbed or passes through

    rewards = rng.normal(size=5)
    returns = discounted_returns(tf.constant(rewards), gamma=0.9).numpy()
    for step in range(5):
        assert abs(returns[step] - sum(0.9**ahead * reward for ahead, reward in enumerate(rewards[step:]))) < 1e-12

    suffix_sums = tf.math.cumsum(rewards, reverse=True).numpy()
    np.testing.assert_allclose(suffix_sums, [rewards[step:].sum() for step in range(5)])
    offsets = tf.math.cumsum([3, 1, 4], exclusive=True)  # where sequences of these lengths begin
    assert offsets.numpy().tolist() == [0, 3, 4]

    small = tf.fill((100,), 0.1)
    assert tf.math.cumprod(small)[-1] == 0 and tf.math.cumsum(tf.math.log(small))[-1] < -230  # float32 ends near 1e-45
    print(weights.round(3))
