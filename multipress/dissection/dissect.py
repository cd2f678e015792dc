"""Each model's states against those of its dense parent, and dense parents of several seeds against each other.

One layer of two models is in memory at a time, however many models there are.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from multipress.core.errors import UserError
from multipress.dissection.complexity import components, participation_ratio, two_nn
from multipress.dissection.similarity import Centred, similarities, unbiased_cka
from multipress.dissection.stored_states import StoredStates
from multipress.dissection.tables import COMPLEXITY, COMPRESSED, NOISE_FLOOR, SIMILARITY

_ENOUGH = 10
"""Tokens for each unit of width that PWCCA wants."""

_Row = dict[str, Any]


def dissect(paths: Sequence[Path]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of similarity and complexity, rows in the order of the files.

    Args:
        paths: files of states; with each model its dense parent's of the same seed.

    Raises:
        UserError: a file is missing or damaged, or two that belong together are not of the same tokens or width.
    """
    files = [StoredStates(path) for path in paths]
    pairs, models = [], []
    for parent in (file for file in files if file.of.recipe == file.of.dense):
        others = [file for file in files if _is_compared(file, parent, files)]
        for other in others:
            _check(other, parent)
        found, alone = _of_parent(parent, others)
        pairs += found
        models += alone
    _check_parents(files, models)
    places = {str(file.of): number for number, file in enumerate(files)}
    return _table(pairs, SIMILARITY.columns, places), _table(models, COMPLEXITY.columns, places)


def _is_compared(file: StoredStates, parent: StoredStates, files: Sequence[StoredStates]) -> bool:
    """Whether a model is made from this dense parent, or is the same of a later seed."""
    of, dense = file.of, parent.of
    if (of.task, of.arch, of.dense) != (dense.task, dense.arch, dense.recipe):
        return False
    if of.recipe != of.dense:
        return of.seed == dense.seed
    return files.index(file) > files.index(parent)


def _check(file: StoredStates, parent: StoredStates) -> None:
    of, dense = file.of, parent.of
    if of.sample != dense.sample:
        raise UserError(f"{file.path} and {parent.path} are not of the same tokens: delete both and rerun represent")
    if of.width != dense.width:
        raise UserError(
            f"the states of {of} have {of.width} units, those of its dense parent {dense.width}: "
            "models of one width alone are compared; leave it out of dissection.recipes"
        )


def _check_parents(files: Sequence[StoredStates], models: Sequence[_Row]) -> None:
    known = {_name(row) for row in models}
    if orphan := next((file.of for file in files if str(file.of) not in known), None):
        raise UserError(f"there are states of {orphan} and none of its dense parent {orphan.dense}: give both")


def _of_parent(parent: StoredStates, others: Sequence[StoredStates]) -> tuple[list[_Row], list[_Row]]:
    """Rows of all others' layers against the parent's, and rows of single layers but for those of other parents."""
    pairs, models = [], []
    for layer in range(len(parent.of.against_layers)):
        states = parent.read("tokens", layer)
        dense, means = Centred(states), Centred(parent.read("mean", layer))
        models.append(_complexity(parent, layer, states, dense))
        for other in others:
            for own in _layers_from(other, layer):
                states = other.read("tokens", own)
                centred = Centred(states)
                similar = similarities(centred, dense)._asdict()
                of_means = unbiased_cka(Centred(other.read("mean", own)), means)
                tokens, width = centred.values.shape
                if tokens < width:
                    del similar["pwcca"]
                pairs.append(
                    _pair(other, parent, own, layer)
                    | {"tokens": tokens, **similar, "cka_mean": of_means, "note": _note(tokens, width)}
                )
                if other.of.recipe != other.of.dense:
                    models.append(_complexity(other, own, states, centred))
    return pairs, models


def _layers_from(file: StoredStates, layer: int) -> Iterator[int]:
    """The layers that are compared with this one of the dense parent."""
    return (own for own, theirs in enumerate(file.of.against_layers) if theirs == layer)


def _pair(file: StoredStates, parent: StoredStates, layer: int, against_layer: int) -> _Row:
    return _model(file) | {
        "kind": NOISE_FLOOR if file.of.recipe == file.of.dense else COMPRESSED,
        "against": parent.of.recipe,
        "against_seed": parent.of.seed,
        "layer": layer,
        "against_layer": against_layer,
    }


def _complexity(file: StoredStates, layer: int, states: Any, centred: Centred) -> _Row:
    return _model(file) | {
        "layer": layer,
        "tokens": len(states),
        "participation_ratio": participation_ratio(centred),
        "components_90": components(centred),
        "two_nn": two_nn(states),
    }


def _model(file: StoredStates) -> _Row:
    return file.of.model_dump(include={"task", "arch", "recipe", "seed"})


def _name(row: _Row) -> str:
    return f"{row['task']}/{row['arch']}/seed{row['seed']}/{row['recipe']}"


def _note(tokens: int, width: int) -> str:
    """What is wrong with PWCCA of so few tokens; empty if nothing is."""
    if tokens >= _ENOUGH * width:
        return ""
    wanted = f"of width {width} pwcca wants {_ENOUGH * width} tokens"
    return f"{wanted}; below {width} it means nothing" if tokens < width else wanted


def _table(rows: list[_Row], columns: Sequence[str], places: dict[str, int]) -> pd.DataFrame:
    """The rows by model, in the order of the files, and layer."""
    rows.sort(key=lambda row: (places[_name(row)], row.get("against_seed", 0), row["layer"]))
    return pd.DataFrame(rows, columns=list(columns))
