from pathlib import Path

import numpy
import pandas
import pytest
from safetensors.numpy import save_file

from multipress.model.config import BertConfig
from multipress.model.tensor_names import encoder_shapes
from tests.hub.server import HubServer

README = """---
configs:
- config_name: mrpc
  data_files:
  - split: train
    path: mrpc/train-*
  - split: validation
    path: mrpc/validation-*
  - split: test
    path: mrpc/test-*
dataset_info:
- config_name: mrpc
  features:
  - name: sentence1
    dtype: string
  - name: sentence2
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': not_equivalent
          '1': equivalent
  - name: idx
    dtype: int32
  splits:
  - name: train
    num_bytes: 100
    num_examples: 6
  - name: validation
    num_bytes: 100
    num_examples: 4
  - name: test
    num_bytes: 100
    num_examples: 2
  download_size: 300
  dataset_size: 300
---
"""


@pytest.fixture
def hub(tmp_path):
    """A hub with the data set made/glue, the encoders made/bert and made/pickled, and the tokenizer made/bert."""
    root = tmp_path / "hub"
    _make_data(root / "datasets" / "made" / "glue")
    _make_encoder(root / "models" / "made" / "bert")
    pickled = root / "models" / "made" / "pickled"
    pickled.mkdir(parents=True)
    (pickled / "config.json").write_text("{}")
    (pickled / "pytorch_model.bin").write_bytes(b"\x80\x02.")
    with HubServer(root) as server:
        yield server


def _make_data(folder: Path) -> None:
    (folder / "mrpc").mkdir(parents=True)
    (folder / "README.md").write_text(README)
    for split, rows in (("train", 6), ("validation", 4), ("test", 2)):
        pandas.DataFrame(
            {
                "sentence1": [f"first {split} {row}" for row in range(rows)],
                "sentence2": [f"second {split} {row}" for row in range(rows)],
                "label": numpy.array([-1 if split == "test" else row % 2 for row in range(rows)]),
                "idx": numpy.arange(rows, dtype=numpy.int32),
            }
        ).to_parquet(folder / "mrpc" / f"{split}-00000-of-00001.parquet")


def _make_encoder(folder: Path) -> None:
    folder.mkdir(parents=True)
    shape = {"num_hidden_layers": 2, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=320, **shape)
    (folder / "config.json").write_text(config.model_dump_json())
    zeros = {f"bert.{name}": numpy.zeros(shape, numpy.float32) for name, shape in encoder_shapes(config).items()}
    save_file(zeros, folder / "model.safetensors")
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nfirst\nsecond\n")
