"""Train exits after the layers of a frozen model (Xin et al. 2020, DeeBERT), and choose when rows leave."""

from collections.abc import Callable
from dataclasses import replace

import torch

from multipress.compression.early_exit.objective import exits_objective
from multipress.compression.early_exit.settings import EarlyExitSettings
from multipress.compression.early_exit.thresholds import choose, curve, mean_depth
from multipress.compression.step_work import Applied, StepWork
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier
from multipress.model.exits import NEVER, ExitRule, Exits, most_entropy
from multipress.model.layers import Linear
from multipress.training.inference import compute_answers
from multipress.training.loop import train

SETTINGS = EarlyExitSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Train the exits alone, on rows but those that the threshold is chosen on."""
    settings = work.settings
    batches, held_out = work.batches.hold_out(settings.held_out)
    exits = add_exits(model, _rule(model, settings))
    objective = exits_objective(model.eval(), _kind(model), settings.objective == "task")
    # Nothing that earlier steps made can move, so that none of their hooks is needed.
    context = replace(work.context, hooks=[], dev_score=_score_of_first(model, work))
    training = train(exits, batches, objective, settings, context)
    answers = torch.from_numpy(compute_answers(model, held_out, settings.batch_size, work.device))
    exits.rule = choose(exits.rule, answers, settings.depth * len(answers))
    passed = mean_depth(exits.rule, answers)
    print(
        f"threshold {exits.rule.threshold:.4g}: {passed:.2f} of {len(answers)} layers on {len(held_out)} rows held out"
    )
    points = [point.model_dump() for point in curve(exits.rule, answers)]
    structure = {"rule": exits.rule.model_dump(), "curve": points, "held_out": len(held_out), "mean_layers": passed}
    return Applied(training, structure=structure)


def add_exits(model: BertClassifier, rule: ExitRule) -> Exits:
    """Give a model exits, each of which starts as its own pooler and head.

    Raises:
        UserError: it has one layer.
    """
    count = len(model.bert.encoder.layers) - 1
    if not count:
        raise UserError(
            "step ee lets rows leave before the last layer, but the parent has one layer only: use a deeper one"
        )
    exits = Exits(model.config, count, rule)
    pooler = model.bert.pooler.dense
    assert isinstance(pooler, Linear)
    state = {"weight": pooler.kernel().detach(), "bias": pooler.bias.detach()}
    for leave in exits.held:
        leave.pooler.dense.load_state_dict(state)
        leave.classifier.load_state_dict(model.classifier.state_dict())
    model.exits = exits.to(model.classifier.weight.device).train(model.training)
    return exits


def _kind(model: BertClassifier) -> str:
    return "regression" if model.config.problem_type == "regression" else "classification"


def _rule(model: BertClassifier, settings: EarlyExitSettings) -> ExitRule:
    """The rule of the settings, by which no row leaves."""
    by_entropy = settings.rule == "entropy" or (settings.rule == "auto" and _kind(model) == "classification")
    if by_entropy and _kind(model) == "regression":
        raise UserError("early_exit.rule: answers of a regression have no entropy: use patience")
    count = len(model.bert.encoder.layers)
    threshold = NEVER if by_entropy else float(count)
    return ExitRule(kind="entropy" if by_entropy else "patience", threshold=threshold, tolerance=settings.tolerance)


def _score_of_first(model: BertClassifier, work: StepWork) -> Callable[[Exits], float] | None:
    """The score where all rows leave at the first exit: without a threshold, the model's own is its parent's."""
    score_of = work.context.dev_score
    if score_of is None:
        return None

    def score(exits: Exits) -> float:
        rule = exits.rule
        at_once = 0.0 if rule.kind == "patience" else most_entropy(model.config.outputs)
        exits.rule = rule.model_copy(update={"threshold": at_once})
        try:
            return score_of(model)
        finally:
            exits.rule = rule

    return score
