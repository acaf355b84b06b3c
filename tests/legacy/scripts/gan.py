"""A generator against a discriminator, with `trainable` switched, as Keras 1 wrote it."""

import numpy as np
from keras.layers import BatchNormalization, Dense, Dropout, LeakyReLU
from keras.models import Sequential
from keras.optimizers import Adam

np.random.seed(10)


def make_trainable(net, val):
    net.trainable = val
    for layer in net.layers:
        layer.trainable = val


generator = Sequential()
generator.add(Dense(output_dim=16, input_dim=4, init="glorot_normal"))
generator.add(BatchNormalization(mode=2))
generator.add(LeakyReLU(0.2))
generator.add(Dense(2))

discriminator = Sequential()
discriminator.add(Dense(16, input_dim=2, init="glorot_normal"))
discriminator.add(LeakyReLU(0.2))
discriminator.add(Dropout(p=0.1))
discriminator.add(Dense(1, activation="sigmoid"))
discriminator.compile(loss="binary_crossentropy", optimizer=Adam(lr=1e-3))

make_trainable(discriminator, False)
gan = Sequential([generator, discriminator])
gan.compile(loss="binary_crossentropy", optimizer=Adam(lr=1e-3, beta_1=0.5))

real = np.random.randn(256, 2) * 0.1 + 1
weights = discriminator.get_weights()
losses = {"d": [], "g": []}
for e in range(10):
    batch = real[np.random.randint(256, size=16)]
    made = generator.predict(np.random.uniform(-1, 1, size=(16, 4)))
    X = np.concatenate((batch, made))
    y = np.array([1] * 16 + [0] * 16)
    make_trainable(discriminator, True)
    losses["d"].append(discriminator.train_on_batch(X, y))
    make_trainable(discriminator, False)
    kept = discriminator.get_weights()
    losses["g"].append(gan.train_on_batch(np.random.uniform(-1, 1, size=(16, 4)), np.ones(16)))
    assert all(np.array_equal(a, b) for a, b in zip(kept, discriminator.get_weights()))
assert not np.array_equal(weights[0], discriminator.get_weights()[0])
assert np.isfinite(losses["d"]).all() and np.isfinite(losses["g"]).all()
