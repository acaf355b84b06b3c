"""A sequence read by one LSTM and written backwards by another, in the style of tf.keras."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras.layers import LSTM, Dense, Input
from tensorflow.keras.models import Model

np.random.seed(0)
tf.random.set_seed(0)
steps, tokens, latent_dim = 5, 6, 16
rows = np.random.randint(1, tokens, size=(200, steps))
encoder_input = np.eye(tokens)[rows]
target = np.eye(tokens)[rows[:, ::-1]]
decoder_input = np.zeros_like(target)
decoder_input[:, 1:] = target[:, :-1]
decoder_input[:, 0, 0] = 1

encoder_inputs = Input(shape=(None, tokens))
_, state_h, state_c = LSTM(latent_dim, return_state=True)(encoder_inputs)
encoder_states = [state_h, state_c]
decoder_inputs = Input(shape=(None, tokens))
decoder_lstm = LSTM(latent_dim, return_sequences=True, return_state=True)
decoder_outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=encoder_states)
decoder_dense = Dense(tokens, activation="softmax")
model = Model([encoder_inputs, decoder_inputs], decoder_dense(decoder_outputs))
model.compile(optimizer=tf.keras.optimizers.Adam(lr=0.02), loss="categorical_crossentropy")
history = model.fit(
    [encoder_input, decoder_input], target, batch_size=32, epochs=6, verbose=0
).history["loss"]
assert history[-1] < history[0]

encoder = Model(encoder_inputs, encoder_states)
given = [Input(shape=(latent_dim,)), Input(shape=(latent_dim,))]
outputs, h, c = decoder_lstm(decoder_inputs, initial_state=given)
decoder = Model([decoder_inputs, *given], [decoder_dense(outputs), h, c])
states = encoder.predict(encoder_input[:1])
token = np.zeros((1, 1, tokens))
token[0, 0, 0] = 1
written = []
for _ in range(steps):
    probabilities, *states = decoder.predict([token, *states])
    written.append(int(probabilities[0, -1].argmax()))
    token = np.eye(tokens)[[[written[-1]]]]
assert len(written) == steps
assert K.int_shape(decoder_inputs) == (None, None, tokens)
