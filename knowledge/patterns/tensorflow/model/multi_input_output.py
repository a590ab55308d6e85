# /// pattern
# id = "tf.model.multi-input-output"
# topic = "model.building"
# twin = "pt.model.multi-input-output"
# questions = [
#     "keras model with multiple inputs and outputs",
#     "functional api two inputs two outputs different losses",
#     "loss_weights for each output keras",
#     "multi-task learning tensorflow classification and regression",
#     "fit a model with a dict of inputs and targets",
#     "metrics for each output keras 3",
#     "mutli output model keras losses per head",
#     "evaluate returns only the total loss for several outputs",
# ]
# errors = ["""KeyError: "The path: ('kind_head',) in the `loss` argument, can't be found in either the model's output \
# (`y_pred`) or in the labels (`y_true`)."""]
# apis = ["keras.Model", "keras.layers.Concatenate", "keras.Model.compile", "keras.Model.fit"]
# replaces = ["Merge(mode='concat')", "keras.layers.merge", "loss as a list in order of the outputs"]
# why = """With a dict of inputs and a dict of outputs everything goes by name: data, targets, losses, weights and
# metrics. The losses of the heads, times loss_weights, are added to the one that is minimised."""
# pitfalls = """The loss with the largest gradients rules the shared part: standardise regression targets before turning
# loss_weights. The losses of the heads appear in the logs as <name>_loss only during fit and with return_dict=True:
# list a metric for each head that you want to follow."""
# when_not = "Tasks that share no useful features: two models are easier to train."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises KeyError: in the `loss` argument"
# ///
"""Image and table in, class and price out: two encoders, one shared part, a head for each task."""

import keras
import numpy as np


def build_model(num_features: int, num_classes: int, *, width: int = 32) -> keras.Model:
    """Images (B, 8, 8, 1) and features (B, F) to logits (B, K) and a price (B, 1), all by name."""
    image = keras.Input((8, 8, 1), name="image")
    table = keras.Input((num_features,), name="table")
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(image)
    x = keras.layers.Flatten()(keras.layers.AveragePooling2D(4)(x))  # (B, 32)
    both = keras.layers.Concatenate()([x, keras.layers.Dense(width, activation="relu")(table)])
    shared = keras.layers.Dense(width, activation="relu")(both)
    outputs = {"kind": keras.layers.Dense(num_classes)(shared), "price": keras.layers.Dense(1)(shared)}
    return keras.Model({"image": image, "table": table}, outputs)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = {"image": rng.normal(size=(256, 8, 8, 1)), "table": rng.normal(size=(256, 4))}
    x = {name: array.astype("float32") for name, array in x.items()}
    price = x["table"][:, 1:2] + 5 * x["image"].mean(axis=(1, 2))  # (256, 1)
    y = {"kind": (x["table"][:, 0] > 0).astype("int64"), "price": (price - price.mean()) / price.std()}

    model = build_model(num_features=4, num_classes=2)
    model.compile(
        keras.optimizers.Adam(0.01),
        loss={"kind": keras.losses.SparseCategoricalCrossentropy(from_logits=True), "price": "mse"},
        loss_weights={"kind": 1.0, "price": 0.5},
        metrics={"kind": ["accuracy"], "price": ["mae"]},
        jit_compile=False,
    )
    history = model.fit(x, y, epochs=12, verbose=0).history
    for name in ("kind_loss", "price_loss"):
        assert history[name][-1] < 0.6 * history[name][0], (name, history[name])

    report = model.evaluate(x, y, batch_size=256, verbose=0, return_dict=True)
    outputs = {name: np.asarray(output, "float64") for name, output in model.predict(x, verbose=0).items()}
    z = outputs["kind"] - outputs["kind"].max(axis=1, keepdims=True)
    log_probability = (z - np.log(np.exp(z).sum(axis=1, keepdims=True)))[np.arange(256), y["kind"]]
    by_hand = -log_probability.mean() + 0.5 * np.square(outputs["price"] - y["price"]).mean()
    assert abs(report["loss"] - by_hand) < 1e-4
    assert abs(report["price_mae"] - np.abs(outputs["price"] - y["price"]).mean()) < 1e-4
    print({name: round(value, 3) for name, value in report.items()})
