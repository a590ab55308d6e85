# %% [markdown]
# # Assignment 3: which customers will leave?
# I predict `churned` from the customer table with a small neural network.

# %%
import keras
import numpy as np
import pandas as pd
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(42)

# %% [markdown]
# ## 1. Load the data

# %%
rng = np.random.default_rng(42)
n = 1600
df = pd.DataFrame(
    {
        "tenure_months": rng.integers(1, 72, n),
        "monthly_fee": rng.normal(65, 20, n).clip(15, 130).round(2),
        "support_calls": rng.poisson(1.5, n),
        "data_gb": rng.gamma(2.0, 8.0, n).round(1),
        "contract": rng.choice(["monthly", "yearly", "two years"], n, p=[0.5, 0.3, 0.2]),
        "region": rng.choice(["north", "south", "east", "west"], n),
    }
)
risk = 1.1 * df.support_calls - 0.07 * df.tenure_months + 0.03 * (df.monthly_fee - 65)
risk = risk + 1.8 * (df.contract == "monthly") - 2.2 + rng.logistic(0, 0.6, n)
df["churned"] = (risk > 0).astype(int)
df["last_bill"] = np.where(df.churned == 1, 0.0, df.monthly_fee)  # nothing is billed after somebody has left
print(df.head())
print("share that left:", round(df.churned.mean(), 3))

# %% [markdown]
# ## 2. Prepare the features
# `last_bill` is only known afterwards, so it can't be used.

# %%
features = pd.get_dummies(df.drop(columns=["churned", "last_bill"]), columns=["contract", "region"], dtype=float)
X = features.to_numpy(dtype="float32")
y = df["churned"].to_numpy(dtype="float32")

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=42)

scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
print("train:", X_train.shape, "test:", X_test.shape)

# %% [markdown]
# ## 3. The model

# %%
model = keras.Sequential(
    [
        keras.Input(shape=(X_train.shape[1],)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.003),
    loss="binary_crossentropy",
    metrics=["accuracy", keras.metrics.AUC(name="auc")],
)
model.summary()

# %%
n_left = y_train.sum()
class_weight = {0: len(y_train) / (2 * (len(y_train) - n_left)), 1: len(y_train) / (2 * n_left)}
early_stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True)
history = model.fit(
    X_train,
    y_train,
    validation_split=0.2,
    epochs=25,
    batch_size=32,
    class_weight=class_weight,
    callbacks=[early_stopping],
    verbose=0,
)
print(pd.DataFrame(history.history).round(3).tail())

# %% [markdown]
# ## 4. Results on the test set

# %%
loss, accuracy, auc = model.evaluate(X_test, y_test, verbose=0)
print(f"loss {loss:.3f}  accuracy {accuracy:.3f}  AUC {auc:.3f}")

y_pred = (model.predict(X_test, verbose=0) > 0.5).astype(int).ravel()
print(confusion_matrix(y_test, y_pred))
print(classification_report(y_test, y_pred, target_names=["stayed", "left"], zero_division=0))
model.save("churn.keras")
