# /// pattern
# id = "tf.transfer.freeze-layers"
# topic = "transfer.fine-tuning"
# twin = "pt.transfer.freeze-layers"
# questions = [
#     "freeze layers keras",
#     "fine tune only the head of a pretrained model",
#     "trainable False batch normalization",
#     "unfreeze the top layers and train with a small learning rate",
#     "transfer learning keras two stages",
#     "freze layers tensorflow",
# ]
# apis = ["keras.Layer.trainable", "keras.Model.compile"]
# why = """Train the new head on the frozen body first: gradients of a random head would wreck what the body knows. A
# frozen BatchNormalization also runs in inference mode, so its statistics stay. Compile again after every change of
# trainable."""
# pitfalls = """Pass training=False to the body in the functional graph: then batch normalisation stays fixed even when
# it is unfrozen later."""
# when_not = "Much data of another kind than the body has seen: train everything from the start, at a small rate."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the frozen body changed"
# ///
"""Two-stage fine-tuning: the head on a frozen body, then everything at a small learning rate."""

import keras
import numpy as np


def build_body() -> keras.Model:
    """A stand-in for a pretrained network: (B, 8) to features (B, 16)."""
    inputs = keras.Input(shape=(8,))
    x = keras.layers.Dense(16, activation="relu")(inputs)
    return keras.Model(inputs, keras.layers.BatchNormalization()(x), name="body")


def build_classifier(body: keras.Model, num_classes: int) -> keras.Model:
    """(B, 8) to logits (B, num_classes); the body always runs in inference mode."""
    inputs = keras.Input(shape=body.input_shape[1:])
    features = body(inputs, training=False)
    return keras.Model(inputs, keras.layers.Dense(num_classes)(features))


def compile_for_stage(model: keras.Model, body: keras.Model, *, frozen: bool, learning_rate: float) -> None:
    """Freeze or free the body and compile, which makes the change take effect in fit."""
    body.trainable = not frozen
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(256, 8)).astype("float32")
    labels = (x[:, 0] > 0).astype("int64")
    body = build_body()
    model = build_classifier(body, num_classes=2)
    before = body.get_weights()
    compile_for_stage(model, body, frozen=True, learning_rate=1e-2)
    first = model.fit(x, labels, epochs=5, verbose=0).history["loss"]
    assert all(np.array_equal(a, b) for a, b in zip(before, body.get_weights(), strict=True))
    assert len(model.trainable_variables) == 2 and first[-1] < first[0]
    compile_for_stage(model, body, frozen=False, learning_rate=1e-3)
    second = model.fit(x, labels, epochs=5, verbose=0).history["loss"]
    print(f"loss {first[0]:.2f} -> {first[-1]:.2f} frozen, -> {second[-1]:.2f} fine-tuned")
    assert not np.array_equal(before[0], body.get_weights()[0]) and second[-1] < first[-1]
