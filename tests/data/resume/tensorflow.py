"""Interrupt the training after two of four epochs; resumed, it trains the other two."""

from dataclasses import replace

import keras
import train
from config import Config


class Interrupt(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt


real_fit = train.fit
trained = []


def interrupted_fit(*arguments, callbacks, **options):
    return real_fit(*arguments, callbacks=[*callbacks, Interrupt()], **options)


def recorded_fit(*arguments, **options):
    trained.extend(real_fit(*arguments, **options).epoch)


config = replace(Config(), epochs=4)
train.fit = interrupted_fit
try:
    train.train(config)
except KeyboardInterrupt:
    print("interrupted in epoch 3")
train.fit = recorded_fit
train.train(config, resume=True)
assert trained == [2, 3], trained
print("the same")
