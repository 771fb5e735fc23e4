"""`python -m tests.tools.find_copies --seeds N`: how many planted copies are found, and who else.

Each class has 100 students who have worked on their own. Then some hand in the work of others:
renamed, with other comments and strings, with cells and lines in another order. Others have not
finished: they hand in a few functions.
"""

import argparse
import random
from collections import Counter
from dataclasses import replace

from referee.similar.compare import Solution, compare
from tests.support.independent import copied, independent_class

STUDENTS = 100
WHOLE, PART = 5, 5  # pairs of a class in which all was copied, or one function
UNFINISHED, MOST_FINISHED = 15, 4  # students, and how many functions they hand in at most
LEAST_COPIED = 100  # words, about, of a function that somebody takes the trouble to copy


def class_with_copies(chance: random.Random) -> tuple[list[Solution], dict[frozenset[int], str]]:
    """A class, and which pairs of it are copies of what kind."""
    solutions = independent_class(STUDENTS, chance)
    numbers = chance.sample(range(STUDENTS), 2 * (WHOLE + PART) + UNFINISHED)
    for number in numbers[-UNFINISHED:]:
        few = chance.sample(solutions[number].cells, chance.randint(1, MOST_FINISHED))
        solutions[number] = replace(solutions[number], cells=tuple(few))
    numbers = numbers[:-UNFINISHED]
    planted = {}
    for count, (source, copy) in enumerate(zip(numbers[::2], numbers[1::2], strict=True)):
        theirs, mine = solutions[source].cells, solutions[copy].cells
        if count < WHOLE:
            cells, kind = copied(theirs, chance), "whole"
        else:
            taken = chance.choice([each for each in theirs if len(each.source) > 4 * LEAST_COPIED])
            kept = tuple(cell for cell in mine if cell.name != taken.name)
            cells, kind = (*kept, *copied([taken], chance)), "part"
        solutions[copy] = replace(solutions[copy], cells=cells)
        planted[frozenset((source, copy))] = kind
    return solutions, planted


def figures(seed: int) -> Counter[str]:
    """What became of the pairs of a class."""
    solutions, planted = class_with_copies(random.Random(seed))
    found: Counter[str] = Counter()
    for pair in compare(solutions).pairs:
        kind = planted.get(frozenset((pair.left.solution, pair.right.solution)), "chance")
        found[f"{kind}, shown as {'a whole' if pair.whole else 'a part'}"] += 1
    return found


def main() -> None:
    """Print the figures of each class, and of all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, metavar="N")
    args = parser.parse_args()
    total: Counter[str] = Counter()
    for seed in range(args.seeds):
        found = figures(seed)
        total += found
        print(f"seed {seed}: {dict(sorted(found.items()))}")
    print(f"Planted: {args.seeds * WHOLE} whole, {args.seeds * PART} parts.")
    print(f"Pairs of independent students: {args.seeds * STUDENTS * (STUDENTS - 1) // 2}.")
    for kind, count in sorted(total.items()):
        print(f"{count:5} {kind}")


if __name__ == "__main__":
    main()
