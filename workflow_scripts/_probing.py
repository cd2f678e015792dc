"""What the rules that probe a model share, be it trained or not."""

import argparse
from typing import Any

import pandas as pd
import torch

from multipress.core import csv_tables
from multipress.core.settings import Section
from multipress.data.tokenization import read_tokenizer
from multipress.dissection.probes.examples import read_examples
from multipress.dissection.probes.probe import probe_rows
from multipress.dissection.probes.states import encode_texts, read_states
from multipress.dissection.probes.tables import PROBES, WHOLE_NUMBERS
from multipress.model.bert import BertClassifier
from workflow_scripts._command import add_paths, parser
from workflow_scripts._runtime import add_runtime


class Params(Section):
    """The settings of both rules."""

    task: str
    arch: str
    batch_size: int
    max_length: int
    """Tokens of a text; the rest is cut."""


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The arguments of both rules."""
    result = parser(description)
    add_paths(result, examples="examples of the task's probes", tokenizer="tokenizer.json", output="CSV file to write")
    add_runtime(result)
    return result


def write_probes(
    model: BertClassifier, of: dict[str, Any], params: Params, parsed: argparse.Namespace, device: torch.device
) -> None:
    """Write the model's rows of probes.csv, which begin with the columns ``of``."""
    from threadpoolctl import threadpool_limits  # which sets a variable when it is imported

    examples = read_examples(parsed.examples)
    with_examples = {name: each for name, each in examples.sets.items() if not each.left_out}
    states = {}
    if with_examples:
        texts = encode_texts(examples, read_tokenizer(parsed.tokenizer), params.max_length)
        states = read_states(model, texts, with_examples, params.batch_size, device)
    with threadpool_limits(parsed.threads):
        rows = [of | row for row in probe_rows(states, examples)]
    table = pd.DataFrame(rows).reindex(columns=list(PROBES.columns))
    csv_tables.write(parsed.output, table.astype(WHOLE_NUMBERS))
    for row in rows:
        if row["note"]:
            print(f"{row['probe']}: {row['note']}")
    print(f"{len(rows)} rows: {parsed.output}")
