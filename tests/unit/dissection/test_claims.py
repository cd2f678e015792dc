"""Verdicts on what is said of pruned models' representations."""

import numpy as np
import pandas as pd
import pytest

from multipress.core import csv_tables
from multipress.dissection.claims import claims
from multipress.dissection.tables import ATTENTION, COMPLEXITY, COMPRESSED, NOISE_FLOOR, SIMILARITY
from multipress.reporting.figures.dissection import divergence_by_layer

LAYERS = 6
MEASURES = ["cka", "cka_standardized", "pwcca"]


def tables(seeds=(1, 2), apart=0.1, floor=0.02, fuller=1.0, shift=0.05):
    """One model a seed, whose layers are farther from the parent's the higher they are.

    Args:
        seeds: Those of the study.
        apart: How much farther the last layer is than the first.
        floor: The same of two dense parents.
        fuller: The model's participation ratio by layer, over the parent's.
        shift: Divergence of its attention; that of dense parents is 0.1.
    """
    pairs = [("ft-mp60", seed, COMPRESSED, seed, apart, shift) for seed in seeds]
    pairs += [("ft", seeds[1], NOISE_FLOOR, seeds[0], floor, 0.1)] if len(seeds) > 1 else []
    rows, spans = [], np.arange(LAYERS + 1) / LAYERS
    for recipe, seed, kind, against, span, moved in pairs:
        for layer in range(LAYERS + 1):
            model = {"task": "rte", "arch": "nano", "recipe": recipe, "seed": seed, "kind": kind, "against": "ft"}
            close = 1 - span * spans[layer]
            same = {"against_seed": against, "layer": layer, "against_layer": layer}
            rows.append(model | same | dict.fromkeys(MEASURES, close) | {"divergence": moved, "note": ""})
    both = pd.DataFrame(rows)
    single = [
        {"task": "rte", "arch": "nano", "recipe": recipe, "seed": seed, "layer": layer}
        | {"participation_ratio": 10 * ratio, "two_nn": 10 * ratio * (1.01 if seed == 2 else 1)}
        for recipe, ratios in (("ft", np.ones(LAYERS + 1)), ("ft-mp60", np.broadcast_to(fuller, LAYERS + 1)))
        for seed in seeds
        for layer, ratio in enumerate(ratios)
    ]
    return both, both[both["layer"] > 0], pd.DataFrame(single)


def answer(claim, measure, **options):
    found = claims(*tables(**options))
    return found[(found["claim"] == claim) & (found["measure"] == measure)].iloc[0]


@pytest.mark.parametrize(("apart", "verdict"), [(0.1, "yes"), (0.02, "can't tell"), (0.0, "can't tell"), (-0.1, "no")])
def test_higher_layers_diverge_most_where_they_do_beyond_the_floor(apart, verdict):
    found = answer("higher layers diverge most", "cka", apart=apart)
    assert found["verdict"] == verdict
    assert found["estimate"] == pytest.approx(apart * (5.5 - 1.5) / LAYERS)
    assert found["floor"] == pytest.approx(0.02 * (5.5 - 1.5) / LAYERS)
    assert (found["n_seeds"], found["n_pairs"]) == (2, 1)


@pytest.mark.parametrize(
    ("claim", "upper", "lower", "verdict"),
    [
        ("higher layers become simpler", 0.5, 1, "yes"),
        ("higher layers become simpler", 2, 1, "no"),
        ("higher layers become simpler", 0.999, 1, "can't tell"),
        ("lower layers become more complex", 1, 2, "yes"),
        ("lower layers become more complex", 1, 0.5, "no"),
    ],
)
def test_complexity_is_asked_of_the_layers_that_the_claim_names(claim, upper, lower, verdict):
    ratios = np.array([1, lower, lower, 1, 1, upper, upper])
    found = answer(claim, "two_nn", fuller=ratios)
    assert found["verdict"] == verdict
    assert found["estimate"] == pytest.approx(-np.log2(upper) if "higher" in claim else np.log2(lower))
    assert found["floor"] == pytest.approx(np.log2(1.01))


@pytest.mark.parametrize(("shift", "verdict"), [(0.05, "yes"), (0.2, "no")])
def test_attention_stays_where_it_moves_no_more_than_between_seeds(shift, verdict):
    assert answer("attention stays", "divergence", shift=shift)["verdict"] == verdict


def test_one_seed_has_no_floor_and_no_verdict():
    found = claims(*tables(seeds=(1,)))
    assert set(found["verdict"]) == {"can't tell"}
    assert set(found["note"]) == {"one seed: nothing says how far dense parents differ"}
    assert found["floor"].isna().all()
    assert found["estimate"].notna().all()


def test_tables_from_disk_give_the_same_claims(tmp_path):
    made = tables()
    kinds = (SIMILARITY, ATTENTION, COMPLEXITY)
    for table, kind in zip(made, kinds, strict=True):
        csv_tables.write(tmp_path / kind.file, table.reindex(columns=list(kind.columns)))
    found = claims(*(csv_tables.read_as(kind, tmp_path / kind.file, "dissect") for kind in kinds))
    assert found["verdict"].equals(claims(*made)["verdict"])
    assert (found["note"] == "").all()


def test_unknown_pwcca_has_the_reason_of_its_row():
    similarity, attention, complexity = tables()
    unknown = similarity.assign(pwcca=np.nan, note="of width 8 pwcca wants 80 tokens")
    found = claims(unknown, attention, complexity)
    assert set(found.loc[found["measure"] == "pwcca", "note"]) == {"of width 8 pwcca wants 80 tokens"}


def test_pwcca_of_too_few_tokens_decides_nothing():
    similarity, attention, complexity = tables()
    few = claims(similarity.assign(note="of width 8 pwcca wants 80 tokens"), attention, complexity)
    many = claims(similarity, attention, complexity)
    of_pwcca = few["measure"] == "pwcca"
    assert set(few.loc[of_pwcca, "verdict"]) == {"can't tell"}
    assert set(few.loc[of_pwcca, "note"]) == {"of width 8 pwcca wants 80 tokens"}
    assert few[~of_pwcca].equals(many[~of_pwcca])
    assert set(many.loc[of_pwcca, "verdict"]) == {"yes"}


def test_seeds_that_disagree_allow_no_verdict():
    similarity, attention, complexity = tables()
    of_second = (similarity["recipe"] == "ft-mp60") & (similarity["seed"] == 2)
    similarity.loc[of_second, MEASURES] = 1.0
    found = claims(similarity, attention, complexity)
    assert set(found.loc[found["claim"] == "higher layers diverge most", "verdict"]) == {"can't tell"}


def test_the_figure_has_a_cell_for_each_layer_and_marks_those_within_the_floor():
    similarity, _, _ = tables(apart=0.3, floor=0.1)
    for options, text_of_last in (({"apart": 0.3, "floor": 0.1}, "0.30"), ({"apart": 0.05, "floor": 0.1}, "(0.05)")):
        similarity = tables(**options)[0]
        axes = divergence_by_layer(similarity, "heading").axes[0]
        texts = [text.get_text() for text in axes.texts]
        assert len(texts) == 2 * (LAYERS + 1)
        assert texts[:2] == ["0.10", text_of_last]  # the last layer: the floor, then the model
        assert axes.get_xticklabels()[0].get_text().startswith("ft, other")
    empty = divergence_by_layer(similarity[similarity["kind"] == NOISE_FLOOR], "heading")
    assert empty.axes[0].texts[0].get_text().startswith("no compressed model")
