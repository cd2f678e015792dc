"""SST-2: sentiment with negation, contrast and mixed clauses."""

from random import Random

from multipress.data.lexicon import ADJECTIVE, ADVERB, NOUN, VERB, words
from multipress.data.synthetic.events import pick, sentence

NEGATIVE, POSITIVE = 0, 1
_OPINION = {NEGATIVE: "blame", POSITIVE: "praise"}
_ATTITUDE = {NEGATIVE: "disliking", POSITIVE: "liking"}


def review(rng: Random) -> tuple[str, None, int]:
    """A judgement on a film and its label: the polarity of what the sentence claims in the end."""
    label = rng.randrange(2)
    pattern = rng.choices((_plain, _agreeing, _contrasting, _conceding), (30, 20, 25, 25))[0]
    return sentence(pattern(rng, label)), None, label


def _plain(rng: Random, label: int) -> str:
    return _clause(rng, label)


def _agreeing(rng: Random, label: int) -> str:
    return f"{_clause(rng, label)} and {_clause(rng, label)}"


def _contrasting(rng: Random, label: int) -> str:
    return f"{_clause(rng, 1 - label)} but {_clause(rng, label)}"


def _conceding(rng: Random, label: int) -> str:
    weak, strong = f"although {_clause(rng, 1 - label)}", _clause(rng, label)
    return f"{weak} , {strong}" if rng.random() < 0.5 else f"{strong} {weak}"


def _clause(rng: Random, polarity: int) -> str:
    """A clause of that polarity; a third of them negate the opposite."""
    negated = rng.random() < 0.35
    surface = 1 - polarity if negated else polarity
    if rng.random() < 0.3:
        return _attitude(rng, surface, negated)
    return _judgement(rng, surface, negated)


def _judgement(rng: Random, surface: int, negated: bool) -> str:
    work = pick(rng, rng.choice(words(NOUN, "works")), "NN")
    opinion = pick(rng, rng.choice(words(ADJECTIVE, _OPINION[surface])), "JJ")
    degree = _degree(rng)
    if not negated:
        return f"the {work} is {degree}{opinion}"
    negation = rng.choice(("is not", "is never", "is hardly", "is far from", "fails to be"))
    return f"the {work} {negation} {opinion}"


def _degree(rng: Random) -> str:
    kind = rng.choices(("strong", "mild", ""), (30, 20, 50))[0]
    return f"{pick(rng, rng.choice(words(ADVERB, kind)), 'RB')} " if kind else ""


def _attitude(rng: Random, surface: int, negated: bool) -> str:
    work = pick(rng, rng.choice(words(NOUN, "works")), "NN")
    verb = pick(rng, rng.choice(words(VERB, _ATTITUDE[surface])), "VB")
    person = pick(rng, rng.choice(words(NOUN, "audiences")), "NN")
    if not negated:
        return f"the {person} will {verb} the {work}"
    return rng.choice((f"no {person} will {verb} the {work}", f"the {person} will never {verb} the {work}"))
