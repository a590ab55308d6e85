"""Wrong: all in one layer; the groups must divide the filters as well."""

import keras

keras.Sequential([keras.Input((10, 10, 32)), keras.layers.Conv2D(48, 3, groups=32)])  # wrong: SeparableConv2D(48, 3)
