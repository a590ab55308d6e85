# /// pattern
# id = "tf.train.gradient-checkpointing"
# topic = "train.memory"
# twin = "pt.train.gradient-checkpointing"
# questions = [
#     "gradient checkpointing keras",
#     "keras.remat example",
#     "RematScope save memory during training",
#     "out of memory with a deep model tensorflow",
#     "recompute activations in the backward pass tf",
#     "trade compute for memory keras 3",
#     "gradiant checkpointing tensorflow",
#     "ResourceExhaustedError OOM when allocating tensor, deep network",
# ]
# errors = ["ResourceExhaustedError: OOM when allocating tensor"]
# apis = ["keras.RematScope", "tf.GradientTape"]
# replaces = ["tf.recompute_grad", "tf.contrib.layers.recompute_grad", "gradient_checkpointing.memory_saving_gradients"]
# why = """A layer that is made inside keras.RematScope keeps only its input for the backward pass, and is computed once
# more there: the demo counts the calls. Wrapped block by block, memory grows with the number of blocks and not with all
# that happens inside them; the gradients are the same."""
# pitfalls = """The scope counts where a layer is made, not where it is called. A wrapper around the whole model saves
# nothing, since all of it is recomputed at once: wrap the blocks. jit_compile may fuse the second computation away."""
# when_not = "The model fits: it costs an extra forward pass. A smaller batch with accumulation is simpler."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: nothing is recomputed"
# ///
"""Blocks that are computed again in the backward pass instead of keeping what is inside them."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers


class Block(layers.Layer):
    """(B, D) to the same shape; counts how often it is computed."""

    def __init__(self, width: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.widen, self.narrow = layers.Dense(4 * width, activation="gelu"), layers.Dense(width)
        self.computed = 0

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        self.computed += 1
        return x + self.narrow(self.widen(x))


def make_blocks(width: int, depth: int, *, recompute: bool) -> list[Block]:
    """Blocks that are recomputed, or not; the scope holds for layers that are made inside it."""
    with keras.RematScope(mode="full" if recompute else None):
        return [Block(width) for _ in range(depth)]


def loss_and_gradients(blocks: list[Block], x: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
    with tf.GradientTape() as tape:
        for block in blocks:
            x = block(x)
        loss = tf.reduce_mean(tf.square(x))
    return loss, tape.gradient(loss, [weight.value for block in blocks for weight in block.trainable_variables])


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = tf.constant(np.random.default_rng(0).normal(size=(16, 8)).astype("float32"))
    plain = make_blocks(8, 3, recompute=False)
    recomputed = make_blocks(8, 3, recompute=True)
    for blocks in (plain, recomputed):
        loss_and_gradients(blocks, x)  # builds the weights
    for source, block in zip(plain, recomputed, strict=True):
        block.set_weights(source.get_weights())
        source.computed = block.computed = 0

    loss, gradients = loss_and_gradients(plain, x)
    loss_again, gradients_again = loss_and_gradients(recomputed, x)
    assert abs(float(loss) - float(loss_again)) < 1e-6
    for gradient, again in zip(gradients, gradients_again, strict=True):
        np.testing.assert_allclose(gradient, again, rtol=1e-4, atol=1e-6)
    assert [block.computed for block in plain] == [1, 1, 1]
    assert [block.computed for block in recomputed] == [2, 2, 2]  # forward, and once more for backward
    print("calls of each block:", [block.computed for block in plain], [block.computed for block in recomputed])
