"""Music as the network for tags wants it, and what its predictions mean.

Choi et al., 2016, arXiv:1609.04243
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .. import backend as K

RATE = 12000  # samples per second
WINDOW = 512  # samples of which a spectrum is made
HOP = 256  # samples from one spectrum to the next
BANDS = 96  # of the mel scale
SECONDS = 29.12
FLOOR = 1e-10  # powers below count as this
RANGE = 80.0  # decibels below the loudest that are told apart

TAGS = """rock, pop, alternative, indie, electronic, female vocalists, dance, 00s, alternative rock,
jazz, beautiful, metal, chillout, male vocalists, classic rock, soul, indie rock, Mellow,
electronica, 80s, folk, 90s, chill, instrumental, punk, oldies, blues, hard rock, ambient, acoustic,
experimental, female vocalist, guitar, Hip-Hop, 70s, party, country, easy listening, sexy, catchy,
funk, electro, heavy metal, Progressive rock, 60s, rnb, indie pop, sad, House, happy"""


def preprocess_input(
    audio_path: str | os.PathLike[str], data_format: str | None = None
) -> np.ndarray:
    """The mel spectrogram in decibels of 29.12 seconds from the middle of a sound file.

    Shorter sounds are followed by silence. The result is (96, 1366, 1), or (1, 96, 1366) with the
    channels first; a batch needs one more axis. It needs the package librosa.
    """
    librosa = _librosa()
    samples, _ = librosa.load(os.fspath(audio_path), sr=RATE)
    spectrum = librosa.feature.melspectrogram(
        y=_middle(samples, int(SECONDS * RATE)),
        sr=RATE,
        hop_length=HOP,
        n_fft=WINDOW,
        n_mels=BANDS,
    )
    axis = 0 if K.normalize_data_format(data_format) == "channels_first" else -1
    return np.expand_dims(_decibels(spectrum**2), axis)


def _librosa() -> Any:
    try:
        import librosa
    except ImportError as error:
        raise ImportError(
            "Reading sounds needs the package librosa: `pip install librosa`."
        ) from error
    return librosa


def _middle(samples: np.ndarray, count: int) -> np.ndarray:
    """So many samples from the middle, or all of them and zeros."""
    if len(samples) < count:
        return np.pad(samples, (0, count - len(samples)))
    start = (len(samples) - count) // 2
    return samples[start : start + count]


def _decibels(power: np.ndarray) -> np.ndarray:
    """10 log10(power), cut off below.

    >>> _decibels(np.array([1.0, 100.0, 0.0])).tolist()
    [0.0, 20.0, -60.0]
    """
    level = 10 * np.log10(np.maximum(power, FLOOR))
    return np.asarray(np.maximum(level, level.max() - RANGE))


def decode_predictions(preds: Any, top_n: int = 5) -> list[list[tuple[str, float]]]:
    """The `top_n` likeliest tags of each sample, with their probabilities, best first.

    `preds`: (samples, 50).

    >>> decode_predictions(np.eye(50)[:1], top_n=1)
    [[('rock', 1.0)]]
    """
    tags = [tag.strip() for tag in TAGS.replace("\n", " ").split(",")]
    preds = np.asarray(preds)
    if preds.ndim != 2 or preds.shape[1] != len(tags):
        raise ValueError(
            "`decode_predictions` takes the predictions of `MusicTaggerCRNN`, of shape (samples, "
            f"{len(tags)}), got {preds.shape}."
        )
    best = np.argsort(preds, axis=-1)[:, ::-1][:, :top_n]
    return [
        [(tags[i], float(row[i])) for i in numbers]
        for row, numbers in zip(preds, best, strict=True)
    ]
