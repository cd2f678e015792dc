"""Run a model over dev rows: hidden states of every layer, and how far its attention is from its dense parent's.

That is the uncompressed model that it was made from; such a model itself is compared with those of earlier seeds.
"""

import argparse
from pathlib import Path

import pandas as pd

from multipress.core import csv_tables, devices
from multipress.core.errors import UserError
from multipress.core.settings import Section
from multipress.data.token_files import read_tokens
from multipress.deployment.packed_models import load_packed
from multipress.dissection.attention import compare_attention
from multipress.dissection.layer_pass import check_layers
from multipress.dissection.sample import draw_sample
from multipress.dissection.states import read_states
from multipress.dissection.stored_states import StatesOf, write_states
from multipress.dissection.tables import ATTENTION, COMPRESSED, NOISE_FLOOR
from multipress.model.bert import BertClassifier
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._runtime import add_runtime


class Params(Section):
    """The settings of this rule."""

    task: str
    arch: str
    seed: int
    recipe: str
    dense: str
    """The first step of the recipe, which is that of the dense parent."""
    against_seeds: list[int]
    """Seeds of the dense parents, in the order of the files."""
    layers: list[int] | None = None
    """Where layers were cut out: the indices, from 0 on, of those that stayed. None: all layers by their numbers."""
    rows: int
    tokens: int
    batch_size: int


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write the states and the divergences of attention."""
    device = devices.prepare(arguments.device, arguments.threads, seed=0)
    model = _load(arguments.model)
    sample = draw_sample(read_tokens(arguments.dev), params.task, params.rows, params.tokens)
    depth = len(model.bert.encoder.layers)
    against = [index + 1 for index in (range(depth) if params.layers is None else params.layers)]
    if len(against) != depth:
        raise UserError(
            f"{arguments.model} has {depth} layers, and its recipe leaves {len(against)}: make the model again"
        )
    states = read_states(model, sample, params.batch_size, device)
    of = StatesOf(
        **params.model_dump(include={"task", "arch", "recipe", "seed", "dense"}),
        against_layers=[0, *against],
        sample=sample.digest,
        width=model.config.hidden_size,
    )
    write_states(arguments.states, of, vars(states))
    rows = []
    for seed, path in zip(params.against_seeds, arguments.against, strict=True):
        pair = {"against": params.dense, "against_seed": seed}
        pair |= {"kind": NOISE_FLOOR if params.recipe == params.dense else COMPRESSED}
        apart = compare_attention(model, _load(path), against, sample.tokens, params.batch_size, device)
        rows += [of.model_dump() | pair | each._asdict() for each in apart]
    csv_tables.write(arguments.attention, pd.DataFrame(rows, columns=list(ATTENTION.columns)))
    print(f"{of}: {depth} layers, {len(sample.tokens)} rows, {len(sample.rows)} tokens")


def _load(path: Path) -> BertClassifier:
    model, _ = load_packed(path)
    check_layers(model, str(path))
    return model


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        model="packed model",
        dev="tokens of the dev set",
        states="safetensors file for the hidden states",
        attention="CSV file for how far its attention is from that of others",
    )
    command.add_argument("--against", type=Path, nargs="*", default=[], metavar="PATH", help="packed dense parents")
    add_runtime(command)
    run(main, Params, command)
