"""A wave followed from batch to batch by an LSTM that keeps its state, as Keras 1 wrote it."""

import numpy as np
import scipy
from keras.layers import LSTM, Dense
from keras.models import Sequential

np.random.seed(8)
batch_size, tsteps, lahead = 5, 1, 1
wave = np.sin(scipy.linspace(0, 20, 101)) * 0.5
X = wave[:-1].reshape(100, tsteps, 1)
expected_output = wave[1:].reshape(100, lahead)

model = Sequential()
model.add(
    LSTM(
        10,
        batch_input_shape=(batch_size, tsteps, 1),
        return_sequences=True,
        stateful=True,
        inner_init="orthogonal",
    )
)
model.add(LSTM(output_dim=10, return_sequences=False, stateful=True))
model.add(Dense(1))
model.compile(loss="mse", optimizer="rmsprop")

losses = []
for _ in range(4):
    history = model.fit(
        X, expected_output, batch_size=batch_size, verbose=0, nb_epoch=1, shuffle=False
    )
    losses.append(history.history["loss"][0])
    model.reset_states()
assert losses[-1] < losses[0]

first = model.predict(X[:5], batch_size=batch_size)
second = model.predict(X[:5], batch_size=batch_size)
assert not np.allclose(first, second)
model.reset_states()
assert np.allclose(first, model.predict(X[:5], batch_size=batch_size), atol=1e-6)
