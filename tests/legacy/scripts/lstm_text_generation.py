"""A network that writes on, letter by letter, as Keras 1 wrote it."""

import random

import numpy as np
from keras.layers import LSTM, Activation, Dense
from keras.models import Sequential
from keras.optimizers import RMSprop

np.random.seed(3)
random.seed(3)
text = "the cat sat on the mat. the dog sat on the log. " * 8
chars = sorted(set(text))
char_indices = {c: i for i, c in enumerate(chars)}
maxlen, step = 10, 3
sentences, next_chars = [], []
for i in range(0, len(text) - maxlen, step):
    sentences.append(text[i : i + maxlen])
    next_chars.append(text[i + maxlen])

X = np.zeros((len(sentences), maxlen, len(chars)), dtype=np.bool)
y = np.zeros((len(sentences), len(chars)), dtype=np.bool)
for i, sentence in enumerate(sentences):
    for t, char in enumerate(sentence):
        X[i, t, char_indices[char]] = 1
    y[i, char_indices[next_chars[i]]] = 1

model = Sequential()
model.add(
    LSTM(
        output_dim=32,
        inner_activation="hard_sigmoid",
        forget_bias_init="one",
        consume_less="gpu",
        input_shape=(maxlen, len(chars)),
    )
)
model.add(Dense(len(chars)))
model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer=RMSprop(lr=0.01))


def sample(preds, temperature=1.0):
    preds = np.asarray(preds).astype("float64")
    preds = np.exp(np.log(preds + 1e-9) / temperature)
    return np.argmax(np.random.multinomial(1, preds / np.sum(preds) * 0.999999, 1))


first = model.evaluate(X, y, verbose=0)
for _ in range(2):
    model.fit(X, y, batch_size=32, nb_epoch=2, verbose=0)
generated = text[:maxlen]
for _ in range(12):
    x = np.zeros((1, maxlen, len(chars)))
    for t, char in enumerate(generated[-maxlen:]):
        x[0, t, char_indices[char]] = 1.0
    generated += chars[sample(model.predict(x, verbose=0)[0], 0.5)]
assert len(generated) == maxlen + 12
assert model.evaluate(X, y, verbose=0) < first
