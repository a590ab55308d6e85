# /// pattern
# id = "tf.migration.keras-one-names"
# topic = "migration.arguments"
# questions = [
#   "fit() got an unexpected keyword argument 'nb_epoch'",
#   "Unrecognized keyword arguments passed to Conv2D border_mode",
#   "Model(input=, output=) keras error",
#   "old keras 1 code arguments init W_regularizer",
#   "Dense output_dim missing required argument units",
#   "unrecognised keyword arguements keras layer",
# ]
# errors = [
#   "TypeError: TensorFlowTrainer.fit() got an unexpected keyword argument 'nb_epoch'",
#   "ValueError: Unrecognized keyword arguments passed to Conv2D: {'border_mode': 'same'}",
#   "ValueError: Unrecognized keyword arguments passed to Dense: {'init': 'uniform'}",
#   "TypeError: Dense.__init__() missing 1 required positional argument: 'units'",
#   "AttributeError: module 'keras.layers' has no attribute 'merge'",
# ]
# apis = ["keras.Model", "keras.layers.Conv2D", "keras.layers.Concatenate"]
# replaces = [
#   "nb_epoch=",
#   "border_mode=",
#   "nb_filter=",
#   "subsample=",
#   "output_dim=",
#   "init=",
#   "W_regularizer=",
#   "Model(input=, output=)",
#   "keras.layers.merge",
#   "keras.constraints.maxnorm",
# ]
# why = """The arguments got longer names with Keras 2, and layers refuse what they do not know: nb_epoch is epochs,
# border_mode padding, subsample strides, init kernel_initializer, W_regularizer kernel_regularizer; merge is a layer
# for each mode."""
# pitfalls = """Theano's dim_ordering="th" is data_format="channels_first", which convolutions on a CPU do not all
# support; transpose the images instead."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: Unrecognized keyword arguments passed to Conv2D"
# ///
"""A model written for Keras 1, with today's names of the arguments."""

import keras
import numpy as np
from keras import layers


def build_model() -> keras.Model:
    """Images (B, 8, 8, 1) to probabilities (B, 3)."""
    inputs = keras.Input(shape=(8, 8, 1))
    shared = {"padding": "same", "activation": "relu"}  # border_mode
    narrow = layers.Conv2D(filters=4, kernel_size=1, **shared)(inputs)  # nb_filter, nb_row, nb_col
    wide = layers.Conv2D(filters=4, kernel_size=3, **shared)(inputs)
    x = layers.Concatenate()([narrow, wide])  # merge(mode="concat"); (B, 8, 8, 8)
    x = layers.Conv2D(8, 3, strides=2, padding="same")(x)  # subsample; (B, 4, 4, 8)
    x = layers.Dense(
        units=3,  # output_dim
        activation="softmax",
        kernel_initializer="he_normal",  # init
        kernel_regularizer=keras.regularizers.L2(1e-3),  # W_regularizer
        kernel_constraint=keras.constraints.MaxNorm(2.0),  # W_constraint=maxnorm(2)
    )(layers.Flatten()(x))
    return keras.Model(inputs=inputs, outputs=x)  # input, output


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    model = build_model()
    sizes = [(1 + 1) * 4, (9 + 1) * 4, (9 * 8 + 1) * 8, (4 * 4 * 8 + 1) * 3]
    assert model.count_params() == sum(sizes) and model.output_shape == (None, 3)

    labels = np.arange(90) % 3
    images = np.zeros((90, 8, 8, 1), "float32")
    images[np.arange(90), labels * 2] = 1.0  # a bright line whose place is the class
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    history = model.fit(images, labels, epochs=20, verbose=0).history  # nb_epoch
    assert history["accuracy"][-1] > 0.95
    assert np.linalg.norm(model.layers[-1].kernel.numpy(), axis=0).max() <= 2.0 + 1e-4
    print(f"{sum(sizes)} parameters, accuracy {history['accuracy'][-1]:.2f}")
