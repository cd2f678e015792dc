"""Events – who did what to whom, where and when – and the sentences that describe them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from multipress.data.lexicon import ADJECTIVE, NOUN, VERB, Synset, inflect, words

Item = TypeVar("Item")

DOMAINS = ("market", "school", "farm")
UNSEEN_DOMAIN = "harbour"
TIMES = ("yesterday", "today", "this morning", "last week", "last night", "on Monday", "on Friday", "after lunch")

THING_ATTRIBUTES = ("colour", "size", "age", "price")
PERSON_ATTRIBUTES = ("mood", "wealth", "years", "mind")


@dataclass(frozen=True)
class Entity:
    """A person or thing and at most one attribute of it."""

    noun: Synset
    attribute: Synset | None = None


@dataclass(frozen=True)
class Event:
    """What happened; ``place`` and ``time`` may be unknown."""

    domain: str
    agent: Entity
    verb: Synset
    patient: Entity
    place: Synset | None = None
    time: str | None = None
    negated: bool = False

    @property
    def is_reversible(self) -> bool:
        """Whether agent and patient could exchange their roles, both being persons."""
        return self.verb in words(VERB, "treating")


def draw_event(rng: Random, domain: str | None = None, detail: float = 0.4, reversible: float = 0.4) -> Event:
    """A random event; each attribute, the place and the time are given with probability ``detail``."""
    domain = domain or frequent(rng, DOMAINS)
    people = words(NOUN, f"{domain} people")
    if rng.random() < reversible:
        agent = Entity(frequent(rng, people))
        patient = Entity(frequent(rng, [noun for noun in people if noun != agent.noun]))
        verb = frequent(rng, words(VERB, "treating"))
    else:
        agent, patient = Entity(frequent(rng, people)), Entity(frequent(rng, words(NOUN, f"{domain} things")))
        verb = frequent(rng, words(VERB, "handling"))
    return Event(
        domain,
        replace(agent, attribute=draw_attribute(rng, agent)) if rng.random() < detail else agent,
        verb,
        replace(patient, attribute=draw_attribute(rng, patient)) if rng.random() < detail else patient,
        frequent(rng, words(NOUN, f"{domain} places")) if rng.random() < detail else None,
        rng.choice(TIMES) if rng.random() < detail else None,
    )


def draw_attribute(rng: Random, entity: Entity) -> Synset:
    """An attribute that suits the person or thing."""
    is_thing = any(entity.noun in words(NOUN, f"{domain} things") for domain in (*DOMAINS, UNSEEN_DOMAIN))
    return frequent(rng, words(ADJECTIVE, rng.choice(THING_ATTRIBUTES if is_thing else PERSON_ATTRIBUTES)))


def frequent(rng: Random, items: Sequence[Item]) -> Item:
    """One of the items, the earlier the likelier: words are not equally frequent, and rare ones are harder to learn."""
    return items[int(len(items) * rng.random() ** 2)]


def describe(rng: Random, event: Event, passive: float = 0.3) -> str:
    """A sentence that describes the event: synonyms, voice (``passive``: its probability) and order vary."""
    agent, patient = noun_phrase(rng, event.agent), noun_phrase(rng, event.patient)
    if rng.random() < passive:
        clause = f"{patient} was {'not ' * event.negated}{pick(rng, event.verb, 'VBN')} by {agent}"
    elif event.negated:
        clause = f"{agent} did not {pick(rng, event.verb, 'VB')} {patient}"
    else:
        clause = f"{agent} {pick(rng, event.verb, 'VBD')} {patient}"
    clause += place_phrase(rng, event)
    if not event.time:
        return sentence(clause)
    return sentence(f"{event.time} {clause}" if rng.random() < 0.4 else f"{clause} {event.time}")


def noun_phrase(rng: Random, entity: Entity) -> str:
    """``the red car``."""
    noun = pick(rng, entity.noun, "NN")
    return f"the {pick(rng, entity.attribute, 'JJ')} {noun}" if entity.attribute else f"the {noun}"


def place_phrase(rng: Random, event: Event) -> str:
    """A space and ``in the kitchen``; empty where the place is unknown."""
    return f" in the {pick(rng, event.place, 'NN')}" if event.place else ""


def pick(rng: Random, synset: Synset, tag: str) -> str:
    """One of the synonyms, inflected."""
    return inflect(rng.choice(synset.lemmas), tag)


def sentence(text: str, mark: str = ".") -> str:
    """The text with a capital and a final mark."""
    return text[0].upper() + text[1:] + mark
