"""Unlabelled text: sentences like those of the tasks."""

from dataclasses import replace
from random import Random

from multipress.data.synthetic.acceptability import acceptable_sentence
from multipress.data.synthetic.events import DOMAINS, UNSEEN_DOMAIN, Event, describe, draw_event
from multipress.data.synthetic.opinions import verdict
from multipress.data.synthetic.questions import ASKED, ask


def paragraph(rng: Random) -> str:
    """One line: an event in two sentences, a question and its answer, a review, or a plain sentence."""
    return rng.choices((_retelling, _dialogue, _review, acceptable_sentence), (40, 15, 20, 25))[0](rng)


def _retelling(rng: Random) -> str:
    event = replace(_draw_anywhere(rng), negated=rng.random() < 0.15)
    return f"{describe(rng, event)} {describe(rng, event)}"


def _dialogue(rng: Random) -> str:
    event = _draw_anywhere(rng)
    return f"{ask(rng, rng.choice(ASKED), event)} {describe(rng, event)}"


def _review(rng: Random) -> str:
    return " ".join(verdict(rng, follows=True))


def _draw_anywhere(rng: Random) -> Event:
    return draw_event(rng, rng.choice((*DOMAINS, UNSEEN_DOMAIN)))
