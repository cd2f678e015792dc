"""MRPC: same event or near miss. STS-B: how much of the event is the same."""

from random import Random

from multipress.data.synthetic.changes import near_miss, possible_changes, swap_roles
from multipress.data.synthetic.events import DOMAINS, Entity, Event, describe, draw_event
from multipress.data.synthetic.opinions import comparison

NOT_EQUIVALENT, EQUIVALENT = 0, 1

_STEP = 0.2


def paraphrase(rng: Random) -> tuple[str, str, int]:
    """Two sentences and whether they describe the same event."""
    event = draw_event(rng)
    label = EQUIVALENT if rng.random() < 0.55 else NOT_EQUIVALENT
    second = event if label == EQUIVALENT else near_miss(rng, event)
    return describe(rng, event), describe(rng, second), label


def similarity(rng: Random) -> tuple[str, str, float]:
    """Two sentences and their similarity from 0 (nothing shared) to 5 (the same).

    Two thirds of the pairs are opinions, the rest events.
    """
    if rng.random() < 2 / 3:
        return comparison(rng)
    event = second = draw_event(rng)
    if rng.random() < 0.35:
        second = draw_event(rng, rng.choice([domain for domain in DOMAINS if domain != event.domain]))
    else:
        changes = [change for change in possible_changes(event) if change is not swap_roles]
        for change in rng.sample(changes, rng.choice((0, 1, 1, 2, 2, 3))):
            second = change(rng, second)
    return describe(rng, event), describe(rng, second), score(event, second)


def score(first: Event, second: Event) -> float:
    """Similarity from 0 to 5: the weight of the parts that agree, of those that either event has.

    If one event is denied and the other is not, half of it is lost.
    """
    parts = (
        (1.0, _likeness(first.agent, second.agent)),
        (1.0, float(first.verb == second.verb)),
        (1.0, _likeness(first.patient, second.patient)),
        (0.7 * bool(first.place or second.place), float(first.place == second.place)),
        (0.7 * bool(first.time or second.time), float(first.time == second.time)),
    )
    share = sum(weight * agreement for weight, agreement in parts) / sum(weight for weight, _ in parts)
    if first.negated != second.negated:
        share /= 2
    return round(round(5 * share / _STEP) * _STEP, 1)


def _likeness(first: Entity, second: Entity) -> float:
    if first.noun != second.noun:
        return 0.0
    return 1.0 if first.attribute == second.attribute else 0.7
