"""CoLA: grammatical sentences, and sentences that break one rule."""

from random import Random

from multipress.data.lexicon import ADJECTIVE, NOUN, VERB, Synset, words
from multipress.data.synthetic.events import DOMAINS, frequent, pick, sentence

UNACCEPTABLE, ACCEPTABLE = 0, 1

_FAULTS = ("order", "extra", "agreement", "missing", "form", "argument")
_SINGULAR, _PLURAL = ("the", "a", "every", "this"), ("the", "some", "all", "these")
_ADJECTIVES = ("mood", "wealth", "mind")


def judgement(rng: Random) -> tuple[str, None, int]:
    """A sentence and whether it is acceptable."""
    label = rng.randrange(2)
    fault = frequent(rng, _FAULTS) if label == UNACCEPTABLE else None
    return sentence(" ".join(_write(rng, fault))), None, label


def acceptable_sentence(rng: Random) -> str:
    """A grammatical sentence."""
    return sentence(" ".join(_write(rng, None)))


def _write(rng: Random, fault: str | None) -> list[str]:
    """The words of a sentence with that fault, or with none."""
    domain = rng.choice(DOMAINS)
    plural = rng.random() < 0.5
    subject = _noun_phrase(rng, words(NOUN, f"{domain} people"), plural, fault == "order")
    if rng.random() < 0.2:
        subject += ["near", *_noun_phrase(rng, words(NOUN, f"{domain} people"), rng.random() < 0.5)]
    transitive = rng.random() < 0.5
    verb = frequent(rng, words(VERB, "handling" if transitive else "idling"))
    predicate = _predicate(rng, verb, plural, fault)
    has_object = transitive != (fault == "argument")
    objects = _noun_phrase(rng, words(NOUN, f"{domain} things"), rng.random() < 0.5) if has_object else []
    if fault == "missing":
        return _without_a_head(rng, subject, predicate, objects)
    if fault == "extra":
        return _with_a_double(rng, subject, predicate, objects)
    return subject + predicate + objects


def _noun_phrase(rng: Random, nouns: tuple[Synset, ...], plural: bool, scrambled: bool = False) -> list[str]:
    determiner = rng.choice(_PLURAL if plural else _SINGULAR)
    noun = pick(rng, frequent(rng, nouns), "NNS" if plural else "NN")
    adjective = [pick(rng, rng.choice(words(ADJECTIVE, rng.choice(_ADJECTIVES))), "JJ")] if rng.random() < 0.2 else []
    if determiner == "a" and (adjective or [noun])[0][0] in "aeiou":
        determiner = "an"
    return [*adjective, noun, determiner] if scrambled else [determiner, *adjective, noun]


def _predicate(rng: Random, verb: Synset, plural: bool, fault: str | None) -> list[str]:
    """The verb group; the faults ``agreement`` and ``form`` arise here."""
    if fault == "agreement":
        plural = not plural
    frames = [
        ("have" if plural else "has", "VBN"),
        ("are" if plural else "is", "VBG"),
        ("", "VB" if plural else "VBZ"),
    ]
    if fault != "agreement":
        frames.append(("will", "VB"))
    if fault != "form":
        auxiliary, tag = rng.choice(frames)
    else:
        auxiliary, tag = rng.choice([frame for frame in frames if frame[0]])
        tag = rng.choice([wrong for wrong in ("VB", "VBN", "VBG") if wrong != tag])
    return [*([auxiliary] if auxiliary else []), pick(rng, verb, tag)]


def _without_a_head(rng: Random, subject: list[str], predicate: list[str], objects: list[str]) -> list[str]:
    if objects and rng.random() < 0.5:
        return subject + predicate + objects[:-1]
    return subject + predicate[:-1] + objects


def _with_a_double(rng: Random, subject: list[str], predicate: list[str], objects: list[str]) -> list[str]:
    if rng.random() < 0.5:
        return [rng.choice(("the", "this")), *subject, *predicate, *objects]
    return subject + predicate + [pick(rng, frequent(rng, words(VERB, "idling")), "VB")] + objects
