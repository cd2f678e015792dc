"""SST-2 and the opinions in RTE and STS-B: sentiment with negation, contrast and concession."""

from random import Random

from multipress.data.lexicon import ADJECTIVE, ADVERB, NOUN, VERB, Synset, words
from multipress.data.synthetic.events import frequent, pick, sentence

NEGATIVE, POSITIVE = 0, 1
_OPINION = {NEGATIVE: "blame", POSITIVE: "praise"}
_ATTITUDE = {NEGATIVE: "disliking", POSITIVE: "liking"}
_DENIALS = ("is not", "is never", "is hardly", "is far from", "fails to be")


def review(rng: Random) -> tuple[str, None, int]:
    """SST-2: a judgement and its label, the polarity of what it claims in the end."""
    label = rng.randrange(2)
    return write_review(rng, label), None, label


def write_review(rng: Random, polarity: int) -> str:
    """A sentence of one or two clauses that comes to that verdict."""
    pattern = rng.choices((_plain, _agreeing, _contrasting, _conceding), (35, 30, 20, 15))[0]
    return sentence(pattern(rng, polarity))


def _plain(rng: Random, polarity: int) -> str:
    return clause(rng, polarity)


def _agreeing(rng: Random, polarity: int) -> str:
    return f"{clause(rng, polarity)} and {clause(rng, polarity)}"


def _contrasting(rng: Random, polarity: int) -> str:
    return f"{clause(rng, 1 - polarity)} but {clause(rng, polarity)}"


def _conceding(rng: Random, polarity: int) -> str:
    weak, strong = f"although {clause(rng, 1 - polarity)}", clause(rng, polarity)
    return f"{weak} , {strong}" if rng.random() < 0.5 else f"{strong} {weak}"


def clause(rng: Random, polarity: int, work: Synset | None = None) -> str:
    """A clause of that polarity on a work; a quarter of them deny the opposite."""
    denies = rng.random() < 0.25
    surface = 1 - polarity if denies else polarity
    subject = pick(rng, work or draw_work(rng), "NN")
    return (_attitude if rng.random() < 0.3 else claim)(rng, subject, surface, denies)


def draw_work(rng: Random) -> Synset:
    """What an opinion is about."""
    return frequent(rng, words(NOUN, "works"))


def claim(rng: Random, subject: str, surface: int, denies: bool) -> str:
    """``the film is [not] good``; ``surface`` is the polarity of the adjective."""
    opinion = pick(rng, frequent(rng, words(ADJECTIVE, _OPINION[surface])), "JJ")
    return f"the {subject} {rng.choice(_DENIALS) if denies else 'is' + _degree(rng)} {opinion}"


def _degree(rng: Random) -> str:
    kind = rng.choices(("strong", "mild", ""), (30, 20, 50))[0]
    return f" {pick(rng, rng.choice(words(ADVERB, kind)), 'RB')}" if kind else ""


def _attitude(rng: Random, subject: str, surface: int, denies: bool) -> str:
    verb = pick(rng, rng.choice(words(VERB, _ATTITUDE[surface])), "VB")
    person = pick(rng, frequent(rng, words(NOUN, "audiences")), "NN")
    if not denies:
        return f"the {person} will {verb} the {subject}"
    return rng.choice((f"no {person} will {verb} the {subject}", f"the {person} will never {verb} the {subject}"))
