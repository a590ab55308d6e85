# /// pattern
# id = "tf.model.feature-extractor"
# topic = "model.features"
# twin = "pt.model.feature-hooks"
# questions = [
#     "get the output of an intermediate layer keras",
#     "feature extractor from a trained model tensorflow",
#     "extract features from the penultimate layer keras",
#     "model with several inner layers as outputs",
#     "embeddings from a trained classifier keras",
#     "layer.output of a nested model graph disconnected",
#     "intermidiate layer output tf",
#     "The layer sequential has never been called and thus has no defined output",
# ]
# errors = ["AttributeError: The layer sequential has never been called and thus has no defined output.",
#     "ValueError: No such layer:"]
# apis = ["keras.Model", "keras.Model.get_layer"]
# replaces = ["K.function([model.input], [layer.output])", "keras.backend.function", "layer.get_output_at"]
# why = """In a functional or Sequential model every layer's output is a symbolic tensor of the graph; a keras.Model
# from the same inputs to some of these is a new view on the same layers, with the same weights: nothing is copied,
# nothing trained again."""
# pitfalls = """The output of a layer inside a nested model belongs to the nested model's own input: extract there. A
# Sequential without Input has no outputs before its first call; a subclassed model never has them: return what you need
# from call."""
# when_not = "A subclassed model: let call return the features as well."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: has never been called and thus has no defined output"
# ///
"""Inner layers of a trained model as outputs of a second one that shares its weights."""

import keras
import numpy as np


def feature_extractor(model: keras.Model, *names: str) -> keras.Model:
    """A model from the same inputs to {name: output of that layer}."""
    return keras.Model(model.inputs, {name: model.get_layer(name).output for name in names})


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    classifier = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Conv2D(8, 3, padding="same", activation="relu", name="convolution"),
            keras.layers.GlobalAveragePooling2D(name="pooled"),
            keras.layers.Dense(10, name="logits"),
        ]
    )
    extract = feature_extractor(classifier, "convolution", "pooled")
    images = np.random.default_rng(0).normal(size=(4, 16, 16, 3)).astype("float32")
    features = extract(images)
    assert features["convolution"].shape == (4, 16, 16, 8) and features["pooled"].shape == (4, 8)

    layer = classifier.get_layer("convolution")
    by_hand = keras.ops.relu(keras.ops.conv(images, layer.kernel, padding="same") + layer.bias)
    np.testing.assert_allclose(features["convolution"], by_hand, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(features["pooled"], np.mean(by_hand, axis=(1, 2)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(classifier.get_layer("logits")(features["pooled"]), classifier(images), rtol=1e-4)

    layer.bias.assign_add(keras.ops.ones(8))  # trained on, the classifier changes its extractor too
    assert float(np.min(np.asarray(extract(images)["pooled"]) - np.asarray(features["pooled"]))) > 0
    print({name: tuple(feature.shape) for name, feature in features.items()})
