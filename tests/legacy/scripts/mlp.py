"""A dense network on three classes of points, as Keras 1 wrote it."""

import numpy as np
from keras.layers.core import Activation, Dense, Dropout
from keras.models import Sequential
from keras.optimizers import SGD
from keras.utils import np_utils

np.random.seed(1337)
nb_classes = 3
batch_size = 32
nb_epoch = 8

centres = np.random.randn(nb_classes, 6).astype(np.float) * 3
y = np.random.randint(nb_classes, size=300)
X = centres[y] + np.random.randn(300, 6)
Y = np_utils.to_categorical(y, nb_classes)

model = Sequential()
model.add(Dense(24, input_shape=(6,), init="he_normal", W_regularizer="l2"))
model.add(Activation("relu"))
model.add(Dropout(p=0.2))
model.add(Dense(nb_classes, b_constraint="maxnorm"))
model.add(Activation("softmax"))
sgd = SGD(lr=0.1, decay=1e-6, momentum=0.9, nesterov=True)
model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])

history = model.fit(
    X, Y, batch_size=batch_size, nb_epoch=nb_epoch, verbose=0, validation_data=(X, Y)
)
score = model.evaluate(X, Y, verbose=0)
assert score[1] > 0.8, score
assert len(history.history["val_acc" if "val_acc" in history.history else "val_accuracy"]) == 8
assert (model.predict_classes(X, verbose=0) == y).mean() > 0.8
