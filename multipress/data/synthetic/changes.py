"""Change one part of an event's meaning."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from multipress.data.lexicon import ADJECTIVE, NOUN, VERB, Synset, words
from multipress.data.synthetic.events import (
    DOMAINS,
    PERSON_ATTRIBUTES,
    THING_ATTRIBUTES,
    TIMES,
    Entity,
    Event,
    frequent,
)

Change = Callable[[Random, Event], Event]


def near_miss(rng: Random, event: Event) -> Event:
    """The event with one part changed."""
    return frequent(rng, possible_changes(event))(rng, event)


def possible_changes(event: Event) -> list[Change]:
    """Every change of a part that the event has, those first that are easiest to see."""
    conditions: list[tuple[Change, object]] = [
        (negate, True),
        (change_agent, True),
        (change_patient, True),
        (change_verb, True),
        (swap_roles, event.is_reversible),
        (change_attribute, event.patient.attribute),
        (change_place, event.place),
        (change_time, event.time),
    ]
    return [change for change, applies in conditions if applies]


def change_agent(rng: Random, event: Event) -> Event:
    """Someone else did it."""
    people = words(NOUN, f"{_a_domain(rng, event)} people")
    return replace(event, agent=Entity(_other(rng, people, event.agent.noun, event.patient.noun)))


def change_patient(rng: Random, event: Event) -> Event:
    """It was done to someone or something else."""
    nouns = words(NOUN, f"{_a_domain(rng, event)} {'people' if event.is_reversible else 'things'}")
    return replace(event, patient=replace(event.patient, noun=_other(rng, nouns, event.agent.noun, event.patient.noun)))


def change_verb(rng: Random, event: Event) -> Event:
    """Something else was done, half of the time the opposite."""
    verbs = words(VERB, "treating" if event.is_reversible else "handling")
    return opposite(rng, event) if rng.random() < 0.5 else replace(event, verb=_other(rng, verbs, event.verb))


def opposite(rng: Random, event: Event) -> Event:
    """The opposite was done: the lexicon lists opposite verbs as neighbours."""
    verbs = words(VERB, "treating" if event.is_reversible else "handling")
    return replace(event, verb=verbs[verbs.index(event.verb) ^ 1])


def change_attribute(rng: Random, event: Event) -> Event:
    """The patient has another value of the same attribute: blue for red."""
    kinds = [words(ADJECTIVE, kind) for kind in THING_ATTRIBUTES + PERSON_ATTRIBUTES]
    values = next(values for values in kinds if event.patient.attribute in values)
    return replace(event, patient=replace(event.patient, attribute=_other(rng, values, event.patient.attribute)))


def change_place(rng: Random, event: Event) -> Event:
    """It happened elsewhere."""
    return replace(event, place=_other(rng, words(NOUN, f"{_a_domain(rng, event)} places"), event.place))


def change_time(rng: Random, event: Event) -> Event:
    """It happened at another time."""
    return replace(event, time=rng.choice([time for time in TIMES if time != event.time]))


def swap_roles(rng: Random, event: Event) -> Event:
    """Agent and patient exchange their roles."""
    return replace(event, agent=event.patient, patient=event.agent)


def negate(rng: Random, event: Event) -> Event:
    """It did not happen, or it did after all."""
    return replace(event, negated=not event.negated)


def _a_domain(rng: Random, event: Event) -> str:
    """The event's own domain, or often another: words of another domain are easier to distinguish."""
    return event.domain if rng.random() < 0.2 else rng.choice([domain for domain in DOMAINS if domain != event.domain])


def _other(rng: Random, synsets: tuple[Synset, ...], *excluded: Synset | None) -> Synset:
    return rng.choice([synset for synset in synsets if synset not in excluded])
