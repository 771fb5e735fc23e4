"""Fingerprints of code: a number for each place where so many words follow each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from referee.similar.words import Words, names_given, words_of

LENGTH = 12  # words of a fingerprint; fewer in a row are the same in all code
MOST_WORDS = 20_000  # of a solution that are read; Optimization takes 3,000
FACTOR, SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
Fingerprints = NDArray[np.uint64]
NONE: Fingerprints = np.empty(0, np.uint64)


@dataclass(frozen=True)
class Text:
    """The words of a cell, and the fingerprint of the LENGTH words that start at each of them.

    The last words start none, so a text of n words has n - LENGTH + 1 fingerprints.
    """

    words: Words
    fingerprints: Fingerprints


class TextReader:
    """Reads code; texts of one reader have the same fingerprints for the same words."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def read(self, sources: Sequence[str]) -> tuple[Text, ...]:
        """The texts of one solution, MOST_WORDS words of all of them together."""
        given, room = names_given(sources), MOST_WORDS
        texts = []
        for source in sources:
            words = words_of(source, given, room)
            room -= len(words)
            texts.append(Text(words, self._fingerprints(words)))
        return tuple(texts)

    def fingerprints_of(self, sources: Iterable[str]) -> Fingerprints:
        """All fingerprints of some texts of different authors, each once."""
        texts = [text for source in sources for text in self.read([source])]
        return np.unique(np.concatenate([NONE, *(text.fingerprints for text in texts)]))

    def _fingerprints(self, words: Words) -> Fingerprints:
        numbers = self._numbers
        read = np.array(
            [numbers.setdefault(word, len(numbers) + 1) for word in words.alike], np.uint64
        )
        places = len(read) - LENGTH + 1
        if places < 1:
            return NONE
        hashed = np.zeros(places, np.uint64)
        for offset in range(LENGTH):
            hashed = (hashed ^ read[offset : offset + places]) * FACTOR
            hashed ^= hashed >> SHIFT
        return hashed
