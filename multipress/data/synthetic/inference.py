"""MNLI and RTE: does a hypothesis follow from a premise?"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from multipress.data.lexicon import NOUN, words
from multipress.data.synthetic.changes import (
    change_attribute,
    change_patient,
    change_place,
    change_time,
    negate,
    opposite,
    swap_roles,
)
from multipress.data.synthetic.events import TIMES, Event, describe, draw_attribute, draw_event, frequent
from multipress.data.synthetic.opinions import verdict

ENTAILMENT, NEUTRAL, CONTRADICTION = 0, 1, 2
NOT_ENTAILMENT = 1


def three_way(rng: Random, domain: str | None = None) -> tuple[str, str, int]:
    """MNLI: premise, hypothesis and whether that follows, may be, or cannot be."""
    premise = draw_event(rng, domain)
    label = rng.choice((ENTAILMENT, NEUTRAL, CONTRADICTION))
    hypothesis = (follow, extend, contradict)[label](rng, premise)
    return describe(rng, premise), describe(rng, hypothesis), label


def two_way(rng: Random) -> tuple[str, str, int]:
    """RTE: premise, hypothesis and whether that follows; two thirds are opinions, the rest events."""
    label = rng.choice((ENTAILMENT, NOT_ENTAILMENT))
    if rng.random() < 2 / 3:
        return *verdict(rng, follows=label == ENTAILMENT), label
    premise = draw_event(rng)
    ways = (follow,) if label == ENTAILMENT else (contradict, contradict, extend, stray)
    return describe(rng, premise), describe(rng, rng.choice(ways)(rng, premise)), label


def follow(rng: Random, premise: Event) -> Event:
    """The premise with some of its details forgotten."""
    return replace(
        premise,
        agent=premise.agent if rng.random() < 0.5 else replace(premise.agent, attribute=None),
        patient=premise.patient if rng.random() < 0.5 else replace(premise.patient, attribute=None),
        place=premise.place if rng.random() < 0.5 else None,
        time=premise.time if rng.random() < 0.5 else None,
    )


def extend(rng: Random, premise: Event) -> Event:
    """What follows, with a detail that the premise leaves open."""
    place = frequent(rng, words(NOUN, f"{premise.domain} places"))
    time = rng.choice(TIMES)
    agent = replace(premise.agent, attribute=draw_attribute(rng, premise.agent))
    patient = replace(premise.patient, attribute=draw_attribute(rng, premise.patient))
    details: list[tuple[object, Callable[[Event], Event]]] = [
        (premise.place, lambda event: replace(event, place=place)),
        (premise.time, lambda event: replace(event, time=time)),
        (premise.agent.attribute, lambda event: replace(event, agent=agent)),
        (premise.patient.attribute, lambda event: replace(event, patient=patient)),
    ]
    additions = [add for known, add in details if known is None]
    if not additions:
        return stray(rng, premise)
    add = rng.choice(additions)
    return add(follow(rng, premise))


def contradict(rng: Random, premise: Event) -> Event:
    """What cannot be if the premise is true: the negation, the opposite, another colour, place or time."""
    changes = [negate]
    if premise.place:
        changes.append(change_place)
    if premise.time:
        changes.append(change_time)
    if premise.patient.attribute:
        changes.append(change_attribute)
    return frequent(rng, [*changes, opposite])(rng, premise)


def stray(rng: Random, premise: Event) -> Event:
    """An event of which the premise says nothing: roles exchanged, or another patient."""
    if premise.is_reversible and rng.random() < 0.3:
        return swap_roles(rng, premise)
    return change_patient(rng, follow(rng, premise))
