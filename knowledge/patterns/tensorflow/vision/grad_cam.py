# /// pattern
# id = "tf.vision.grad-cam"
# topic = "vision.explanation"
# twin = "pt.vision.grad-cam"
# questions = [
#     "grad-cam in keras",
#     "which pixels made the cnn decide tensorflow",
#     "heatmap of a convolutional layer for a class keras",
#     "explain a prediction of an image classifier keras",
#     "class activation map with GradientTape",
#     "saliency heat map tensorflow",
#     "gradcam kears",
#     "tape.gradient returns None for grad cam",
# ]
# errors = ["ValueError: Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor."]
# apis = ["tf.GradientTape", "keras.Model.get_layer", "keras.ops.image.resize"]
# replaces = ["K.gradients", "keras.backend.gradients", "tf_explain.GradCAM", "K.function"]
# why = """The gradient of a class's logit with respect to a convolutional layer, averaged over the image, says how much
# each channel speaks for the class; the channels in these proportions, negative parts cut off, say where. One model
# with two outputs gives both in a single pass under the tape."""
# pitfalls = """Call the model: predict returns NumPy arrays, which no tape can follow. Take the logit, not the softmax,
# whose gradient vanishes as soon as the network is sure."""
# when_not = "Sharp outlines are wanted, or another kind of network: integrated gradients on the pixels."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the tape has no path"
# ///
"""Grad-CAM (Selvaraju et al., arXiv 1610.02391): where a CNN saw what it decided on."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


def grad_cam(model: keras.Model, layer_name: str, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Heat maps (B, H, W) in [0, 1] for class numbers (B,); model gives logits, the layer is a convolution."""
    both = keras.Model(model.inputs, [model.get_layer(layer_name).output, model.output])
    with tf.GradientTape() as tape:
        features, logits = both(images, training=False)  # (B, h, w, C), (B, K)
        score = tf.gather(logits, classes, batch_dims=1)  # (B,)
    gradient = tape.gradient(score, features)
    weights = ops.mean(gradient, axis=(1, 2), keepdims=True)  # (B, 1, 1, C)
    heat = ops.relu(ops.sum(weights * features, axis=-1, keepdims=True))
    heat = ops.image.resize(heat, images.shape[1:3])[..., 0]
    return np.asarray(heat / ops.maximum(ops.max(heat, axis=(1, 2), keepdims=True), 1e-9))


def two_colours() -> keras.Model:
    """Images (B, 32, 32, 3) to logits (B, 2), made by hand: class 0 is seen by red, class 1 by blue."""
    inputs = keras.Input((32, 32, 3))
    convolution = layers.Conv2D(2, 3, strides=2, padding="same", name="convolution")
    head = layers.Dense(2, use_bias=False, name="head")
    model = keras.Model(inputs, head(layers.GlobalAveragePooling2D()(convolution(inputs))))
    kernel = np.zeros((3, 3, 3, 2), "float32")
    kernel[:, :, 0, 0] = kernel[:, :, 2, 1] = 1 / 9
    convolution.set_weights([kernel, np.zeros(2)])
    head.set_weights([np.array([[5.0, -5.0], [-5.0, 5.0]])])
    return model


if __name__ == "__main__":
    model = two_colours()
    images = np.zeros((1, 32, 32, 3), "float32")
    images[0, 4:10, 4:10, 0] = 1  # red at the top left
    images[0, 20:28, 18:26, 2] = 1  # blue at the bottom right
    for target, (row, column) in {0: (6.5, 6.5), 1: (23.5, 21.5)}.items():
        heat = grad_cam(model, "convolution", images, np.array([target]))[0]  # (32, 32)
        place = (heat.sum(1) @ np.arange(32) / heat.sum(), heat.sum(0) @ np.arange(32) / heat.sum())
        assert abs(place[0] - row) < 1.5 and abs(place[1] - column) < 1.5, place
        print(f"class {target}: heat around row {place[0]:.1f}, column {place[1]:.1f}")

    # Behind an average and a linear head the weights of the channels are those of the head: the older CAM.
    features = np.asarray(model.get_layer("convolution")(images))  # (1, 16, 16, 2)
    cam = np.maximum(features @ np.array([[-5.0], [5.0]], "float32"), 0)
    cam = np.asarray(ops.image.resize(cam, (32, 32)))[..., 0]
    np.testing.assert_allclose(heat, cam[0] / cam.max(), rtol=1e-4, atol=1e-5)
