"""Features of a trained network kept, a new end put on, as Keras 1 wrote it."""

import os

import numpy as np
from keras.layers import Convolution2D, Dense, Flatten, GlobalAveragePooling2D, Input, ZeroPadding2D
from keras.models import Model, Sequential, model_from_json
from keras.optimizers import SGD

np.random.seed(21)


def features(input_shape):
    model = Sequential()
    model.add(ZeroPadding2D((1, 1), input_shape=input_shape, dim_ordering="tf"))
    model.add(Convolution2D(4, 3, 3, activation="relu", name="conv1_1", dim_ordering="tf"))
    model.add(ZeroPadding2D((1, 1), dim_ordering="tf"))
    model.add(Convolution2D(4, 3, 3, activation="relu", name="conv1_2", dim_ordering="tf"))
    return model


X = np.random.rand(64, 8, 8, 3)
digits = (X.mean(axis=(1, 2))[:, 0] > 0.5).astype(np.int)
old = features((8, 8, 3))
old.add(Flatten())
old.add(Dense(5, activation="softmax"))
old.compile(SGD(lr=0.01), "sparse_categorical_crossentropy")
old.fit(X, np.random.randint(5, size=(64, 1)), nb_epoch=1, verbose=0)
old.save_weights("first_try.h5", overwrite=True)

base = features((8, 8, 3))
base.load_weights("first_try.h5", by_name=True)
assert np.allclose(base.layers[1].get_weights()[0], old.layers[1].get_weights()[0])
for layer in base.layers[:4]:
    layer.trainable = False
image = Input(shape=(8, 8, 3))
x = GlobalAveragePooling2D(dim_ordering="tf")(base(image))
predictions = Dense(output_dim=1, activation="sigmoid")(x)
model = Model(input=image, output=predictions)
model.compile(optimizer=SGD(lr=0.5, momentum=0.9), loss="binary_crossentropy", metrics=["accuracy"])


def batches(size=16):
    while True:
        for i in range(0, 64, size):
            yield X[i : i + size], digits[i : i + size]


model.fit_generator(
    batches(),
    samples_per_epoch=64,
    nb_epoch=3,
    validation_data=batches(),
    nb_val_samples=32,
    verbose=0,
)
kept = base.get_layer("conv1_1").get_weights()[0]
assert np.array_equal(kept, old.get_layer("conv1_1").get_weights()[0])
again = model_from_json(model.to_json())
again.set_weights(model.get_weights())
assert np.allclose(again.predict(X), model.predict(X), atol=1e-6)
os.remove("first_try.h5")
