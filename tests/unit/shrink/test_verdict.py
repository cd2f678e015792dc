"""The answer says what is sure, what is not, and what would decide."""

from dataclasses import replace

import numpy as np
import pytest

from multipress.analysis.predictions.limits import Choice, Loss
from multipress.analysis.predictions.paired import Difference
from multipress.analysis.recommendation import Recommendation
from multipress.shrink.answer import Answer, Measured, Outcome
from multipress.shrink.baselines import Baseline
from multipress.shrink.verdict import alternatives, lines

NOTHING = np.zeros(0)


def loss(points, error=1.0, rows=200):
    """A loss as measured, with its standard error in points."""
    return Loss(Difference(-points, error**2, 0.0, 1000.0), {"reviews": rows}, 1, 0.9)


def model(recipe, score=90.0):
    return Recommendation(f"full/{recipe}", 1.0, score, 90.0, [], 0)


@pytest.fixture
def reference(tmp_path):
    (tmp_path / "a").write_bytes(bytes(2_000_000))
    return Measured("ft", tmp_path / "a", tmp_path / "a", 440.0, 50.0, 128)


@pytest.fixture
def compressed(reference):
    """An answer with a compressed model."""
    tested = Outcome(NOTHING, 89.5, (87.0, 91.5))
    linear = Baseline("TF-IDF and a linear model", NOTHING, NOTHING, 2.0, 1.0)
    chosen = replace(reference, recipe="ft-int8", megabytes=110.0, milliseconds=20.0)
    return Answer(
        metric="accuracy",
        within=2.0,
        target="size",
        chosen=chosen,
        reference=reference,
        models=[reference, chosen],
        dev=Choice(model("ft-int8"), loss(0.5), []),
        dev_losses={"ft-int8": loss(0.5)},
        dev_scores={"ft": 90.0, "ft-int8": 89.5},
        chosen_test=tested,
        reference_test=tested,
        test_loss=loss(0.4),
        confusions=["good taken for bad: 7 of 45 (uncompressed: 3)"],
        baselines=[(linear, tested, loss(8.0))],
        dev_rows=200,
        test_rows=200,
    )


def test_a_compressed_model_is_named_with_size_latency_score_loss_and_errors(compressed):
    assert lines(compressed) == [
        "take     ft-int8: the smallest that loses at most 2 points, with 90% confidence",
        "file     110 MB (ONNX), 4.0 times smaller than uncompressed; packed 2 MB",
        "latency  20 ms a text (uncompressed: 50 ms), onnxruntime on one thread of this machine, tokens included",
        "score    accuracy 89.5, 87.0 to 91.5 with 90% confidence on the test part (200 rows)",
        "change   on test it loses 0.40 points, at most 1.68; on dev it loses 0.50 points, at most 1.78",
        "errors   good taken for bad: 7 of 45 (uncompressed: 3)",
        "beside   TF-IDF and a linear model: accuracy 89.5, 87.0 to 91.5 with 90% confidence, 2 MB",
        "each model was trained once: the limits do not say what another seed would change",
    ]


def test_a_gain_is_called_one(compressed):
    found = lines(replace(compressed, test_loss=loss(-0.4), within=1.0))
    assert found[0].startswith("take     ft-int8: the smallest that loses at most 1 point, with ")
    assert (
        found[4]
        == "change   on test it gains 0.40 points, loses at most 0.88; on dev it loses 0.50 points, at most 1.78"
    )


def test_where_none_is_sure_the_rows_that_would_decide_are_said(compressed, reference):
    doubtful = [(model("ft-ter"), loss(1.5, error=1.0))]
    found = lines(replace(compressed, chosen=reference, dev=Choice(model("ft"), loss(0, 0), doubtful)))
    assert found[0] == "take     the encoder fine-tuned, not compressed: no other surely loses at most 2 points"
    assert (
        "unsure   ft-ter is smaller or faster and loses 1.50 points, at most 2.78: the dev set is too small to tell: "
        "1,316 rows in place of 200 would, if it stays so"
    ) in found
    assert not any(line.startswith(("loss", "errors")) for line in found)


def test_where_all_lose_too_much_the_nearest_is_named(compressed, reference):
    answer = replace(
        compressed, chosen=reference, dev=Choice(model("ft"), loss(0, 0), []), dev_losses={"ft-int8": loss(3.0)}
    )
    assert "unsure   nearest is ft-int8, which loses 3.00 points, at most 4.28: more than 2 as measured" in lines(
        answer
    )


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (0.1, "surely within 2 points, too: no encoder is needed"),
        (1.9, "not surely (it loses 1.90 points, at most 3.18)"),
        (0.8, "not surely (it loses 0.80 points, at most 2.08)"),
    ],
)
def test_a_baseline_that_is_good_enough_is_named(compressed, points, said):
    baseline, tested, _ = compressed.baselines[0]
    found = lines(replace(compressed, baselines=[(baseline, tested, loss(points))]))
    assert found[-2].endswith(said)


def test_an_encoder_that_learned_nothing_is_told(compressed):
    baseline, tested, _ = compressed.baselines[0]
    found = lines(replace(compressed, baselines=[(baseline, tested, loss(-3.0))]))
    assert any("the uncompressed encoder is no better than TF-IDF and a linear model on dev" in line for line in found)


def test_what_more_tolerance_would_buy_is_said_with_its_argument(compressed, reference):
    ternary = replace(reference, recipe="ft-ter", megabytes=20.0, milliseconds=18.0)
    larger = replace(reference, recipe="ft-l3", megabytes=300.0, milliseconds=25.0)
    answer = replace(
        compressed,
        models=[*compressed.models, ternary, larger],
        dev_losses={"ft-int8": loss(0.5), "ft-ter": loss(3.0), "ft-l3": loss(0.1)},
    )
    assert alternatives(answer) == ["--within 4.3: ft-ter, 20 MB, 18 ms; the same command with it answers at once"]
    unchanged = replace(answer, chosen=reference, dev=Choice(model("ft"), loss(0, 0), []))
    assert [line.partition(",")[0] for line in alternatives(unchanged)] == [
        "--within 1.4: ft-l3",
        "--within 1.8: ft-int8",
        "--within 4.3: ft-ter",
    ]
    assert alternatives(replace(answer, target="latency"))[0].startswith("--within 4.3: ft-ter")
