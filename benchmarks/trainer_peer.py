"""Hugging Face's Trainer on the same model, rows and steps: as in its GLUE example, and with less padding."""

import tempfile
from typing import Any

import datasets
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DataCollatorWithPadding,
    PreTrainedTokenizerFast,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)
from transformers.utils import logging

from benchmarks.stopwatch import Stopwatch
from benchmarks.workload import BATCH, LEARNING_RATE, VOCABULARY, shape_of
from multipress.data.tokens import Tokens

logging.set_verbosity_error()
datasets.disable_progress_bars()

PADDED_TO = 128
VARIANTS = {
    "a": "Trainer, padded to 128",
    "b": "Trainer, dynamic padding",
    "b grouped": "Trainer, dynamic padding, grouped by length",
}


def run_trainer(
    variant: str,
    arch: str,
    tokens: Tokens,
    steps: int,
    device: torch.device,
    watch: Stopwatch,
    bfloat16: bool,
    seed: int = 0,
) -> tuple[BertForSequenceClassification, float]:
    """Train a new model for a number of steps; the model and its seconds a step."""
    torch.manual_seed(seed)
    arguments = TrainingArguments(
        output_dir=tempfile.mkdtemp(),
        per_device_train_batch_size=BATCH,
        max_steps=steps,
        learning_rate=LEARNING_RATE,
        warmup_steps=0.1,
        weight_decay=0.01,
        seed=seed,
        bf16=bfloat16,
        report_to=[],
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        use_cpu=device.type == "cpu",
        train_sampling_strategy="group_by_length" if variant == "b grouped" else "random",
    )
    model = BertForSequenceClassification(_config(arch))
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=_dataset(tokens),
        data_collator=_collator(variant),
        callbacks=[_Steps(watch)],
    )
    trainer.train()
    return model, watch.seconds_a_step()


def _config(arch: str) -> BertConfig:
    shape = shape_of(arch)
    return BertConfig(
        vocab_size=VOCABULARY,
        num_hidden_layers=shape.layers,
        hidden_size=shape.hidden,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
    )


def _dataset(tokens: Tokens) -> datasets.Dataset:
    rows = [tokens.ids[first:end].tolist() for first, end in zip(tokens.offsets, tokens.offsets[1:], strict=False)]
    columns = {
        "input_ids": rows,
        "token_type_ids": [[0] * len(row) for row in rows],
        "attention_mask": [[1] * len(row) for row in rows],
        "labels": tokens.labels.astype(int).tolist(),
    }
    return datasets.Dataset.from_dict(columns)


def _collator(variant: str) -> DataCollatorWithPadding:
    """The library's own; it wants a tokenizer, of which padding needs the padding token alone."""
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(WordLevel({"[PAD]": 0})), pad_token="[PAD]")
    padding = {"padding": "max_length", "max_length": PADDED_TO} if variant == "a" else {}
    return DataCollatorWithPadding(tokenizer, **padding)


class _Steps(TrainerCallback):
    def __init__(self, watch: Stopwatch) -> None:
        self._watch = watch

    def on_step_begin(self, *arguments: Any, **named: Any) -> None:
        self._watch.step()
