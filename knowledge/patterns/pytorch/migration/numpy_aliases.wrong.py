"""Wrong: a name that NumPy removed in 1.24."""

import numpy as np

features = np.array([[1, 2], [3, 4]], dtype=np.float)
