"""An autoencoder of images, with the functional API of Keras 1."""

import numpy as np
from keras.layers import Convolution2D, Dense, Input, MaxPooling2D, UpSampling2D
from keras.models import Model
from keras.regularizers import activity_l2

np.random.seed(11)
base = np.random.rand(2, 20)
X = np.dot(np.random.rand(200, 2), base) / 2

input_img = Input(shape=(20,))
encoded = Dense(4, activation="relu", activity_regularizer=activity_l2(1e-5))(input_img)
decoded = Dense(20, activation="sigmoid")(encoded)
autoencoder = Model(input=input_img, output=decoded)
encoder = Model(input=input_img, output=encoded)
encoded_input = Input(shape=(4,))
decoder = Model(input=encoded_input, output=autoencoder.layers[-1](encoded_input))
autoencoder.compile(optimizer="adadelta", loss="mse")
before = autoencoder.evaluate(X, X, verbose=0)
autoencoder.fit(X, X, nb_epoch=20, batch_size=16, shuffle=True, verbose=0)
assert autoencoder.evaluate(X, X, verbose=0) < before
codes = encoder.predict(X)
assert np.allclose(decoder.predict(codes), autoencoder.predict(X), atol=1e-5)

image = Input(shape=(8, 8, 1))
x = Convolution2D(4, 3, 3, activation="relu", border_mode="same", dim_ordering="tf")(image)
x = MaxPooling2D((2, 2), border_mode="same", dim_ordering="tf")(x)
x = UpSampling2D((2, 2), dim_ordering="tf")(x)
x = Convolution2D(1, 3, 3, activation="sigmoid", border_mode="same", dim_ordering="tf")(x)
convolutional = Model(input=image, output=x)
convolutional.compile(optimizer="adam", loss="binary_crossentropy")
noise = (np.random.rand(16, 8, 8, 1) > 0.5).astype(np.int)
convolutional.fit(noise, noise, nb_epoch=1, verbose=0)
assert convolutional.predict(noise).shape == noise.shape
