"""From packed models to tables: states, attention, and what refuses to be compared."""

from argparse import Namespace

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon

from multipress.core import csv_tables
from multipress.core.errors import UserError
from multipress.data.text_format import TextFormat
from multipress.data.token_files import read_tokens
from multipress.deployment.packed_models import load_packed, pack_checkpoint
from multipress.dissection.attention import compare_attention, divergences
from multipress.dissection.dissect import dissect
from multipress.dissection.sample import draw_sample
from multipress.dissection.states import read_states
from multipress.dissection.stored_states import StoredStates, write_states
from multipress.dissection.tables import ATTENTION, COMPLEXITY, COMPRESSED, NOISE_FLOOR, SIMILARITY
from multipress.model.features import read_features
from multipress.training.batches import Rows
from tests.steps import HIDDEN, LAYERS, Study
from workflow_scripts import dissect as dissect_script
from workflow_scripts import represent

CPU = torch.device("cpu")
RECIPES = ["ft", "ft-h50", "ft-l1", "ft-int8", "cnn4"]
TOKENS = 400


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A folder of packed models, ``ft2`` among them as ft of another seed, and the rows that they read."""
    folder = tmp_path_factory.mktemp("packed")
    study = Study(folder / "study")
    made = {recipe: study.make(recipe) for recipe in RECIPES}
    made["ft2"] = study.apply("ft", output=study.model("ft2"), epochs=2.0)
    for recipe, checkpoint in made.items():
        pack_checkpoint(
            checkpoint, TextFormat(tokenizer="", max_length=16, pair=False), folder / f"{recipe}.safetensors"
        )
    (folder / "dev.arrow").symlink_to(study.folder / "monitor.arrow")
    return folder


def represented(packed, recipe, seed=1, against_seeds=(1,), model=None, output=None, **changes):
    """Run the rule's script: the files of states and of attention."""
    dense = recipe.partition("-")[0]
    params = {"task": "rte", "arch": "nano", "seed": seed, "recipe": recipe, "dense": dense}
    params |= {"against_seeds": list(against_seeds), "rows": 90, "tokens": TOKENS, "batch_size": 16} | changes
    files = [(output or packed / "out") / f"{recipe}{seed}{suffix}" for suffix in (".safetensors", ".csv")]
    arguments = Namespace(
        model=packed / f"{model or recipe}.safetensors",
        against=[packed / f"{dense}.safetensors" for _ in against_seeds],
        dev=packed / "dev.arrow",
        states=files[0],
        attention=files[1],
        device="cpu",
        threads=1,
    )
    represent.main(represent.Params.model_validate(params), arguments)
    return files


@pytest.fixture(scope="module")
def files(packed):
    """Of all models, the dense parent of another seed last."""
    return [
        represented(packed, "ft", against_seeds=()),
        represented(packed, "ft-h50"),
        represented(packed, "ft-l1", layers=[2]),
        represented(packed, "ft-int8"),
        represented(packed, "ft", seed=2, model="ft2"),
    ]


@pytest.fixture(scope="module")
def tables(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    names = {table.name: folder / table.file for table in (SIMILARITY, ATTENTION, COMPLEXITY)}
    states, attention = (list(each) for each in zip(*files, strict=True))
    dissect_script.main(dissect_script.Params(), Namespace(states=states, attention_files=attention, **names))
    return [csv_tables.read_as(table, names[table.name], "dissect") for table in (SIMILARITY, ATTENTION, COMPLEXITY)]


def test_states_are_those_of_the_model_whatever_stands_beside_a_row(packed):
    model, _ = load_packed(packed / "ft.safetensors")
    sample = draw_sample(read_tokens(packed / "dev.arrow"), "rte", 20, 30)
    states = read_states(model, sample, 8, CPU)
    for row in range(20):
        batch = Rows(sample.tokens, CPU).batch(np.array([row]))
        hidden = torch.cat(read_features(model, **batch.inputs).hidden).detach().numpy()
        assert np.allclose(states.mean[:, row], hidden.mean(1), atol=3e-3)
        positions = sample.positions[sample.rows == row]
        assert np.allclose(states.tokens[:, sample.rows == row], hidden[:, positions], atol=3e-3)


def test_the_sample_has_words_alone_and_depends_on_the_task_alone(packed):
    dev = read_tokens(packed / "dev.arrow")
    sample = draw_sample(dev, "rte", 50, 100)
    ids = sample.tokens.ids[sample.tokens.offsets[sample.rows] + sample.positions]
    assert len(ids) == 100
    assert not {2, 3} & set(ids.tolist())  # [CLS] and [SEP]
    assert len(set(zip(sample.rows.tolist(), sample.positions.tolist(), strict=True))) == 100
    assert draw_sample(dev, "rte", 50, 100).digest == sample.digest != draw_sample(dev, "sst2", 50, 100).digest
    assert len(draw_sample(dev, "rte", 10_000, 10_000).tokens) == len(dev)


def test_divergence_is_scipys_over_real_positions_alone():
    generator = torch.Generator().manual_seed(0)
    scores, others = (torch.randn(2, 3, 5, 5, generator=generator) for _ in range(2))
    real = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    found = divergences(scores, others, real)
    for row, length in ((0, 5), (1, 3)):
        ours, theirs = (each[row, :, :length, :length].softmax(-1) for each in (scores, others))
        expected = jensenshannon(ours.numpy(), theirs.numpy(), base=2, axis=-1) ** 2
        assert np.allclose(found[row, :length], expected.mean(0), atol=1e-6)
    assert float(divergences(scores, scores, real)[real].max()) < 1e-6


def test_attention_is_compared_head_by_head_with_the_layer_that_it_came_from(packed):
    tokens = read_tokens(packed / "dev.arrow").take(np.arange(12))
    dense, fewer = (load_packed(packed / f"{name}.safetensors")[0] for name in ("ft2", "ft-h50"))
    with torch.no_grad():  # after so little training all attention is even, and alike
        for layer in (*dense.bert.encoder.layers, *fewer.bert.encoder.layers):
            layer.attention.self.query.weight.mul_(200)
    kept = [layer.attention.self.kept_heads for layer in fewer.bert.encoder.layers]
    batch = Rows(tokens, CPU).batch(np.arange(12))
    with torch.inference_mode():
        ours, theirs = (read_features(model, **batch.inputs).scores for model in (fewer, dense))
    real = batch.attention_mask
    expected = [
        float(divergences(own, other[:, heads], real)[real].mean())
        for own, other, heads in zip(ours, theirs, kept, strict=True)
    ]
    assert min(expected) > 1e-3
    for batch_size in (12, 5):
        found = compare_attention(fewer, dense, [1, 2, 3], tokens, batch_size, CPU)
        assert [each.heads for each in found] == [1] * LAYERS
        assert [each.divergence for each in found] == pytest.approx(expected, rel=1e-4)
    with pytest.raises(UserError, match="do not come from"):
        compare_attention(fewer, dense, [1, 2, 4], tokens, 12, CPU)


def test_tables_have_every_layer_of_every_model(tables):
    similarity, attention, complexity = tables
    of_cut = similarity[similarity["recipe"] == "ft-l1"]
    assert of_cut[["layer", "against_layer"]].to_numpy().tolist() == [[0, 0], [1, 3]]
    assert attention.loc[attention["recipe"] == "ft-l1", "against_layer"].tolist() == [3]
    floor = similarity[similarity["kind"] == NOISE_FLOOR]
    assert floor[["recipe", "seed", "against", "against_seed"]].drop_duplicates().to_numpy().tolist() == [
        ["ft", 2, "ft", 1]
    ]
    assert len(floor) == LAYERS + 1
    assert (attention["kind"] == NOISE_FLOOR).sum() == LAYERS
    assert set(similarity.loc[similarity["kind"] == COMPRESSED, "recipe"]) == {"ft-h50", "ft-l1", "ft-int8"}
    assert len(complexity) == 4 * (LAYERS + 1) + 2
    assert not complexity.duplicated(["recipe", "seed", "layer"]).any()
    assert complexity[["recipe", "seed"]].drop_duplicates().to_numpy().tolist() == [
        *(["ft", 1], ["ft-h50", 1], ["ft-l1", 1], ["ft-int8", 1], ["ft", 2])
    ]
    assert (similarity["tokens"] == TOKENS).all()
    assert (similarity["note"] == "").all()
    int8 = similarity[similarity["recipe"] == "ft-int8"]
    assert int8["cka"].between(0.9, 1).all()


def noisy(files, tmp_path, name, scale, **changes):
    """States of ft to which noise was added, the higher the layer, the more."""
    stored = StoredStates(files[0][0])
    kinds = {kind: np.stack([stored.read(kind, layer) for layer in range(LAYERS + 1)]) for kind in ("mean", "tokens")}
    generator = np.random.default_rng(0)
    for states in kinds.values():
        for layer in range(1, LAYERS + 1):
            states[layer] += (scale * layer * generator.normal(size=states[layer].shape)).astype(np.float16)
    of = stored.of.model_copy(update={"recipe": name, **changes})
    write_states(tmp_path / f"{name}.safetensors", of, kinds)
    return tmp_path / f"{name}.safetensors"


def test_more_noise_is_farther_away_by_all_measures(files, tmp_path):
    noise = [noisy(files, tmp_path, name, scale) for name, scale in (("ft-mp20", 0.2), ("ft-mp60", 0.8))]
    similarity, complexity = dissect([files[0][0], *noise])
    for measure in ("cka", "cka_unbiased", "cka_standardized", "pwcca", "cka_mean"):
        little, much = (
            similarity.loc[similarity["recipe"] == name, measure].to_numpy() for name in ("ft-mp20", "ft-mp60")
        )
        assert little[0] == pytest.approx(1, abs=1e-6), measure
        assert (np.diff(little) < 0).all(), measure
        assert (much[1:] < little[1:]).all(), measure
    fullness = complexity.pivot(index="layer", columns="recipe", values="participation_ratio")
    assert (fullness.loc[1:, "ft-mp60"] > fullness.loc[1:, "ft"]).all()


def test_too_few_tokens_are_told(packed, tmp_path):
    few = [
        represented(packed, recipe, seeds, output=tmp_path, tokens=tokens, against_seeds=against)[0]
        for recipe, seeds, tokens, against in (("ft", 1, HIDDEN - 2, ()), ("ft-int8", 1, HIDDEN - 2, (1,)))
    ]
    similarity, _ = dissect(few)
    assert similarity["pwcca"].isna().all()
    assert similarity["note"].unique().tolist() == ["of width 16 pwcca wants 160 tokens; below 16 it means nothing"]
    with pytest.raises(UserError, match="not of the same tokens: delete both"):
        dissect([few[0], represented(packed, "ft-int8", output=tmp_path / "more", tokens=30)[0]])


def test_what_cannot_be_compared_is_refused_in_one_line(packed, files, tmp_path):
    with pytest.raises(UserError, match=r"states of rte/nano/seed1/ft-int8 and none of its dense parent ft: give both"):
        dissect([files[3][0]])
    with pytest.raises(UserError, match="have 8 units, those of its dense parent 16"):
        dissect([files[0][0], noisy(files, tmp_path, "ft-mp60", 0.1, width=8)])
    with pytest.raises(UserError, match=r"cnn4\.safetensors has no Transformer layers"):
        represented(packed, "cnn4", against_seeds=(), output=tmp_path)
    with pytest.raises(UserError, match="has 1 layers, and its recipe leaves 2"):
        represented(packed, "ft-l1", layers=[0, 1], output=tmp_path)
    (tmp_path / "broken.safetensors").write_bytes(b"no states")
    for path in (tmp_path / "broken.safetensors", tmp_path / "none.safetensors", packed / "ft.safetensors"):
        with pytest.raises(UserError, match="holds no states of a model"):
            StoredStates(path)
