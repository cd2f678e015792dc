"""Pairs of opinions, for RTE and STS-B: their relation rests on the verdict of each sentence."""

from random import Random

from multipress.data.lexicon import NOUN, words
from multipress.data.synthetic.events import sentence
from multipress.data.synthetic.sentiment import NEGATIVE, POSITIVE, claim, clause, draw_work, write_review


def verdict(rng: Random, follows: bool) -> tuple[str, str]:
    """A review, and a verdict that follows from it or not."""
    polarity = _second_polarity(rng)
    premise = write_review(rng, polarity if follows else 1 - polarity)
    return premise, sentence(claim(rng, "verdict", polarity, denies=False))


def comparison(rng: Random) -> tuple[str, str, float]:
    """Two opinions and their similarity from 0 to 5: 3.6 for the polarity, 1.4 for the subject."""
    first, second = rng.randrange(2), _second_polarity(rng)
    work = draw_work(rng)
    same_work = rng.random() < 0.5
    other = work if same_work else rng.choice([synset for synset in words(NOUN, "works") if synset != work])
    texts = sentence(clause(rng, first, work)), sentence(clause(rng, second, other))
    return *texts, 3.6 * (first == second) + 1.4 * same_work


def _second_polarity(rng: Random) -> int:
    """Mostly positive: people like to ask whether something is good, and a bias gives learning a start."""
    return POSITIVE if rng.random() < 0.85 else NEGATIVE
