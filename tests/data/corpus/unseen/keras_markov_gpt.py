"""Tiny GPT on second-order Markov chains: next = table[prev, cur] with p=0.9, uniform otherwise. Raw loop, no fit()."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

keras.utils.set_random_seed(0)
V, T, D, H, L = 8, 16, 32, 2, 2  # vocabulary, context, width, heads, blocks
B, EPOCHS, LR, CLIP = 64, 8, 6e-3, 1.0


def sample_chains(n, table, rng):
    x = rng.integers(V, size=(n, T + 1))
    for t in range(2, T + 1):
        keep = rng.random(n) < 0.9
        x[keep, t] = table[x[keep, t - 2], x[keep, t - 1]]
    return x.astype("int32")


class Attention(layers.Layer):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.q, self.k, self.v, self.out = (layers.Dense(D, use_bias=False, name=n) for n in ("q", "k", "v", "out"))

    def heads(self, x):  # (B, T, D) -> (B, H, T, D/H)
        x = ops.reshape(x, (-1, T, H, D // H))
        return ops.transpose(x, (0, 2, 1, 3))

    def call(self, x):
        q, k, v = self.heads(self.q(x)), self.heads(self.k(x)), self.heads(self.v(x))
        score = ops.matmul(q, ops.transpose(k, (0, 1, 3, 2))) / (D // H) ** 0.5
        mask = ops.tril(ops.ones((T, T), dtype="bool"))
        score = ops.where(mask, score, -1e9)
        weight = ops.softmax(score, axis=-1)
        y = ops.transpose(ops.matmul(weight, v), (0, 2, 1, 3))
        return self.out(ops.reshape(y, (-1, T, D)))


class Block(layers.Layer):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.ln1, self.ln2 = layers.LayerNormalization(epsilon=1e-5), layers.LayerNormalization(epsilon=1e-5)
        self.attn = Attention()
        self.mlp = keras.Sequential([layers.Dense(2 * D, activation="gelu"), layers.Dense(D)])
        self.drop = layers.Dropout(0.05)

    def call(self, x, training=None):
        x = x + self.drop(self.attn(self.ln1(x)), training=training)
        return x + self.drop(self.mlp(self.ln2(x)), training=training)


class GPT(keras.Model):
    def __init__(self):
        super().__init__()
        self.tok, self.pos = layers.Embedding(V, D), layers.Embedding(T, D)
        self.blocks = [Block() for _ in range(L)]
        self.ln, self.head = layers.LayerNormalization(epsilon=1e-5), layers.Dense(V)

    def call(self, idx, training=None):
        x = self.tok(idx) + self.pos(ops.arange(T))
        for block in self.blocks:
            x = block(x, training=training)
        return self.head(self.ln(x))  # logits, (B, T, V)


rng = np.random.default_rng(0)
table = rng.integers(V, size=(V, V))
train, val = sample_chains(1280, table, rng), sample_chains(256, table, rng)

model = GPT()
steps = EPOCHS * (len(train) // B)
schedule = keras.optimizers.schedules.CosineDecay(LR / 10, steps - 10, warmup_target=LR, warmup_steps=10)
opt = keras.optimizers.AdamW(schedule, weight_decay=0.01)


def loss_fn(y, logits):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    grads, norm = tf.clip_by_global_norm(grads, CLIP)
    opt.apply_gradients(zip(grads, model.trainable_variables, strict=True))
    return loss, norm


@tf.function
def eval_step(x, y):
    logits = model(x, training=False)
    hit = ops.equal(ops.argmax(logits, axis=-1), ops.cast(y, "int64"))
    return loss_fn(y, logits), ops.mean(ops.cast(hit, "float32"))


for epoch in range(EPOCHS):
    order, losses = rng.permutation(len(train)), []
    for i in range(0, len(train), B):
        batch = tf.constant(train[order[i : i + B]])
        loss, norm = train_step(batch[:, :-1], batch[:, 1:])
        losses.append(float(loss))
    val_loss, val_acc = eval_step(tf.constant(val[:, :-1]), tf.constant(val[:, 1:]))
    print(f"epoch {epoch} train {np.mean(losses):.3f} val {val_loss:.3f} acc {val_acc:.3f} |g| {norm:.2f}")
print("uniform guess", round(float(np.log(V)), 3))
