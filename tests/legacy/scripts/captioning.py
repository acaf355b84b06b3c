"""Images and the words so far, merged to find the next word, as Keras 1 wrote it."""

import numpy as np
from keras.layers import GRU, Activation, Convolution2D, Dense, Embedding, Flatten, Merge
from keras.layers import RepeatVector, TimeDistributed
from keras.layers.core import TimeDistributedDense
from keras.models import Sequential

np.random.seed(2)
max_caption_len, vocab_size = 5, 12

image_model = Sequential()
image_model.add(
    Convolution2D(3, 3, 3, border_mode="valid", dim_ordering="th", input_shape=(3, 8, 8))
)
image_model.add(Activation("relu"))
image_model.add(Flatten())
image_model.add(Dense(6))
image_model.add(RepeatVector(max_caption_len))

language_model = Sequential()
language_model.add(Embedding(vocab_size, 8, input_length=max_caption_len, dropout=0.1))
language_model.add(GRU(output_dim=6, return_sequences=True, dropout_W=0.1))
language_model.add(TimeDistributed(Dense(6)))

model = Sequential()
model.add(Merge([image_model, language_model], mode="concat", concat_axis=-1))
model.add(TimeDistributedDense(8))
model.add(GRU(10, return_sequences=False))
model.add(Dense(vocab_size))
model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer="rmsprop", metrics=["fmeasure"])

images = np.random.rand(24, 3, 8, 8)
partial_captions = np.random.randint(vocab_size, size=(24, max_caption_len))
next_words = np.eye(vocab_size)[np.random.randint(vocab_size, size=24)]
history = model.fit(
    [images, partial_captions], next_words, batch_size=8, nb_epoch=3, verbose=0
).history
assert history["loss"][-1] < history["loss"][0]
assert len(history["fmeasure"]) == 3
assert model.predict([images, partial_captions]).shape == (24, vocab_size)
