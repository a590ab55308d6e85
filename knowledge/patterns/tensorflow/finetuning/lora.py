# /// pattern
# id = "tf.finetuning.lora"
# topic = "finetuning.lora"
# twin = "pt.finetuning.lora"
# questions = [
#     "LoRA in keras",
#     "enable_lora on a Dense layer",
#     "parameter efficient fine-tuning tensorflow",
#     "low rank adapters keras 3",
#     "merge lora weights and save the model keras",
#     "Cannot enable lora on a layer that isn't yet built",
#     "lora finetunning keras",
# ]
# errors = ["ValueError: Cannot enable lora on a layer that isn't yet built."]
# apis = ["keras.layers.Dense", "keras.Layer.trainable", "keras.Model.save_weights"]
# replaces = ["keras_nlp.models.Backbone.enable_lora", "peft"]
# why = """enable_lora(rank) freezes the kernel of a built Dense, EinsumDense or Embedding layer and trains only a
# low-rank change a @ b, with b at zero: the model starts as it was. save_weights writes the merged kernel, which a
# model without LoRA loads."""
# pitfalls = """It works on the kernel: biases stay trainable unless the layer's bias is frozen too. Compile anew after
# enable_lora, since a built optimizer knows only the variables of before."""
# when_not = "A model so small that all of its weights can be trained."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises ValueError: Cannot enable lora on a layer that isn't yet built"
# ///
"""LoRA: low-rank changes on the frozen Dense layers of a Keras model, and their merge into its weights."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np


def build_model() -> keras.Model:
    """(B, 16) to (B, 1)."""
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((16,)), layers.Dense(64, activation="tanh"), layers.Dense(64, activation="tanh"), layers.Dense(1)]
    )


def enable_lora(model: keras.Model, *, rank: int) -> None:
    """A low-rank change for each Dense kernel; everything else is frozen. Compile afterwards."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            layer.enable_lora(rank)
            if layer.use_bias:
                layer.bias.trainable = False


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    model = build_model()
    x = np.random.default_rng(0).normal(size=(256, 16)).astype("float32")
    before, weights = np.asarray(model(x)), model.get_weights()

    enable_lora(model, rank=4)
    np.testing.assert_allclose(model(x), before, atol=1e-6)  # it starts as it was
    trained = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    assert trained == 4 * (16 + 64) + 4 * (64 + 64) + 4 * (64 + 1)

    targets = before + x[:, :1] * x[:, 1:2]  # the new task: what the model gave, and a product
    model.compile(keras.optimizers.Adam(0.005), "mse", jit_compile=False)
    losses = model.fit(x, targets, epochs=25, batch_size=32, verbose=0).history["loss"]
    assert losses[-1] < 0.4 * losses[0], losses

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "merged.weights.h5"
        model.save_weights(path)
        plain = build_model()  # no LoRA here
        plain.load_weights(path)
    np.testing.assert_allclose(plain(x), model(x), atol=1e-4)
    change = plain.layers[0].get_weights()[0] - weights[0]  # (16, 64)
    assert np.linalg.matrix_rank(change, tol=1e-4) == 4
    np.testing.assert_array_equal(plain.layers[0].get_weights()[1], weights[1])  # the bias
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f} with {trained} trained numbers")
