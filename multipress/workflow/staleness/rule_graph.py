"""Which rules follow which: Snakemake's own graph of the tests' small study, with the data from each source in turn.

A node is a rule, or ``rule:split`` where a rule works on several kinds of splits: ``tokenize:train``, ``tokenize:dev``.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy
from safetensors.numpy import save_file

from multipress.core.files import write_json
from multipress.data.tokenizer.form import SpecialTokens
from multipress.model.config import BertConfig
from multipress.model.tensor_names import encoder_shapes
from multipress.workflow.environment import ROOT
from multipress.workflow.snakemake_api import PlannedJob, dry_run

_SMALL = ("config/demo.yaml", "tests/workflow/tiny.yaml")
STUDIES = {
    "synthetic": _SMALL,
    "hub": (*_SMALL, "tests/workflow/hub.yaml"),
    "folder": (*_SMALL, "tests/workflow/folder.yaml"),
}
"""Configuration files of the study, by where its data, tokenizer and encoders come from."""

SOURCES = (
    *(f"glue{copy}/stsb/{split}.csv" for copy in ("", "2") for split in ("train", "validation")),
    *(f"glue{copy}/mnli/{split}.csv" for copy in ("", "2") for split in ("train", "validation_matched")),
    *(f"glue{copy}/mnli/validation_mismatched.csv" for copy in ("", "2")),
    *(f"{task}/{split}.csv" for task in ("mood", "weather", "weather2") for split in ("train", "validation")),
    "weather/other.csv",
    *(f"vocabulary{copy}/vocab.txt" for copy in ("", "2")),
    "text.txt",
)
"""Files of the user that the studies, or changes to their configurations, may name."""

ENCODERS = {
    "micro": {"num_hidden_layers": 3, "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 16},
    "nano": {"num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 16},
}
"""Encoders of the user that they may name; planning looks at their shapes."""


def add_sources(folder: Path) -> None:
    """Make those of the user's files that a folder lacks: empty, but for vocabularies and encoders of zeros."""
    for path in (folder / name for name in SOURCES):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{token}\n" for token in SpecialTokens()) if path.name == "vocab.txt" else "")
    for copy in ("", "2"):
        for arch, shape in ENCODERS.items():
            _add_encoder(folder / f"encoders{copy}" / arch, BertConfig(vocab_size=5, **shape))


def _add_encoder(folder: Path, config: BertConfig) -> None:
    if folder.exists():
        return
    folder.mkdir(parents=True)
    write_json(folder / "config.json", config.model_dump(mode="json"))
    zeros = {name: numpy.zeros(shape, numpy.float32) for name, shape in encoder_shapes(config).items()}
    save_file(zeros, folder / "model.safetensors")


def follow(first: Iterable[str]) -> list[str]:
    """The rules that rerun when those nodes do, they themselves included, in the order of the graph."""
    followers = _followers()
    found: set[str] = set()
    waiting = [node for name in first for node in _nodes(name)]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += followers[node]
    return list(dict.fromkeys(_rule(node) for node in followers if node in found))


def _nodes(name: str) -> list[str]:
    """The node of that name, or all nodes of a rule.

    Raises:
        ValueError: there is none.
    """
    nodes = [node for node in _followers() if name in (node, _rule(node))]
    if not nodes:
        raise ValueError(f"the graph has no rule {name}: it has {', '.join(_followers())}")
    return nodes


def _rule(node: str) -> str:
    return node.partition(":")[0]


@cache
def _followers() -> dict[str, set[str]]:
    """The nodes that read the files of each node, in the order of the graph."""
    edges: dict[str, set[str]] = defaultdict(set)
    rules: list[str] = []
    with TemporaryDirectory() as name:
        add_sources(Path(name))
        for files in STUDIES.values():
            with dry_run(configfiles=[ROOT / file for file in files], folder=Path(name)) as graph:
                rules = graph.rules
                _add_edges(edges, graph.jobs())
    return {node: edges[node] for node in _sorted(edges, rules)}


def _add_edges(edges: dict[str, set[str]], jobs: list[PlannedJob]) -> None:
    makers = {file: _node(job) for job in jobs for file in job.outputs}
    for job in jobs:
        edges[_node(job)] |= set()
        for file in job.tracked_inputs:
            if file in makers:
                edges[makers[file]].add(_node(job))


def _node(job: PlannedJob) -> str:
    split = job.wildcards.get("split")
    if split is None:
        return job.rule
    return f"{job.rule}:{'dev' if split.startswith(('dev', 'validation')) else split}"


def _sorted(edges: dict[str, set[str]], rules: list[str]) -> list[str]:
    """The nodes, each after those that it follows; apart from that, and where they follow each other, as ``rules``."""
    waiting = sorted(edges, key=lambda node: (rules.index(_rule(node)), node))
    found: list[str] = []
    while waiting:
        ready = (node for node in waiting if not any(node in edges[other] for other in waiting if other != node))
        found.append(next(ready, waiting[0]))
        waiting.remove(found[-1])
    return found
