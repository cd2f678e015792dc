"""Cut heads and neurons out of a model until it is as fast as is wanted, and train the rest on.

The idea is ZipLM's (Kurtic et al. 2023): choose by measured time, not by parameters. What parts matter is the Fisher
information of gates on them (Kwon et al. 2022): squares of derivatives add up over independent parts, so that heads and
neurons can be weighed against each other, which magnitudes of derivatives cannot, for those of many neurons cancel in
one head.
"""

from collections.abc import Sequence

from multipress.compression.cut_layers import cut_layers
from multipress.compression.layer_times import LayerShape, LayerTimes, read_layer_times
from multipress.compression.prune_for_speed.choice import PartValues, TooFast, counts_for_speed
from multipress.compression.prune_for_speed.settings import PruneForSpeedSettings
from multipress.compression.step_work import Applied, StepWork
from multipress.core.errors import UserError
from multipress.model.bert import BertClassifier
from multipress.model.kept_parts import most_important
from multipress.model.layer_parts import heads_of, neurons_of
from multipress.training.importance import first_rows, gate_gradients

SETTINGS = PruneForSpeedSettings

_BEFORE = 100


def apply(model: BertClassifier, work: StepWork) -> Applied:
    """Choose shapes by the table of times, cut, train."""
    if work.argument == _BEFORE:
        return Applied(work.train(model))
    if work.layer_times is None:
        raise UserError(f"step x{work.argument} goes by measured times: name their table as --layer-times")
    times = read_layer_times(work.layer_times, work.settings.precision)
    before = times.model(layers_of(model))
    structure = cut_layers(model, *chosen_parts(model, work, times))
    after = times.model(layers_of(model))
    print(f"predicted: {after:.3f} ms in place of {before:.3f}, {before / after:.2f} times as fast")
    return Applied(work.train(model), structure=structure)


def layers_of(model: BertClassifier) -> list[LayerShape]:
    """The layers as the model applies them, one after the other."""
    layers = model.bert.encoder.layers
    return [
        LayerShape(layer.attention.self.heads, neurons_of(layer).count, is_last=place == len(layers) - 1)
        for place, layer in enumerate(layers)
    ]


def chosen_parts(model: BertClassifier, work: StepWork, times: LayerTimes) -> tuple[list[list[int]], list[list[int]]]:
    """Indices of the heads and of the neurons that stay, in order, for each layer that has weights of its own.

    Raises:
        UserError: the speed cannot be reached by fewer heads and neurons.
    """
    held, order = model.bert.encoder.held, model.bert.encoder.order
    parts = [*map(heads_of, held), *map(neurons_of, held)]
    rows = first_rows(work.batches.epoch(0), work.settings.importance_rows)
    scores = [part.tolist() for part in gate_gradients(model, parts, rows, power=2)]
    last = len(order) - 1
    layers = [
        PartValues(
            heads=scores[number],
            neurons=scores[len(held) + number],
            is_last=[place == last for place, used in enumerate(order) if used == number],
        )
        for number in range(len(held))
    ]
    try:
        heads, neurons = counts_for_speed(layers, times, work.argument / _BEFORE)
    except TooFast as error:
        raise UserError(
            f"step x{work.argument}: with one head and the fewest neurons in each layer the model is {error.most:.2f} "
            f"times as fast, no more: use x{int(_BEFORE * error.most)} or less, or take layers away before (such as l2)"
        ) from None
    return (
        [_best(layer.heads, count) for layer, count in zip(layers, heads, strict=True)],
        [_best(layer.neurons, count) for layer, count in zip(layers, neurons, strict=True)],
    )


def _best(scores: Sequence[float], count: int) -> list[int]:
    return most_important([scores], count, "layer")[0]
