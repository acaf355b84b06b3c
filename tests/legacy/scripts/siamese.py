"""Two inputs through the same layers, compared by their distance, as Keras 1 wrote it."""

import random

import numpy as np
from keras import backend as K
from keras.layers import Dense, Dropout, Input, Lambda
from keras.models import Model, Sequential
from keras.optimizers import RMSprop

np.random.seed(5)
random.seed(5)


def euclidean_distance(vects):
    x, y = vects
    return K.sqrt(K.maximum(K.sum(K.square(x - y), axis=1, keepdims=True), K.epsilon()))


def eucl_dist_output_shape(shapes):
    shape1, shape2 = shapes
    return (shape1[0], 1)


def contrastive_loss(y_true, y_pred):
    margin = 1
    return K.mean(
        y_true * K.square(y_pred) + (1 - y_true) * K.square(K.maximum(margin - y_pred, 0))
    )


def create_base_network(input_dim):
    seq = Sequential()
    seq.add(Dense(16, input_shape=(input_dim,), activation="relu"))
    seq.add(Dropout(0.1))
    seq.add(Dense(8, activation="relu"))
    return seq


centres = np.random.randn(4, 10) * 2
labels = np.random.randint(4, size=240)
points = centres[labels] + np.random.randn(240, 10) * 0.3
left = np.random.randint(240, size=400)
right = np.random.randint(240, size=400)
same = (labels[left] == labels[right]).astype(np.float)

base_network = create_base_network(10)
input_a, input_b = Input(shape=(10,)), Input(shape=(10,))
processed_a, processed_b = base_network(input_a), base_network(input_b)
distance = Lambda(euclidean_distance, output_shape=eucl_dist_output_shape)(
    [processed_a, processed_b]
)
model = Model(input=[input_a, input_b], output=distance)
model.compile(loss=contrastive_loss, optimizer=RMSprop())
model.fit([points[left], points[right]], same, batch_size=32, nb_epoch=8, verbose=0)
pred = model.predict([points[left], points[right]]).ravel()
assert pred[same == 1].mean() < pred[same == 0].mean()
assert base_network.get_output_at(1) is not base_network.get_output_at(0)
