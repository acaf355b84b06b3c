"""Texts as numbers, and back."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from keras.preprocessing.text import (
    Tokenizer,
    hashing_trick,
    one_hot,
    text_to_word_sequence,
    tokenizer_from_json,
)

TEXTS = ["the cat and the dog", "A dog, the dog!", "été 世界 the"]


def fitted(**arguments: Any) -> Tokenizer:
    tokenizer = Tokenizer(**arguments)
    tokenizer.fit_on_texts(TEXTS)
    return tokenizer


def test_words_of_any_script() -> None:
    assert text_to_word_sequence("ÉTÉ, 你好 世界\tStraße") == ["été", "你好", "世界", "straße"]
    assert text_to_word_sequence("a--b c", filters="-", split=" ", lower=False) == ["a", "b", "c"]
    assert text_to_word_sequence("a!b", split="::") == ["a", "b"]


def test_numbers_follow_how_common_words_are() -> None:
    tokenizer = fitted()
    assert tokenizer.word_index == {
        "the": 1, "dog": 2, "cat": 3, "and": 4, "a": 5, "été": 6, "世界": 7,
    }  # fmt: skip
    assert tokenizer.word_counts["the"] == 4
    assert tokenizer.word_docs == {
        "the": 3,
        "cat": 1,
        "and": 1,
        "dog": 2,
        "a": 1,
        "été": 1,
        "世界": 1,
    }
    assert tokenizer.index_docs[1] == 3
    assert tokenizer.document_count == 3
    assert tokenizer.texts_to_sequences(["dog the mouse"]) == [[2, 1]]


def test_rare_and_unknown_words() -> None:
    assert fitted(num_words=3).texts_to_sequences(TEXTS) == [[1, 1, 2], [2, 1, 2], [1]]
    marked = fitted(num_words=4, oov_token="<?>")
    assert marked.word_index["<?>"] == 1
    assert marked.texts_to_sequences(["the mouse and the dog"]) == [[2, 1, 1, 2, 3]]
    assert marked.sequences_to_texts([[2, 3, 6, 99]]) == ["the dog <?> <?>"]
    assert fitted(num_words=3).sequences_to_texts([[1, 2, 6]]) == ["the dog"]


def test_characters_and_lists_of_words() -> None:
    letters = Tokenizer(char_level=True)
    letters.fit_on_texts(["Abba"])
    assert letters.texts_to_sequences(["BAc"]) == [[2, 1]]
    words = Tokenizer()
    words.fit_on_texts([["New York", "new york"], ["Rome"]])
    assert words.word_index == {"new york": 1, "rome": 2}


def test_matrices() -> None:
    tokenizer = fitted(num_words=4)
    rows = [[1, 1, 2, 9], []]
    assert tokenizer.sequences_to_matrix(rows).tolist() == [[0, 1, 1, 0], [0, 0, 0, 0]]
    assert tokenizer.sequences_to_matrix(rows, "count")[0].tolist() == [0, 2, 1, 0]
    assert tokenizer.sequences_to_matrix(rows, "freq")[0].tolist() == [0, 0.5, 0.25, 0]
    weights = tokenizer.sequences_to_matrix(rows, "tfidf")[0]
    assert weights[1] == pytest.approx((1 + np.log(2)) * np.log(1 + 3 / (1 + 3)))
    assert tokenizer.texts_to_matrix(["the dog"]).tolist() == [[0, 1, 1, 0]]


def test_what_matrices_need() -> None:
    with pytest.raises(ValueError, match="`mode` is one of"):
        fitted().texts_to_matrix(["a"], mode="onehot")
    with pytest.raises(ValueError, match="`num_words`"):
        Tokenizer().sequences_to_matrix([[1]])
    with pytest.raises(ValueError, match="fit_on_texts"):
        Tokenizer(num_words=3).sequences_to_matrix([[1]], "tfidf")


@pytest.mark.parametrize(
    "arguments", [{}, {"num_words": 4, "oov_token": "<?>", "char_level": True}]
)
def test_json(arguments: dict[str, Any]) -> None:
    tokenizer = fitted(**arguments)
    text = tokenizer.to_json(indent=1)
    assert json.loads(text)["class_name"] == "Tokenizer"
    again = tokenizer_from_json(text)
    assert again.get_config() == tokenizer.get_config()
    np.testing.assert_array_equal(
        again.texts_to_matrix(TEXTS, "tfidf"), tokenizer.texts_to_matrix(TEXTS, "tfidf")
    )


WORDS = st.text("abcçé世Σ'1", min_size=1, max_size=4)
SENTENCES = st.lists(WORDS, max_size=6)


@given(st.lists(SENTENCES, max_size=5), st.booleans(), st.sampled_from([",", "-", "\t"]))
def test_there_and_back(texts: list[list[str]], as_lists: bool, between: str) -> None:
    """What a tokenizer has seen it can write down and read again, word for word."""
    given = texts if as_lists else [f"{between} ".join(words) for words in texts]
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts(given)
    lowered = [[word.lower() for word in words] for words in texts]
    counts = Counter(word for words in lowered for word in words)
    assert tokenizer.word_counts == counts
    assert sorted(tokenizer.word_index.values()) == list(range(1, len(counts) + 1))
    for word, number in tokenizer.word_index.items():
        assert tokenizer.index_word[number] == word
        assert tokenizer.index_docs[number] == sum(word in words for words in lowered)
        rarer = [w for w, n in tokenizer.word_index.items() if n > number]
        assert all(counts[word] >= counts[other] for other in rarer)
    sequences = tokenizer.texts_to_sequences(given)
    assert tokenizer.sequences_to_texts(sequences) == [" ".join(words) for words in lowered]
    again = tokenizer_from_json(tokenizer.to_json())
    assert again.texts_to_sequences(given) == sequences


@given(st.lists(SENTENCES, min_size=1, max_size=5), st.integers(1, 8), st.booleans())
def test_only_the_commonest(texts: list[list[str]], num_words: int, marked: bool) -> None:
    """Numbers stay below `num_words`; what is rarer is one mark each, or left out."""
    every, some = Tokenizer(), Tokenizer(num_words, oov_token="<?>" if marked else None)
    for tokenizer in (every, some):
        tokenizer.fit_on_texts(texts)
    for all_numbers, numbers in zip(
        every.texts_to_sequences(texts), some.texts_to_sequences(texts), strict=True
    ):
        shifted = [n + marked for n in all_numbers]
        if marked:
            assert numbers == [n if n < num_words else 1 for n in shifted]
        else:
            assert numbers == [n for n in shifted if n < num_words]
    counts = some.texts_to_matrix(texts, "count")
    assert counts.shape == (len(texts), num_words)
    kept = [sum(n < num_words for n in row) for row in some.texts_to_sequences(texts)]
    np.testing.assert_array_equal(counts.sum(1), kept)


def test_hashes() -> None:
    first = hashing_trick("to be or not to be", 20, "md5")
    assert first[:2] == first[4:]
    assert all(1 <= number < 20 for number in first)
    assert hashing_trick("ab b", 9, lambda word: 10 * len(word)) == [5, 3]
    assert one_hot("a b", 9) == hashing_trick("a b", 9)
    with pytest.raises(ValueError, match="'md5' or a function, got 'sha'"):
        hashing_trick("a", 9, "sha")


def test_arguments_of_old() -> None:
    with pytest.warns(UserWarning, match="`num_words`"):
        assert Tokenizer(nb_words=5).num_words == 5
    with pytest.raises(TypeError, match="unknown argument 'words'"):
        Tokenizer(words=5)
