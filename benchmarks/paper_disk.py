"""How much disk a configuration's models take: by architecture and kind of file, and for each setting of ``storage``.

    python -m benchmarks.paper_disk
    python -m benchmarks.paper_disk --configfile config/demo.yaml

Computed from shapes and bits, not measured. GB are 10^9 bytes. Left out are the encoders, of the size of one checkpoint
each, and what is small beside the models: data, tokenizers, logits, histories and tables.
"""

import argparse
from collections import Counter
from dataclasses import replace
from math import log2
from pathlib import Path
from typing import Any

import yaml
from snakemake.utils import update_config

from multipress.compression import recipes
from multipress.compression.planned_size import PlannedSize, paper_mb, planned_size
from multipress.workflow.configuration import Config
from multipress.workflow.load import load
from multipress.workflow.storage_settings import StorageSettings

ROOT = Path(__file__).parents[1]

FLOAT, QUANTIZED, ONNX, PACKED = KINDS = ("float checkpoints", "quantized checkpoints", "ONNX models", "packed files")

CODED_FLOAT_BITS = 26.8
"""Of a packed float32 weight: 0.84 of 32 (docs/explanation/deployment.md); in the demo's small matrices 0.95."""

SPARED_BITS = 1.3
"""What entropy coding spares an integer, as measured there: 6.7 of 8 bits stay, 14.7 of 16."""


def checkpoint_mb(size: PlannedSize) -> float:
    """A checkpoint in MB: float32 whatever the recipe, for quantization is fake and zeros are stored."""
    return paper_mb(replace(size, sparsity=0, bits=32))


def onnx_mb(size: PlannedSize) -> float:
    """An ONNX model in MB: integers of up to 8 bits take a byte, wider ones two; zeros are stored."""
    return paper_mb(replace(size, sparsity=0, bits=min(width for width in (8, 16, 32) if size.bits <= width)))


def packed_mb(size: PlannedSize) -> float:
    """A packed file in MB: what is left of each weight after entropy coding, and a mask where weights are pruned."""
    coded = CODED_FLOAT_BITS if size.bits == 32 else size.bits - SPARED_BITS
    mask = size.encoder_weights * _entropy(size.sparsity) / 8 / 1e6
    return paper_mb(replace(size, bits=8)) * coded / 8 + mask


def _entropy(share: float) -> float:
    """Bits of an entry of a mask."""
    return -sum(part * log2(part) for part in (share, 1 - share) if part)


def gigabytes(config: Config, arch: str) -> Counter:
    """GB of the models of one architecture and seed, by kind; a teacher outside the study has checkpoints only."""
    shape = planned_size(config.all_architectures[arch], config.tokenizer.vocabulary)
    sizes: Counter = Counter()
    for recipe in config.recipes_of(arch):
        size = recipes.planned(shape, recipe, config.variant_steps)
        sizes[FLOAT if size.bits == 32 else QUANTIZED] += checkpoint_mb(size)
        if arch in config.study.architectures:
            sizes[ONNX] += onnx_mb(size)
            sizes[PACKED] += packed_mb(size)
    return Counter({kind: len(config.study.tasks) * size / 1e3 for kind, size in sizes.items()})


def kept(sizes: Counter, storage: StorageSettings) -> float:
    """What stays of them when the run has finished."""
    stays = {FLOAT: storage.keeps_float, QUANTIZED: storage.keeps_quantized, ONNX: storage.onnx, PACKED: True}
    return sum(size for kind, size in sizes.items() if stays[kind])


def read(configfiles: list[Path]) -> Config:
    """config.yaml with other files over it."""
    values: dict[str, Any] = {}
    for file in [ROOT / "config.yaml", *configfiles]:
        update_config(values, yaml.safe_load(file.read_text(encoding="utf-8")))
    return load(values)


def setting(checkpoints: str, sizes: Counter, seeds: int) -> str:
    """A line: GB that stay of a seed and of all seeds, each with ONNX models and without."""
    switches = [StorageSettings(checkpoints=checkpoints, onnx=onnx) for onnx in (True, False)]
    cells = [_shown(count * kept(sizes, storage)) for count in (1, seeds) for storage in switches]
    return f"| {checkpoints} | {' | '.join(cells)} |"


def main() -> None:
    """Read the configuration, print tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--configfile", type=Path, nargs="+", default=[], help="over config.yaml, as Snakemake's")
    config = read(arguments.parse_args().configfile)
    sizes = {arch: gigabytes(config, arch) for arch in config.trained_architectures}
    total, seeds = sum(sizes.values(), Counter()), len(config.study.seeds)
    models = len(config.study.tasks) * sum(len(config.recipes_of(arch)) for arch in sizes)
    print(f"{models:,} models a seed\n\n| GB a seed | {' | '.join(KINDS)} | all |\n|---|" + "---|" * 5)
    for name, parts in [*sizes.items(), ("all", total)]:
        print(f"| {name} | {' | '.join(_shown(parts[kind]) for kind in KINDS)} | {_shown(parts.total())} |")
    print(f"\n| `storage.checkpoints` | GB a seed | without ONNX | GB of {seeds} seeds | without ONNX |")
    print("|---|---|---|---|---|")
    for checkpoints in ("all", "quantized", "none"):
        print(setting(checkpoints, total, seeds))


def _shown(size: float) -> str:
    """Three digits, or as many as there are before the point."""
    return f"{size:,.0f}" if size >= 100 else f"{size:.3g}"


if __name__ == "__main__":
    main()
