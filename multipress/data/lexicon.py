"""A small English lexicon: synonym sets by part of speech, and inflection.

It feeds the synthetic GLUE and stands in for WordNet where none can be had.
"""

from dataclasses import dataclass
from functools import cache

NOUN, VERB, ADJECTIVE, ADVERB = "n", "v", "a", "r"

TAGS = {
    NOUN: ("NN", "NNS"),
    VERB: ("VB", "VBZ", "VBD", "VBN", "VBG"),
    ADJECTIVE: ("JJ",),
    ADVERB: ("RB",),
}
"""Penn Treebank tags of each part of speech's inflected forms."""

# Synonyms stand side by side, sets apart by commas. No word stands in two sets, nor in two parts of speech,
# and no synonym of a word has forms that fall together where the word's differ.
_WORDS = {
    NOUN: {
        "market people": "customer shopper, merchant trader, baker, cook chef, waiter, thief robber, butcher, tailor",
        "market things": "car automobile, bag sack, coat jacket, hat cap, lamp lantern, clock, cup mug, carpet rug",
        "market places": "kitchen, garage, shop store, street road, bakery, hotel inn",
        "school people": "teacher instructor, pupil, professor, librarian, coach trainer, boy lad, girl lass, author",
        "school things": "book, letter, picture drawing, photograph photo, map chart, desk, ball, notebook",
        "school places": "library, classroom, gym, office, laboratory lab, hall",
        "farm people": "farmer, shepherd, rider, hunter, gardener, doctor physician, neighbour, guest visitor",
        "farm things": "fence, gate, cart wagon, shovel spade, basket, saddle, ladder, bucket pail",
        "farm places": "barn, field meadow, garden, stable, forest wood, valley",
        "harbour people": "sailor mariner, captain, fisherman, pilot, engineer, diver, soldier, painter",
        "harbour things": "boat vessel, net, sail, anchor, crate box, rope cord, engine motor, flag banner",
        "harbour places": "harbour port, cabin, warehouse, tower, market, tunnel",
        "works": "film movie, story tale, plot, script screenplay, cast, music soundtrack, ending, performance",
        "judgements": "verdict",
        "audiences": "critic reviewer, viewer, audience, fan",
    },
    VERB: {
        # Opposites stand next to each other: the first and the second, the third and the fourth …
        "handling": (
            "buy purchase, sell, find discover, misplace mislay, repair mend, destroy wreck, wash scrub, soil, "
            "push shove, pull drag, collect gather, scatter, examine inspect, ignore, need require, reject, "
            "deliver, keep retain"
        ),
        "treating": (
            "help assist, hinder, praise commend, criticize, hire employ, dismiss, follow pursue, avoid, thank, "
            "insult offend, invite, expel, rescue save, attack assault, greet welcome, snub"
        ),
        "idling": "sleep, laugh, arrive, cough, smile, vanish disappear, wait, cry weep",
        "transfer": "give, send, lend, show",
        "liking": "enjoy, adore, love",
        "disliking": "hate detest, regret, dislike",
    },
    ADJECTIVE: {
        "colour": "red crimson, blue, green, white, black, yellow",
        "size": "big large, small little, huge enormous, tiny",
        "age": "old ancient, new modern",
        "price": "cheap inexpensive, expensive costly",
        "mood": "happy glad, sad unhappy, angry furious, calm",
        "wealth": "rich wealthy, poor needy",
        "years": "young youthful, elderly aged",
        "mind": "clever smart, foolish silly",
        "praise": (
            "good fine, great superb, funny amusing, charming delightful, brilliant dazzling, moving touching, "
            "fresh original, gripping thrilling, elegant graceful, wonderful marvellous"
        ),
        "blame": (
            "bad awful, dull boring, weak feeble, stupid idiotic, ugly hideous, clumsy awkward, stale hackneyed, "
            "tedious tiresome, terrible dreadful, hollow shallow"
        ),
    },
    ADVERB: {
        "manner": "quickly rapidly, slowly, carefully cautiously, quietly silently, suddenly abruptly",
        "strong": "very really, extremely incredibly, truly genuinely",
        "mild": "rather fairly, slightly somewhat",
        "rarity": "never, hardly scarcely",
    },
}

_IRREGULAR = {
    "buy": "buys bought bought buying",
    "sell": "sells sold sold selling",
    "find": "finds found found finding",
    "mislay": "mislays mislaid mislaid mislaying",
    "keep": "keeps kept kept keeping",
    "sleep": "sleeps slept slept sleeping",
    "weep": "weeps wept wept weeping",
    "give": "gives gave given giving",
    "send": "sends sent sent sending",
    "lend": "lends lent lent lending",
    "show": "shows showed shown showing",
    "drag": "drags dragged dragged dragging",
    "scrub": "scrubs scrubbed scrubbed scrubbing",
    "snub": "snubs snubbed snubbed snubbing",
    "expel": "expels expelled expelled expelling",
    "regret": "regrets regretted regretted regretting",
    "fisherman": "fishermen",
    "thief": "thieves",
}


@dataclass(frozen=True)
class Synset:
    """Words of one meaning, uninflected."""

    part: str
    lemmas: tuple[str, ...]


def words(part: str, category: str) -> tuple[Synset, ...]:
    """The synonym sets of a category, such as ``words(NOUN, "farm people")``.

    Raises:
        KeyError: no such category.
    """
    return _CATEGORIES[part][category]


def inflect(lemma: str, tag: str) -> str:
    """The form of a word that a Penn Treebank tag asks for: ``inflect("buy", "VBD")`` is ``"bought"``."""
    if tag in ("NN", "VB", "JJ", "RB"):
        return lemma
    if lemma in _IRREGULAR:
        forms = _IRREGULAR[lemma].split()
        return forms[TAGS[VERB].index(tag) - 1 if tag.startswith("V") else 0]
    return _regular(lemma, tag)


def synonyms(word: str, part: str | None = None) -> list[str]:
    """Synonyms of a word in the word's own inflection, in lower case; empty for unknown words.

    ``part`` narrows the search to a part of speech: n, v, a or s (adjective), r.
    """
    found: dict[str, None] = {}
    for synset, tag in _forms().get(word.lower(), ()):
        if part is None or synset.part == {"s": ADJECTIVE}.get(part, part):
            found |= dict.fromkeys(inflect(lemma, tag) for lemma in synset.lemmas)
    found.pop(word.lower(), None)
    return list(found)


def tags(word: str) -> list[str]:
    """Penn Treebank tags that a form may have; empty for unknown words."""
    return list(dict.fromkeys(tag for _, tag in _forms().get(word.lower(), ())))


def _regular(lemma: str, tag: str) -> str:
    if tag in ("NNS", "VBZ"):
        if lemma.endswith(("s", "x", "ch", "sh")):
            return lemma + "es"
        return lemma[:-1] + "ies" if _consonant_y(lemma) else lemma + "s"
    stem = lemma.removesuffix("e")
    if tag == "VBG":
        return stem + "ing"
    return (lemma[:-1] + "i" if _consonant_y(lemma) else stem) + "ed"


def _consonant_y(lemma: str) -> bool:
    return lemma.endswith("y") and lemma[-2] not in "aeiou"


def _parse(part: str, text: str) -> tuple[Synset, ...]:
    return tuple(Synset(part, tuple(lemmas.split())) for lemmas in text.split(","))


_CATEGORIES = {
    part: {category: _parse(part, text) for category, text in categories.items()} for part, categories in _WORDS.items()
}


@cache
def _forms() -> dict[str, list[tuple[Synset, str]]]:
    """Every inflected form with the sets and tags that it may stand for."""
    result: dict[str, list[tuple[Synset, str]]] = {}
    for part, categories in _CATEGORIES.items():
        for synset in (synset for synsets in categories.values() for synset in synsets):
            for tag in TAGS[part]:
                for lemma in synset.lemmas:
                    result.setdefault(inflect(lemma, tag), []).append((synset, tag))
    return result
