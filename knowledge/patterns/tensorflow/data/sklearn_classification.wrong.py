"""Wrong: features chosen with the labels of all rows, before the split. The test set leaks into the training."""

import numpy as np
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

if __name__ == "__main__":
    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 2000))  # noise: nothing can be learned from it
    labels = rng.integers(0, 2, size=200)
    selected = SelectKBest(f_classif, k=20).fit_transform(features, labels)
    x_train, x_test, y_train, y_test = train_test_split(selected, labels, test_size=0.5, random_state=0)
    accuracy = LogisticRegression().fit(x_train, y_train).score(x_test, y_test)
    assert accuracy < 0.65, f"accuracy {accuracy:.2f} on pure noise: statistics of the test rows were used in training"
