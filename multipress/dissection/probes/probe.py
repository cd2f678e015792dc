"""A model's rows of probes.csv: what each probe finds in each of its layers."""

from typing import Any

import numpy as np

from multipress.dissection.probes.examples import Examples, ProbeSet
from multipress.dissection.probes.regression import Split, ask, majority, splits
from multipress.dissection.probes.settings import KINDS
from multipress.dissection.probes.states import States

_FEWEST_TEXTS = 8
"""Texts that a probe must be left with, some to learn from and some to ask."""


def probe_rows(states: dict[str, States], examples: Examples) -> list[dict[str, Any]]:
    """A row for each probe and layer; one without a layer for each probe that has no examples, which says why.

    Args:
        states: of each probe that has examples, by its name.
        examples: of all probes.
    """
    rows = []
    for name in (name for name in KINDS if name in examples.sets):
        asked = examples.sets[name]
        same = {"probe": name, "kind": asked.kind, "n_examples": len(asked.labels)}
        if asked.left_out:
            rows.append(same | {"note": asked.left_out})
        else:
            rows += [same | row for row in _of_layers(states[name], asked, examples.words(name))]
    return rows


def _of_layers(states: States, asked: ProbeSet, words: list[str]) -> list[dict[str, Any]]:
    labels, sources = np.asarray(asked.labels)[states.kept], np.asarray(asked.sources)[states.kept]
    kept_words = [words[number] for number in states.kept] if words else None
    cut = len(asked.labels) - len(labels)
    if len(np.unique(sources)) < _FEWEST_TEXTS:
        return [{"note": f"tokenize.max_length cuts {cut} of {len(asked.labels)} examples: too few are left"}]
    parts = splits(labels, sources, asked.dev_texts, kept_words)
    same = {
        "majority": majority(labels, parts),
        "n_examples": len(labels),
        "n_labels": len(np.unique(labels)),
        "training_texts": asked.training_texts(sources.tolist()),
        "note": f"left out, for tokenize.max_length cuts them: {cut} of {len(asked.labels)} examples" if cut else "",
    }
    return [same | {"layer": layer} | _of_layer(layers, labels, parts) for layer, layers in enumerate(states.layers)]


def _of_layer(states: np.ndarray, labels: np.ndarray, parts: list[Split]) -> dict[str, float]:
    answer = ask(states, labels, parts)
    found = {"accuracy": answer.accuracy, "low": answer.low, "high": answer.high}
    if answer.control is not None:
        found |= {"control_accuracy": answer.control, "selectivity": answer.accuracy - answer.control}
    return found
