"""Where two solutions are the same: passages that both have, and cells to put side by side."""

from collections.abc import Iterator
from dataclasses import dataclass

from referee.similar.compare import Comparison, Pair
from referee.similar.fingerprints import Text

MOST_PLACES = 8  # of one fingerprint in a solution that are tried

Texts = tuple[Text, ...]


@dataclass(frozen=True)
class Passage:
    """So many words that are the same from a word of a cell on, and from one of another's cell."""

    words: int
    left_cell: int
    left_word: int
    right_cell: int
    right_word: int


@dataclass(frozen=True)
class Facing:
    """Two cells side by side, by number, with what they have in common, in the left one's order."""

    left_cell: int
    right_cell: int
    passages: tuple[Passage, ...]

    @property
    def words(self) -> int:
        """How many words they have in common."""
        return sum(passage.words for passage in self.passages)


@dataclass(frozen=True)
class Overlap:
    """What a pair has in common: words, shares of the words of each, and cells that face another.

    Those cells come first that have most words in common.
    """

    words: int
    left_share: float
    right_share: float
    facing: tuple[Facing, ...]


def overlap_of(comparison: Comparison, pair: Pair) -> Overlap:
    """The passages of a pair."""
    left = comparison.texts[pair.left.solution]
    right = comparison.texts[pair.right.solution]
    found: dict[tuple[int, int], list[Passage]] = {}
    on_right: set[tuple[int, int]] = set()
    for passage in _passages(left, right, comparison.weights):
        found.setdefault((passage.left_cell, passage.right_cell), []).append(passage)
        start = passage.right_word
        on_right |= {(passage.right_cell, word) for word in range(start, start + passage.words)}
    facing = [Facing(*cells, tuple(some)) for cells, some in found.items()]
    words = sum(each.words for each in facing)
    return Overlap(
        words,
        words / max(1, sum(len(text.words) for text in left)),
        len(on_right) / max(1, sum(len(text.words) for text in right)),
        tuple(sorted(facing, key=lambda each: -each.words)),
    )


def _passages(left: Texts, right: Texts, weights: dict[int, float]) -> Iterator[Passage]:
    """Passages that begin with something rare, each as long as it goes; the next is behind it."""
    places = _places(right, weights)
    for cell, text in enumerate(left):
        starts = text.fingerprints.tolist()
        word = 0
        while word < len(starts):
            candidates = [
                Passage(_same(text, word, right[other], place), cell, word, other, place)
                for other, place in places.get(starts[word], ())
            ]
            if candidates:
                longest = max(candidates, key=lambda passage: passage.words)
                yield longest
                word += longest.words
            else:
                word += 1


def _places(texts: Texts, weights: dict[int, float]) -> dict[int, list[tuple[int, int]]]:
    """Where each rare fingerprint of a solution is: cell and word."""
    places: dict[int, list[tuple[int, int]]] = {}
    for cell, text in enumerate(texts):
        for word, fingerprint in enumerate(text.fingerprints.tolist()):
            if fingerprint in weights:
                found = places.setdefault(fingerprint, [])
                if len(found) < MOST_PLACES:
                    found.append((cell, word))
    return places


def _same(left: Text, left_word: int, right: Text, right_word: int) -> int:
    """How many words are the same from here on; at least one, as the fingerprints are."""
    one, other = left.words.alike, right.words.alike
    most = min(len(one) - left_word, len(other) - right_word)
    differs = (n for n in range(most) if one[left_word + n] != other[right_word + n])
    return max(1, next(differs, most))
