# /// pattern
# id = "tf.gnn.gcn"
# topic = "gnn.nodes"
# twin = "pt.gnn.gcn"
# questions = [
#     "graph convolutional network in keras",
#     "GCN layer tensorflow without spektral",
#     "node classification keras",
#     "message passing with segment_sum",
#     "graph neural network custom layer keras 3",
#     "train keras model on one graph, all nodes at once",
#     "gnn node clasification tensorflow",
# ]
# apis = ["keras.ops.segment_sum", "keras.ops.take", "keras.Layer.add_weight", "tf.GradientTape"]
# replaces = ["spektral.layers.GCNConv", "tfgnn.GraphUpdate", "stellargraph"]
# why = """Each node takes the sum of its neighbours' features, itself included, each weighted by 1 / sqrt(degree of
# both) (arXiv 1609.02907). segment_sum adds the messages by the node where they arrive: memory goes with the edges and
# not with the square of the nodes."""
# pitfalls = """An undirected edge is two columns, one for each way. fit would shuffle and cut the nodes into batches:
# one graph is one batch, and labels are chosen by a mask."""
# when_not = "Large graphs of several kinds of nodes: a graph library with neighbour sampling."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the output grows with the number of neighbours"
# ///
"""A graph convolutional network for nodes of which few are labelled, on an edge list."""

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


def gcn_edges(pairs: np.ndarray, *, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (2, E), each once, to edges both ways with self-loops (2, 2E + nodes), and their weights."""
    edges = np.concatenate([pairs, pairs[::-1], np.tile(np.arange(nodes), (2, 1))], axis=1)
    degree = np.bincount(edges[1], minlength=nodes)
    return edges, (1 / np.sqrt(degree[edges[0]] * degree[edges[1]])).astype("float32")


class GCNLayer(keras.layers.Layer):
    """Features (V, D) to (V, units): weighted sums over the edges that arrive."""

    def __init__(self, units: int, edges: np.ndarray, weights: np.ndarray, *, activation: str | None = None) -> None:
        super().__init__()
        self.units, self.activation = units, keras.activations.get(activation)
        self.source, self.target = edges
        self.edge_weights = weights[:, None]  # (E, 1)

    def build(self, input_shape: tuple[int, int]) -> None:
        self.kernel = self.add_weight(shape=(input_shape[1], self.units), initializer="glorot_uniform")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, x: KerasTensor) -> KerasTensor:
        messages = self.edge_weights * ops.take(ops.matmul(x, self.kernel), self.source, axis=0)  # (E, units)
        return self.activation(ops.segment_sum(messages, self.target, num_segments=x.shape[0]) + self.bias)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    nodes, classes = 300, 3
    labels = np.arange(nodes) % classes
    chance = np.where(labels[:, None] == labels, 0.08, 0.005)  # friends are mostly of one's own kind
    pairs = np.stack(np.nonzero(np.triu(rng.random((nodes, nodes)) < chance, 1)))
    features = (0.5 * np.eye(classes)[labels] + rng.normal(size=(nodes, classes))).astype("float32")
    edges, weights = gcn_edges(pairs, nodes=nodes)

    layer = GCNLayer(4, edges, weights)
    output = np.asarray(layer(features))
    adjacency = np.zeros((nodes, nodes))
    adjacency[edges[1], edges[0]] = 1  # with self-loops
    scale = np.diag(1 / np.sqrt(adjacency.sum(axis=1)))
    np.testing.assert_allclose(output, scale @ adjacency @ scale @ features @ np.asarray(layer.kernel), atol=1e-4)

    labelled = np.arange(nodes) < 60  # twenty of each class
    model = keras.Sequential([GCNLayer(16, edges, weights, activation="relu"), GCNLayer(classes, edges, weights)])
    model.build((nodes, classes))
    optimizer = keras.optimizers.Adam(0.02)
    optimizer.build(model.trainable_variables)
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_fn(labels, model(features, training=True), sample_weight=labelled.astype("float32"))
        optimizer.apply(tape.gradient(loss, model.trainable_variables))
        return loss

    losses = [float(step()) for _ in range(100)]
    assert losses[-1] < 0.5 * losses[0]

    right = (np.asarray(model(features)).argmax(axis=1) == labels)[~labelled].mean()
    alone = (features.argmax(axis=1) == labels)[~labelled].mean()
    print(f"right on the other nodes: {right:.0%}, by their own features {alone:.0%}")
    assert right > alone + 0.15 and right > 0.7
