"""The answer in plain lines."""

from math import ceil

from multipress.analysis.predictions.limits import Loss
from multipress.core.words import change, counted, points
from multipress.shrink.answer import Answer, Measured, Outcome
from multipress.shrink.scores import CONFIDENCE

_ALTERNATIVES = 3
"""That are named."""

SURE = f"{CONFIDENCE:.0%} confidence"


def lines(answer: Answer) -> list[str]:
    """What to take, how large and fast it is, how good, what it confuses, and what a baseline does."""
    chosen, reference = answer.chosen, answer.reference
    found = [_chosen(answer), f"file     {_size(chosen, reference)}", f"latency  {_latency(chosen, reference)}"]
    found += [f"score    {score(answer.metric, answer.chosen_test)} on the test part ({answer.test_rows:,} rows)"]
    if answer.is_compressed:
        loss = answer.test_loss
        found += [f"change   on test it {limits(loss)}; on dev it {limits(answer.dev.loss)}"]
        found += [f"errors   {line}" for line in answer.confusions]
    found += [f"unsure   {line}" for line in doubts(answer)]
    found += [f"or       {line}" for line in alternatives(answer)]
    found += [f"beside   {line}" for line in beside(answer)]
    return [*found, "each model was trained once: the limits do not say what another seed would change"]


def _chosen(answer: Answer) -> str:
    if answer.is_compressed:
        what = "smallest" if answer.target == "size" else "fastest"
        return f"take     {answer.chosen.recipe}: the {what} that loses at most {points(answer.within)}, with {SURE}"
    return f"take     the encoder fine-tuned, not compressed: no other surely loses at most {points(answer.within)}"


def _size(chosen: Measured, reference: Measured) -> str:
    times = (
        f", {reference.megabytes / chosen.megabytes:.1f} times smaller than uncompressed" if chosen != reference else ""
    )
    return f"{megabytes(chosen.megabytes)} (ONNX){times}; packed {megabytes(chosen.packed.stat().st_size / 1e6)}"


def megabytes(value: float) -> str:
    """With three digits, so that small files have some."""
    return f"{value:,.0f} MB" if value >= 100 else f"{value:.3g} MB"


def _latency(chosen: Measured, reference: Measured) -> str:
    before = f" (uncompressed: {reference.milliseconds:.3g} ms)" if chosen != reference else ""
    return f"{chosen.milliseconds:.3g} ms a text{before}, onnxruntime on one thread of this machine, tokens included"


def score(metric: str, tested: Outcome) -> str:
    """A score with its interval."""
    low, high = tested.interval
    return f"{metric} {tested.score:.1f}, {low:.1f} to {high:.1f} with {SURE}"


def limits(loss: Loss) -> str:
    """A loss as measured and at most; a gain where it is one."""
    return change(loss.value, loss.at_most)


def doubts(answer: Answer) -> list[str]:
    """Whether the encoder learned anything, whether the dev set is too small to tell, and how many rows would do."""
    return [*_of_reference(answer), *_of_choice(answer)]


def _of_reference(answer: Answer) -> list[str]:
    """A loss against a model that learned nothing is none."""
    better = [baseline.name for baseline, _, loss in answer.baselines if loss.value <= 0]
    if not better:
        return []
    return [
        f"the uncompressed encoder is no better than {' and '.join(better)} on dev, so losses against it mean little: "
        "see finetune in config.yaml (epochs, learning_rate), or do without an encoder"
    ]


def _of_choice(answer: Answer) -> list[str]:
    if answer.dev.doubtful:
        model, loss = answer.dev.doubtful[0]
        recipe = model.name.partition("/")[2]
        return [f"{recipe} is smaller or faster and {limits(loss)}: {_deciding(loss, answer.within)}"]
    if answer.is_compressed or answer.nearest is None:
        return []
    recipe, loss = answer.nearest
    return [f"nearest is {recipe}, which {limits(loss)}: more than {answer.within:g} as measured"]


def _deciding(loss: Loss, within: float) -> str:
    rows, needed = sum(loss.rows.values()), loss.rows_for(within)
    if needed is None:
        return f"more than the {counted(rows, 'dev row')} would not help, for it loses as much as is allowed"
    return f"the dev set is too small to tell: {sum(needed.values()):,} rows in place of {rows:,} would, if it stays so"


def alternatives(answer: Answer) -> list[str]:
    """What more tolerance would buy, with the argument that asks for it."""
    found = []
    for model, loss in answer.bargains[:_ALTERNATIVES]:
        within = ceil(10 * loss.at_most) / 10
        found.append(
            f"--within {within:g}: {model.recipe}, {megabytes(model.megabytes)}, {model.milliseconds:.3g} ms; "
            "the same command with it answers at once"
        )
    return found


def beside(answer: Answer) -> list[str]:
    """What the baselines do, and whether one of them is good enough."""
    found = []
    for baseline, tested, loss in answer.baselines:
        size = f", {megabytes(baseline.megabytes)}" if baseline.megabytes else ""
        line = f"{baseline.name}: {score(answer.metric, tested)}{size}"
        if loss.at_most <= answer.within:
            line += f"; surely within {points(answer.within)}, too: no encoder is needed"
        elif loss.value <= answer.within:
            line += f"; within {points(answer.within)} as measured on dev, not surely (it {limits(loss)})"
        found.append(line)
    return found
