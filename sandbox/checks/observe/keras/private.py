"""What the observers take from inside of Keras and TensorFlow, where no public name reaches it. Runs inside the jail.

A new version may move any of these: then this file is the one to mend.
"""

from keras.src import ops as inner_ops
from keras.src.metrics import confusion_metrics
from keras.src.optimizers.base_optimizer import BaseOptimizer
from keras.src.optimizers.loss_scale_optimizer import LossScaleOptimizer
from keras.src.trainers.compile_utils import CompileLoss
from tensorflow.python import pywrap_tfe
from tensorflow.python.data.ops.iterator_ops import OwnedIterator
from tensorflow.python.eager.polymorphic_function.polymorphic_function import Function
from tensorflow.python.framework import op_callbacks, random_seed
from tensorflow.python.ops.resource_variable_ops import ResourceVariable

__all__ = [
    "BaseOptimizer",
    "CompileLoss",
    "Function",
    "LossScaleOptimizer",
    "OwnedIterator",
    "ResourceVariable",
    "confusion_metrics",
    "inner_ops",
    "op_callbacks",
    "pywrap_tfe",
    "random_seed",
]
