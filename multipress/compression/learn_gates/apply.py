"""Learn gates on heads and neurons, settle them at the wanted sparsity, train on, and cut out what they closed.

CoFi (Xia et al. 2022) without gates on hidden dimensions and whole blocks: the residual width stays, and with it
LayerNorms, embeddings and all other steps.
"""

from multipress.compression.cut_layers import cut_layers
from multipress.compression.learn_gates.choice import check_percent
from multipress.compression.learn_gates.gates import Gates
from multipress.compression.learn_gates.settings import LearnGatesSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier
from multipress.model.layer_parts import heads_of, neurons_of

SETTINGS = LearnGatesSettings


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Train with gates, then cut. A model whose gates are settled computes what the cut one does."""
    if not work.argument:
        return Applied(work.train(model))
    layers = model.bert.encoder.held
    parts = [*map(heads_of, layers), *map(neurons_of, layers)]
    try:
        check_percent(work.argument, [layer.count for layer in parts], [layer.weights_of_one for layer in parts])
    except ValueError as error:
        raise UserError(f"step c{work.argument} {error}") from None
    total = max(1, round(work.settings.epochs * work.batches.per_epoch))
    gates = Gates(parts, work.argument / 100, work.settings, total, work.device)
    try:
        training = work.train(model, [gates])
    finally:
        gates.remove()
    kept = gates.kept()
    return Applied(training, structure=cut_layers(model, kept[: len(layers)], kept[len(layers) :]))
