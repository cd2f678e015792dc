import csv
import time

import numpy as np
import pytest
import torch

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.compression.distill.objective import distillation_objective
from multipress.compression.finetune.settings import FinetuneSettings
from multipress.core.errors import UserError
from multipress.model.build import new_classifier
from multipress.training import history, saved_states
from multipress.training.batches import RowBatches
from multipress.training.history import History
from multipress.training.inference import compute_logits
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective
from multipress.training.saved_states import StateFolder
from multipress.training.schedule import learning_rates

CPU = torch.device("cpu")


@pytest.fixture
def few_rows(monkeypatch):
    """A row of history takes several steps, as in long trainings."""
    monkeypatch.setattr(history, "LOGGED_STEPS", 10)


def recording(spoiled=None, value=float("nan")):
    """The task's objective, spoiled at one step, and the losses that it returned."""
    objective, losses = task_objective("classification"), []

    def recorded(model, batch):
        result = objective(model, batch)
        if len(losses) + 1 == spoiled:
            result["loss"] = result["loss"] * value
        losses.append(float(result["loss"].detach()))
        return result

    return recorded, losses


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("step", [8, 9, 10, 11], ids="step {}".format)
def test_a_loss_that_is_not_finite_is_told_with_its_step_rate_and_the_last_finite_one(
    model, tokens, few_rows, step, value
):
    """Rows end with steps 6 and 12; the loss is found at step 12, and not before."""
    settings = FinetuneSettings(epochs=5, batch_size=8, learning_rate=1e-3, warmup_fraction=0.5)
    objective, losses = recording(step, value)
    with pytest.raises(UserError) as caught:
        train(model, RowBatches(tokens, 8, 1, CPU), objective, settings, TrainingContext(CPU))
    assert len(losses) == 12
    rate = learning_rates(60, 1e-3, 0.5)[step - 1]
    assert str(caught.value) == (
        f"the loss is not finite at step {step} of 60 (learning rate {rate:.2e}, last finite loss "
        f"{losses[step - 2]:.4f}): lower learning_rate or raise warmup_fraction"
    )
    assert rate != learning_rates(60, 1e-3, 0.5)[11]


def test_a_loss_that_is_not_finite_at_the_first_step_of_a_row_names_the_row_before(model, tokens, few_rows):
    objective, losses = recording(7)
    with pytest.raises(UserError, match=r"not finite at step 7 of 60") as caught:
        train(
            model,
            RowBatches(tokens, 8, 1, CPU),
            objective,
            FinetuneSettings(epochs=5, batch_size=8),
            TrainingContext(CPU),
        )
    assert f"last finite loss {np.mean(losses[:6]):.4f}" in str(caught.value)


def test_a_state_with_a_loss_that_is_not_finite_is_never_saved(model, tokens, few_rows, tmp_path, monkeypatch):
    monkeypatch.setattr(saved_states, "SHARE_OF_TIME", 0)
    objective, losses = recording(9)
    context = TrainingContext(CPU, states=StateFolder(tmp_path, 0))
    with pytest.raises(UserError, match=r"not finite at step 9 of 60"):
        train(model, RowBatches(tokens, 8, 1, CPU), objective, FinetuneSettings(epochs=5, batch_size=8), context)
    assert len(losses) == 9
    assert sorted(path.stem for path in tmp_path.glob("*.json")) == ["000000007", "000000008"]


def test_a_loss_that_is_not_finite_is_told_rather_than_the_scores_that_come_of_it(model, tokens, few_rows):
    """At an epoch's end the score of weights that are not finite would be refused first, and name no step."""

    def score(model):
        if not np.isfinite(compute_logits(model, tokens, 32, CPU)).all():
            raise UserError("predictions are not finite")
        return 0.0

    objective, _ = recording(11)
    with pytest.raises(UserError, match=r"not finite at step 11 of 60"):
        train(
            model,
            RowBatches(tokens, 8, 1, CPU),
            objective,
            FinetuneSettings(epochs=5, batch_size=8),
            TrainingContext(CPU, dev_score=score),
        )


@pytest.mark.parametrize(("epochs", "ends"), [(3, [12, 24, 36]), (1.5, [12, 18]), (0.5, [6])])
def test_the_dev_score_is_taken_at_the_end_of_each_epoch_and_of_the_training_and_nowhere_else(
    model, tokens, few_rows, epochs, ends
):
    modes, scores = [], []

    def score(model):
        scores.append(float(compute_logits(model, tokens, 32, CPU)[0, 0]))
        return scores[-1]

    def objective(model, batch):
        modes.append(model.training)
        return task_objective("classification")(model, batch)

    settings = FinetuneSettings(epochs=epochs, batch_size=8, learning_rate=1e-3)
    training = train(model, RowBatches(tokens, 8, 1, CPU), objective, settings, TrainingContext(CPU, dev_score=score))
    rows = training.history.rows
    assert [row["step"] for row in rows if row["dev_score"] is not None] == ends
    assert [row["dev_score"] for row in rows if row["dev_score"] is not None] == scores
    assert len(set(scores)) == len(ends)
    assert all(modes), "the model goes on in training mode"
    assert scores[-1] == pytest.approx(float(compute_logits(model, tokens, 32, CPU)[0, 0]), abs=1e-6)


def test_without_a_dev_set_there_is_no_score(model, tokens, tmp_path):
    settings = FinetuneSettings(epochs=1, batch_size=8)
    training = train(
        model, RowBatches(tokens, 8, 1, CPU), task_objective("classification"), settings, TrainingContext(CPU)
    )
    assert {row["dev_score"] for row in training.history.rows} == {None}
    training.write_history(tmp_path / "history.csv")
    assert {row["dev_score"] for row in csv.DictReader((tmp_path / "history.csv").open())} == {""}


def test_the_columns_are_steps_losses_by_name_rate_sparsity_score_and_speed(shape, task, tokens, tmp_path):
    logits = np.random.default_rng(0).normal(size=(96, 2)).astype(np.float32)
    model = new_classifier(shape, 60, task, dropout=0.0)
    objective = distillation_objective("classification", DistillationSettings(task_weight=0.3))
    settings = FinetuneSettings(epochs=2, batch_size=8)
    training = train(model, RowBatches(tokens, 8, 1, CPU, logits), objective, settings, TrainingContext(CPU))
    training.write_history(tmp_path / "history.csv")
    rows = list(csv.DictReader((tmp_path / "history.csv").open()))
    assert list(rows[0]) == [
        "step",
        "epoch",
        "loss",
        "task_loss",
        "distillation_loss",
        "learning_rate",
        "sparsity",
        "dev_score",
        "examples_per_second",
    ]
    assert [float(row["epoch"]) for row in rows] == pytest.approx([step / 12 for step in range(1, 25)], abs=1e-4)
    for row in rows:
        loss = 0.3 * float(row["task_loss"]) + 0.7 * float(row["distillation_loss"])
        assert float(row["loss"]) == pytest.approx(loss, rel=1e-5)
        assert float(row["examples_per_second"]) > 0
    assert training.summary()["last"] == training.history.rows[-1]


def test_a_row_holds_the_mean_loss_of_its_steps_and_the_rate_of_its_last(model, tokens, few_rows):
    objective, losses = recording()
    settings = FinetuneSettings(epochs=3, batch_size=8, learning_rate=1e-3)
    training = train(model, RowBatches(tokens, 8, 1, CPU), objective, settings, TrainingContext(CPU))
    rows = training.history.rows
    assert [row["step"] for row in rows] == list(range(3, 37, 3))
    assert [row["loss"] for row in rows] == pytest.approx(np.reshape(losses, (12, 3)).mean(1).tolist(), rel=1e-6)
    assert [row["learning_rate"] for row in rows] == learning_rates(36, 1e-3, 0.1)[2::3].tolist()


def test_a_row_that_does_not_fit_into_the_epoch_ends_with_it(model, tokens, few_rows):
    settings = FinetuneSettings(epochs=4.25, batch_size=8)
    training = train(
        model, RowBatches(tokens, 8, 1, CPU), task_objective("classification"), settings, TrainingContext(CPU)
    )
    assert [row["step"] for row in training.history.rows] == [5, 10, 12, 15, 20, 24, 25, 30, 35, 36, 40, 45, 48, 50, 51]


def test_the_speed_of_a_row_counts_the_time_before_an_interruption(capfd):
    before = History(total=10, per_epoch=10)
    before.add({"loss": torch.tensor(1.0)}, 1e-3, examples=8)
    time.sleep(0.05)
    after = History(total=10, per_epoch=10)
    after.load_state(*before.state())
    after.add({"loss": torch.tensor(3.0)}, 1e-3, examples=8)
    after.write_row(2, 0.0, None, after.row_seconds)
    (row,) = after.rows
    assert 0 < row["examples_per_second"] <= 16 / 0.05
    assert row["loss"] == 2.0
    assert 0.05 <= after.seconds < 30


@pytest.mark.parametrize(("epochs", "steps"), [(3, 12), (2.25, 13), (0.5, 6)])
def test_the_loss_of_the_last_epoch_is_the_mean_of_its_steps(model, tokens, few_rows, epochs, steps):
    """Of 12 steps an epoch; where it begins within a row of the history, that row counts as a whole."""
    objective, losses = recording()
    settings = FinetuneSettings(epochs=epochs, batch_size=8, learning_rate=1e-3)
    training = train(model, RowBatches(tokens, 8, 1, CPU), objective, settings, TrainingContext(CPU))
    assert training.history.last_epoch_loss == pytest.approx(np.mean(losses[-steps:]), rel=1e-6)
