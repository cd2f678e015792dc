"""Our training loop against the Trainer of Hugging Face: same weights, batches and settings, step by step.

The weights are in double precision. In single precision AdamW turns rounding into steps wherever a gradient is zero but
for rounding (the keys' biases), and the two would drift apart there for no reason of either's.
"""

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR
from transformers import BertConfig as ReferenceConfig
from transformers import BertForSequenceClassification, Trainer, TrainingArguments, get_linear_schedule_with_warmup

from multipress.compression.finetune.settings import FinetuneSettings
from multipress.data.tokens import Tokens
from multipress.model.bert import BertClassifier, BertConfig, config_json
from multipress.training.batches import RowBatches
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective
from multipress.training.optimizer import LARGE_TABLE
from multipress.training.schedule import learning_rates

CPU = torch.device("cpu")
HIDDEN = 16
SMALL, LARGE = 60, LARGE_TABLE // HIDDEN + 50


def make_model(vocabulary):
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        initializer_range=0.2,  # gradients then have norms on both sides of 1, where they are clipped
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertClassifier(config).double()


def make_tokens(vocabulary):
    """160 rows of 4 to 11 tokens; half of the tokens are among the first 60, the others seldom or never come again."""
    generator = np.random.default_rng(0)
    rows = []
    for _ in range(160):
        length = generator.integers(2, 10)
        frequent, rare = generator.integers(5, 60, length), generator.integers(5, vocabulary, length)
        rows.append(np.concatenate([[2], np.where(generator.random(length) < 0.5, frequent, rare), [3]]))
    lengths = np.array([len(row) for row in rows])
    return Tokens(
        ids=np.concatenate(rows).astype(np.int32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        first_lengths=np.minimum(lengths, 6).astype(np.int32),
        labels=generator.integers(0, 2, 160).astype(np.float64),
        idx=np.arange(160),
    )


class OurOrder(Trainer):
    """The Trainer on our batches, with our schedule where it is given one."""

    def __init__(self, *args, batches, rates=None, **kwargs):
        super().__init__(*args, **kwargs)
        self._batches, self._rates = batches, rates

    def get_train_dataloader(self):
        return torch.utils.data.DataLoader(self._batches, batch_size=None)

    def create_scheduler(self, num_training_steps, optimizer=None):
        if self._rates is None:
            return super().create_scheduler(num_training_steps, optimizer)
        factors = [*self._rates / self.args.learning_rate, 0.0]
        self.lr_scheduler = LambdaLR(optimizer or self.optimizer, lambda step: factors[step])
        return self.lr_scheduler


def reference_weights(start, batches, settings, total, rates, folder):
    model = BertForSequenceClassification(ReferenceConfig(**config_json(start.config))).double()
    model.load_state_dict(start.state_dict(), strict=True)
    epochs = (batch for number in range(total) for batch in batches.epoch(number))
    inputs = [
        {name: value for name, value in batch.inputs.items() if value is not None} | {"labels": batch.labels.long()}
        for batch, _ in zip(epochs, range(total), strict=False)
    ]
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=total,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        lr_scheduler_type="linear",
        warmup_steps=0,
        use_cpu=True,
        report_to=[],
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
    )
    trainer = OurOrder(model, arguments, train_dataset=inputs, batches=inputs, rates=rates)
    trainer.train()
    assert trainer.state.global_step == total
    return dict(model.named_parameters())


@pytest.mark.parametrize("schedule", ["its own, without warm-up", "ours, with warm-up"])
@pytest.mark.parametrize(("vocabulary", "total"), [(SMALL, 10), (LARGE, 120)], ids=["dense", "lazy rows"])
def test_the_weights_are_those_of_the_trainer(vocabulary, total, schedule, tmp_path):
    warmup = 0.2 if "ours" in schedule else 0.0
    batches = RowBatches(make_tokens(vocabulary), 8, 1, CPU)
    settings = FinetuneSettings(
        epochs=total / batches.per_epoch,
        batch_size=8,
        learning_rate=1e-3,
        warmup_fraction=warmup,
        weight_decay=0.1,
        max_grad_norm=1.0,
        dropout=0,
    )
    ours = make_model(vocabulary)
    start = {name: value.clone() for name, value in ours.state_dict().items()}
    rates = learning_rates(total, settings.learning_rate, warmup) if warmup else None
    expected = reference_weights(ours, batches, settings, total, rates, tmp_path)
    assert train(ours, batches, task_objective("classification"), settings, TrainingContext(CPU)).steps == total
    tolerance = 1e-10 if vocabulary == SMALL else 1e-6  # the factors of rows that waited are in single precision
    for name, weight in ours.named_parameters():
        weight = weight.detach()
        assert torch.allclose(weight, expected[name], rtol=0, atol=tolerance), name
        if not name.endswith("key.bias"):  # softmax takes no notice of it
            assert (weight - start[name]).abs().max() > 1e-5, name


@pytest.mark.parametrize(("total", "warmup"), [(10, 0), (100, 10), (7, 6)])
def test_the_schedule_is_that_of_transformers_less_its_first_step_of_rate_zero(total, warmup):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=3e-5)
    scheduler = get_linear_schedule_with_warmup(optimizer, warmup + 1, total + 1)
    for step, rate in enumerate(learning_rates(total, 3e-5, warmup / total), start=1):
        optimizer.step()
        scheduler.step()
        assert rate == pytest.approx(scheduler.get_last_lr()[0], rel=1e-12), step
