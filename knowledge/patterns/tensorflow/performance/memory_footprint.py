# /// pattern
# id = "tf.performance.memory-footprint"
# topic = "performance.memory"
# twin = "pt.performance.memory-footprint"
# questions = [
#   "how much gpu memory does my keras model need for training",
#   "ResourceExhaustedError OOM when allocating tensor",
#   "estimate memory of weights and adam slots keras",
#   "which batch size fits into memory tensorflow",
#   "memory of activations per layer keras",
#   "why does training need more memory than model.summary says",
#   "keras memmory usage estimate",
# ]
# errors = ["ResourceExhaustedError: OOM when allocating tensor with shape", "Allocator (GPU_0_bfc) ran out of memory"]
# apis = ["keras.Model.count_params", "keras.optimizers.Optimizer.variables", "keras.Layer.output"]
# replaces = ["model.summary() total bytes", "keras_model_memory_usage", "allow_growth against OOM"]
# why = """summary() shows the weights; training with Adam holds four times that: weights, gradients and two moments, 16
# bytes a parameter in float32. Beside them stand the layers' outputs, which backward reads again; they grow with the
# batch, and in a convolutional network they are soon the larger part: in the demo, three quarters at batch 32."""
# pitfalls = """An upper estimate of activations: XLA and in-place work keep fewer. Memory growth (set_memory_growth)
# changes when memory is taken, not how much is needed. What nvidia-smi shows is what TensorFlow has reserved."""
# when_not = "On a GPU and with the real model: tf.config.experimental.get_memory_info('GPU:0')['peak']."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the weights alone"
# ///
"""What does a training step keep in memory? Weights, gradients, optimizer state, and activations for each sample."""

import math
from dataclasses import dataclass

import keras
import numpy as np


@dataclass(frozen=True)
class Footprint:
    """Bytes."""

    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.activations


def size(variables: list[keras.Variable]) -> int:
    """Bytes of the variables' values."""
    return sum(math.prod(v.shape) * np.dtype(v.dtype).itemsize for v in variables)


def footprint(model: keras.Model, *, batch_size: int) -> Footprint:
    """Of a compiled functional or Sequential model in float32; every layer's output is counted once."""
    model.optimizer.build(model.trainable_variables)
    slots = [v for v in model.optimizer.variables if len(v.shape) > 0]  # not the rate and the step count
    outputs = [layer.output.shape[1:] for layer in model.layers if not isinstance(layer, keras.layers.Flatten)]
    activations = 4 * batch_size * sum(math.prod(shape) for shape in outputs)
    return Footprint(size(model.weights), size(model.trainable_variables), size(slots), activations)


def largest_batch(model: keras.Model, *, bytes_free: int) -> int:
    """The largest power of two that fits by this count, 0 if none does."""
    batch_size = 0
    while footprint(model, batch_size=max(1, 2 * batch_size)).total <= bytes_free:
        batch_size = max(1, 2 * batch_size)
    return batch_size


if __name__ == "__main__":
    layers = [keras.layers.Conv2D(8, 3, activation="relu"), keras.layers.Conv2D(8, 3, strides=2, activation="relu")]
    layers += [keras.layers.Flatten(), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input(shape=(32, 32, 3)), *layers])
    model.compile(optimizer="adam", loss="mse", jit_compile=False)

    parameters = (3 * 9 * 8 + 8) + (8 * 9 * 8 + 8) + (14 * 14 * 8 * 10 + 10)
    counted = footprint(model, batch_size=32)
    assert counted.weights == counted.gradients == 4 * parameters == 4 * model.count_params()
    assert counted.optimizer == 8 * parameters  # two moments
    assert counted.activations == 4 * 32 * (30 * 30 * 8 + 14 * 14 * 8 + 10)
    share = counted.activations / counted.total
    print(counted, f"activations {share:.0%}")
    assert 0.7 < share < 0.9

    batch_size = largest_batch(model, bytes_free=8 * 2**20)
    assert footprint(model, batch_size=batch_size).total <= 8 * 2**20
    assert footprint(model, batch_size=2 * batch_size).total > 8 * 2**20

    plain = keras.models.clone_model(model)
    plain.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse", jit_compile=False)
    assert footprint(plain, batch_size=32).optimizer == 0
