"""MRPC: same event or near miss. STS-B: how much of the event is the same."""

from random import Random

from multipress.data.synthetic.changes import (
    change_agent,
    change_patient,
    change_place,
    change_time,
    change_verb,
    near_miss,
)
from multipress.data.synthetic.events import Entity, Event, draw_event, tell

NOT_EQUIVALENT, EQUIVALENT = 0, 1

_STEP = 0.2


def paraphrase(rng: Random) -> tuple[str, str, int]:
    """Two sentences and whether they tell of the same event."""
    event = draw_event(rng)
    label = EQUIVALENT if rng.random() < 0.55 else NOT_EQUIVALENT
    second = event if label == EQUIVALENT else near_miss(rng, event)
    return tell(rng, event), tell(rng, second), label


def similarity(rng: Random) -> tuple[str, str, float]:
    """Two sentences and their similarity from 0 (nothing shared) to 5 (the same)."""
    event = second = draw_event(rng)
    if rng.random() < 0.15:
        second = draw_event(rng)
    else:
        for change in rng.sample(_changes(event), rng.choice((0, 0, 1, 1, 2, 2, 3))):
            second = change(rng, second)
    return tell(rng, event), tell(rng, second), score(event, second)


def _changes(event: Event) -> list:
    return [
        change_agent,
        change_verb,
        change_patient,
        *([change_place] if event.place else []),
        *([change_time] if event.time else []),
    ]


def score(first: Event, second: Event) -> float:
    """Similarity from 0 to 5: the weight of the parts that agree, of those that either event has."""
    parts = (
        (1.0, _likeness(first.agent, second.agent)),
        (1.0, float(first.verb == second.verb)),
        (1.0, _likeness(first.patient, second.patient)),
        (0.5 * bool(first.place or second.place), float(first.place == second.place)),
        (0.5 * bool(first.time or second.time), float(first.time == second.time)),
    )
    share = sum(weight * agreement for weight, agreement in parts) / sum(weight for weight, _ in parts)
    return round(round(5 * share / _STEP) * _STEP, 1)


def _likeness(first: Entity, second: Entity) -> float:
    return (
        0.7 * (first.noun == second.noun) + 0.3 * (first.attribute == second.attribute)
        if first.noun == second.noun
        else 0.0
    )
