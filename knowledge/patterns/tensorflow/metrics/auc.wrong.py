"""Wrong: logits given to AUC without saying so."""

import keras
import numpy as np
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(0)
y = (rng.random((2000, 1)) < 0.1).astype("int32")
logits = rng.normal(size=(2000, 1)) + 1.5 * y - 3
measured, exact = float(keras.metrics.AUC()(y, logits)), roc_auc_score(y, logits)  # wrong: AUC(from_logits=True)
assert abs(measured - exact) < 0.01, f"AUC of logits taken for probabilities: {measured:.3f}, and it is {exact:.3f}"
