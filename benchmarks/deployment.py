"""How small, exact and fast the deployed models of a finished run are: the tables of docs/deployment.md.

python -m benchmarks.deployment --results results/deployment --task sst2
"""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from multipress.packed_models import load_packed, pack_checkpoint
from multipress.packing import unpack
from multipress.stored_tensors import StoredTensor


def size_table(rows: pd.DataFrame, results: Path) -> pd.DataFrame:
    """Megabytes of each model by every definition, and how near the packed file comes to its bounds."""
    lines = []
    for row in rows.itertuples():
        place = f"{row.task}/{row.arch}/seed{row.seed}"
        packed = results / "packed" / place / f"{row.recipe}.safetensors"
        masked = sum(map(masked_bytes, unpack(packed).tensors)) / 1e6
        lines.append(
            {
                "model": f"{row.arch} {row.recipe}",
                "checkpoint": _megabytes(results / "models" / place / row.recipe / "model.safetensors"),
                "ONNX": _megabytes(results / "onnx" / place / f"{row.recipe}.onnx"),
                "paper_mb": row.paper_mb,
                "deployed_mb": row.deployed_mb,
                "packed_mb": row.packed_mb,
                "× entropy": row.packed_mb / row.entropy_mb,
                "× mask and integers": row.packed_mb / masked,
                "pack and load, s": _pack_and_load(results / "models" / place / row.recipe, packed),
            }
        )
    return pd.DataFrame(lines)


def masked_bytes(tensor: StoredTensor) -> float:
    """All entries, or a bit for each and those that are not zero, whatever is less."""
    everything = tensor.values.size * tensor.bits / 8
    return min(everything, tensor.values.size / 8 + np.count_nonzero(tensor.values) * tensor.bits / 8)


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


def _pack_and_load(folder: Path, packed: Path) -> float:
    """Seconds to pack a checkpoint, and to make a model of the file."""
    text = unpack(packed).text
    with TemporaryDirectory() as temporary:
        started = time.perf_counter()
        pack_checkpoint(folder, text, Path(temporary, "packed.safetensors"))
        load_packed(Path(temporary, "packed.safetensors"))
        return time.perf_counter() - started


def parity_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Scores of the fake-quantized and of the deployed model, and how far their logits lie apart."""
    return pd.DataFrame(
        {
            "model": rows["arch"] + " " + rows["recipe"],
            "rows": rows["rows"],
            "score": rows["score"],
            "score_deployed": rows["score_deployed"],
            "difference": rows["score_deployed"] - rows["score"],
            "logits_gap, %": 100 * rows["logits_gap"],
        }
    )


def markdown(table: pd.DataFrame) -> str:
    """A Markdown table; numbers with as many decimals as they need."""
    lines = ["| " + " | ".join(table.columns) + " |", "|---" * len(table.columns) + "|"]
    lines += ["| " + " | ".join(map(_shown, row)) + " |" for row in table.itertuples(index=False)]
    return "\n".join(lines)


def _shown(value: object) -> str:
    return (
        f"{value:.3g}"
        if isinstance(value, float) and abs(value) < 10
        else f"{value:.1f}"
        if isinstance(value, float)
        else str(value)
    )


def main() -> None:
    """Print both tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--results", type=Path, required=True, help="results folder of a finished run")
    arguments.add_argument("--task", required=True)
    options = arguments.parse_args()
    table = pd.read_csv(options.results / "tables" / "results.csv")
    rows = table[(table["task"] == options.task) & table["packed_mb"].notna()]
    print(markdown(size_table(rows, options.results)), end="\n\n")
    print(markdown(parity_table(rows)))


if __name__ == "__main__":
    main()
