"""Parts of layers: that their graphs compute what the blocks do, and what is made of their times."""

import time

import onnx
import pandas as pd
import pytest
import torch

from multipress.compression.layer_times import COLUMNS, LayerShape, read_layer_times
from multipress.deployment.onnx_export import parts_to_onnx
from multipress.deployment.onnx_interface import metadata
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.evaluation.latency.batches import random_batch
from multipress.evaluation.latency.layers import TEXT, WORDS, Variant, clock_of, counts, model_of, rows_of
from multipress.evaluation.latency.points import Point
from multipress.evaluation.latency.settings import LayerBatch, TurnSettings
from multipress.model.shape import ArchitectureSpec
from workflow_scripts import measure_layers as script

SHAPE = ArchitectureSpec(layers=2, hidden=16, heads=4, feed_forward=40)
LAYERS = [LayerShape(3, 24, is_last=False), LayerShape(2, 8, is_last=True)]


def expected(model, part, inputs):
    """The part in PyTorch, block by block."""
    bert = model.bert
    hidden, mask = bert.embed(**inputs)
    first = hidden[:, :1]
    layers = bert.encoder.layers
    if part == "attention":
        for layer in layers:
            hidden = layer.attention(hidden, mask, first_only=False)
        first = hidden[:, :1]
    elif part == "last_attention":
        first = sum(layer.attention(hidden, mask, first_only=True) for layer in layers)
    elif part == "feed_forward":
        for layer in layers:
            hidden = layer.output(layer.activation(layer.intermediate(hidden)), hidden)
        first = hidden[:, :1]
    elif part == "last_feed_forward":
        for layer in layers:
            first = layer.output(layer.activation(layer.intermediate(first)), first)
    return model.classifier(bert.pool(first))


@pytest.mark.parametrize("part", ["rest", "attention", "feed_forward", "last_attention", "last_feed_forward"])
def test_a_part_alone_computes_its_blocks_and_no_others(part, tmp_path):
    model = model_of(SHAPE, LAYERS, "float32")
    torch.nn.init.normal_(model.classifier.weight)
    for weight in model.bert.encoder.parameters():
        if weight.ndim == 2:
            torch.nn.init.normal_(weight, std=0.5)
    onnx.save(parts_to_onnx(model, metadata(model.config, TEXT), part), tmp_path / "part.onnx")
    inputs = random_batch(WORDS, 3, 8)
    with torch.inference_mode():
        wanted = expected(model, part, inputs)
    assert torch.allclose(OnnxModel(tmp_path / "part.onnx")(**inputs), wanted, atol=1e-5)


def test_a_block_takes_what_its_model_takes_beyond_the_rest():
    def point(*seconds):
        return Point("", "", 1, "8", call=None, timed=list(seconds))

    points = {Variant("rest", 0, 0): point(0.001, 0.001), Variant("attention", 2, 4): point(0.009, 0.009)}
    points[Variant("feed_forward", 8, 4)] = point(0.0005, 0.0005)
    found = {row["part"]: (row["count"], row["p10_ms"], row["median_ms"], row["n"]) for row in rows_of(points)}
    assert found == {"rest": (0, 1.0, 1.0, 2), "attention": (2, 2.0, 2.0, 2), "feed_forward": (8, 0.0, 0.0, 2)}


def test_counts_reach_from_few_to_all():
    assert counts(12, 8) == [1, 2, 3, 4, 6, 8, 9, 10, 12]
    assert counts(2, 8) == [1, 2]
    assert counts(1536, 8) == [96, *range(192, 1537, 192)]


def test_the_script_measures_every_part_in_both_precisions(tmp_path, capsys):
    path = tmp_path / "layers.csv"
    params = script.Params(
        arch="007",
        architecture=SHAPE,
        batch=LayerBatch(batch=2, length=8),
        settings=TurnSettings(repetitions=5, warmup=1, seconds=0.1),
    )
    script.main(params, type("Arguments", (), {"output": path}))
    table = pd.read_csv(path, dtype={"arch": str})
    assert list(table.columns) == list(COLUMNS)
    assert set(table["arch"]) == {"007"}
    assert len(table) == 2 * (1 + 2 * 4 + 2 * 9)
    assert (table["n"] == 5).all()
    assert (table[table["part"] == "rest"]["p10_ms"] > 0).all()
    assert set(table["batch"]) == {2}
    for precision in ("float32", "int8"):
        times = read_layer_times(path, precision)
        assert times.model([LayerShape(4, 40, is_last=True)]) >= times.rest > 0
    assert f"{len(table)} points" in capsys.readouterr().out


def test_one_thread_is_timed_by_what_it_had_of_the_cpu():
    assert clock_of(TurnSettings(threads=1)) is time.process_time
    assert clock_of(TurnSettings(threads=2)) is time.perf_counter
