import keras
import torch

print(keras, torch)
