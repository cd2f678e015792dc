import csv

import numpy as np
import pytest
import torch

from multipress.compression.finetune.settings import FinetuneSettings
from multipress.core.errors import UserError
from multipress.training.batches import RowBatches, Rows, epoch_order, shuffled
from multipress.training.inference import compute_logits
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective

CPU = torch.device("cpu")


def batches(tokens, size=8, seed=1):
    return RowBatches(tokens, size, seed, CPU)


def test_a_batch_pads_to_the_longest_and_marks_segments(tokens):
    batch = Rows(tokens, CPU).batch(np.array([0, 1, 2]))
    lengths = tokens.lengths[:3]
    assert batch.input_ids.shape == (3, lengths.max())
    assert batch.attention_mask.sum(1).tolist() == lengths.tolist()
    assert batch.token_type_ids is None
    assert batch.input_ids[1, : lengths[1]].tolist() == tokens.ids[tokens.offsets[1] : tokens.offsets[2]].tolist()
    assert batch.labels.tolist() == [0.0, 1.0, 0.0]


def test_an_epoch_takes_every_row_once_in_batches_of_like_length(tokens):
    order = epoch_order(tokens.lengths, 8, seed=3)
    assert sorted(np.concatenate(order)) == list(range(len(tokens)))
    spread = [np.ptp(tokens.lengths[rows]) for rows in order]
    shuffled = np.random.default_rng(0).permutation(len(tokens)).reshape(-1, 8)
    assert np.mean(spread) < np.mean([np.ptp(tokens.lengths[rows]) for rows in shuffled])
    assert [rows.tolist() for rows in order] != [rows.tolist() for rows in epoch_order(tokens.lengths, 8, seed=4)]


def test_copies_leave_the_order_of_the_originals_as_it_is():
    """In one pool without sorting, for all lengths are the same, batches come as they were cut."""
    originals = np.zeros(64, bool)
    plain, mixed = shuffled(originals, 3), shuffled(np.repeat([False, True], [64, 96]), 3)
    assert sorted(mixed.tolist()) == list(range(160))
    assert mixed[mixed < 64].tolist() == plain.tolist()
    places = np.flatnonzero(mixed < 64)
    assert 50 < places.mean() < 110
    assert np.diff(places).max() > 2
    assert shuffled(originals, 4).tolist() != plain.tolist()
    order = np.concatenate(epoch_order(np.full(160, 5), 8, 3, np.repeat([False, True], [64, 96])))
    assert sorted(order.tolist()) == list(range(160))


def test_training_learns_the_rule_of_the_rows(model, tokens):
    settings = FinetuneSettings(epochs=40, batch_size=8, learning_rate=3e-3, dropout=0)
    training = train(model, batches(tokens), task_objective("classification"), settings, TrainingContext(CPU))
    predictions = compute_logits(model, tokens, 16, CPU).argmax(1)
    assert (predictions == tokens.labels).mean() > 0.9
    assert training.steps == 40 * 12
    assert training.history.rows[-1]["loss"] < 0.5 * training.history.rows[0]["loss"]


def test_the_same_seed_gives_the_same_weights(shape, task, tokens):
    from multipress.model.build import new_classifier

    states = []
    for _ in range(2):
        torch.manual_seed(5)
        model = new_classifier(shape, 60, task, dropout=0.1)
        train(
            model, batches(tokens), task_objective("classification"), FinetuneSettings(epochs=1), TrainingContext(CPU)
        )
        states.append(model.state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_the_history_counts_steps_and_rates(model, tokens, tmp_path):
    settings = FinetuneSettings(epochs=1.5, learning_rate=1e-3, warmup_fraction=0.5)
    training = train(model, batches(tokens), task_objective("classification"), settings, TrainingContext(CPU))
    training.write_history(tmp_path / "history.csv")
    rows = list(csv.DictReader((tmp_path / "history.csv").open()))
    assert [int(row["step"]) for row in rows] == list(range(1, 19))
    rates = [float(row["learning_rate"]) for row in rows]
    assert max(rates) == pytest.approx(1e-3)
    assert rates[0] < rates[5] > rates[-1] > 0


def test_too_few_rows_for_a_batch_are_refused(tokens):
    with pytest.raises(UserError, match="96 training rows are fewer than one batch of 97"):
        batches(tokens, size=97)


def test_a_loss_that_is_not_finite_stops_the_training(model, tokens):
    with torch.no_grad():
        model.classifier.weight.fill_(float("nan"))
    with pytest.raises(UserError, match="not finite at step 1 of"):
        train(
            model, batches(tokens), task_objective("classification"), FinetuneSettings(epochs=1), TrainingContext(CPU)
        )


def test_logits_come_in_the_order_of_the_rows_whatever_the_batch(model, tokens):
    whole = compute_logits(model, tokens, 96, CPU)
    assert np.allclose(whole, compute_logits(model, tokens, 7, CPU), atol=1e-5)
    model.eval()
    with torch.no_grad():
        alone = model(**Rows(tokens, CPU).batch(np.array([42])).inputs).numpy()
    assert np.allclose(whole[42], alone[0], atol=1e-5)
