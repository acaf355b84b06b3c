"""Bars that stand or lie, told apart by a convolution, as Keras 1 wrote it."""

import numpy as np
from keras import backend as K
from keras.layers import Activation, Convolution2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential

np.random.seed(7)
img_rows, img_cols = 12, 12
nb_filters = 6
nb_conv = 3

n = 160
y = np.random.randint(2, size=n)
images = np.random.rand(n, img_rows, img_cols).astype("float32") * 0.3
for image, lies in zip(images, y):
    at = np.random.randint(2, 10)
    if lies:
        image[at, :] += 1
    else:
        image[:, at] += 1

if K.image_dim_ordering() == "th":
    X = images.reshape(n, 1, img_rows, img_cols)
    input_shape = (1, img_rows, img_cols)
else:
    X = images.reshape(n, img_rows, img_cols, 1)
    input_shape = (img_rows, img_cols, 1)

model = Sequential()
model.add(Convolution2D(nb_filters, nb_conv, nb_conv, border_mode="valid", input_shape=input_shape))
model.add(Activation("relu"))
model.add(Convolution2D(nb_filters, nb_conv, nb_conv, subsample=(1, 1)))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2), border_mode="same"))
model.add(Dropout(0.25))
model.add(Flatten())
model.add(Dense(output_dim=1))
model.add(Activation("sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X, y, batch_size=16, nb_epoch=12, verbose=0)
assert model.layers[0].get_weights()[0].shape == (3, 3, 1, nb_filters)
assert model.evaluate(X, y, verbose=0)[1] > 0.8
