"""QQP and QNLI: questions about events."""

from random import Random

from multipress.data.synthetic.changes import change_agent, change_patient, change_verb
from multipress.data.synthetic.events import Event, describe, draw_event, noun_phrase, pick, place_phrase, sentence

NOT_DUPLICATE, DUPLICATE = 0, 1
ANSWERS, NO_ANSWER = 0, 1

ASKED = ("who", "what", "where", "when", "why")
_PRESUPPOSED = {"who": (change_verb, change_patient), "what": (change_verb, change_agent)}
"""Changes of what a question takes for granted; the questions not named here take all three."""


def duplicate(rng: Random) -> tuple[str, str, int]:
    """QQP: two questions and whether they ask the same."""
    event, asked = draw_event(rng), rng.choice(ASKED)
    first = ask(rng, asked, event)
    if rng.random() < 0.45:
        return first, ask(rng, asked, event), DUPLICATE
    if rng.random() < 0.5:
        asked = rng.choice([word for word in ASKED if word != asked])
        return first, ask(rng, asked, event), NOT_DUPLICATE
    return first, ask(rng, asked, _miss(rng, asked, event)), NOT_DUPLICATE


def answerable(rng: Random) -> tuple[str, str, int]:
    """QNLI: a question, and a sentence that answers it or not."""
    event = draw_event(rng)
    known = ["who", "what", *(["where"] if event.place else []), *(["when"] if event.time else [])]
    if rng.random() < 0.5:
        return ask(rng, rng.choice(known), event), describe(rng, event), ANSWERS
    if rng.random() < 0.6:
        unknown = rng.choice([word for word in ASKED if word not in known])
        return ask(rng, unknown, event), describe(rng, event), NO_ANSWER
    asked = rng.choice(known)
    return ask(rng, asked, event), describe(rng, _miss(rng, asked, event)), NO_ANSWER


def ask(rng: Random, asked: str, event: Event) -> str:
    """A question for the event's agent (``who``), patient (``what``), place, time or reason."""
    patient = noun_phrase(rng, event.patient)
    if asked == "who":
        clause = f"who {pick(rng, event.verb, 'VBD')} {patient}"
    elif asked == "what":
        word = "whom" if event.is_reversible else "what"
        clause = f"{word} did {noun_phrase(rng, event.agent)} {pick(rng, event.verb, 'VB')}"
    elif rng.random() < 0.3:
        clause = f"{asked} was {patient} {pick(rng, event.verb, 'VBN')} by {noun_phrase(rng, event.agent)}"
    else:
        clause = f"{asked} did {noun_phrase(rng, event.agent)} {pick(rng, event.verb, 'VB')} {patient}"
    return sentence(clause if asked == "where" else clause + place_phrase(rng, event), "?")


def _miss(rng: Random, asked: str, event: Event) -> Event:
    """An event for which the question does not arise."""
    return rng.choice(_PRESUPPOSED.get(asked, (change_verb, change_agent, change_patient)))(rng, event)
