"""Train straight through, then interrupted and resumed: both must end with the same model."""

from dataclasses import replace
from pathlib import Path

import train
from config import Config

real_evaluate = train.evaluate
calls = 0


def evaluate_twice(*arguments):
    global calls
    calls += 1
    if calls == 3:
        raise KeyboardInterrupt
    return real_evaluate(*arguments)


straight = train.train(replace(Config(), epochs=4, checkpoint_dir=Path("straight")))

config = replace(Config(), epochs=4, checkpoint_dir=Path("interrupted"))
train.evaluate = evaluate_twice
try:
    train.train(config)
except KeyboardInterrupt:
    print("interrupted in epoch 3")
train.evaluate = real_evaluate
resumed = train.train(config, resume=True)
assert resumed == straight, (resumed, straight)
print("the same")
