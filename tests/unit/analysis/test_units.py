import pandas as pd
import pytest

from multipress.analysis.results_file import read_results
from multipress.analysis.units import remarks_on_sizes
from multipress.core.errors import UserError
from tests.unit.analysis.cases import MULTIPLICATIVE, results

FIVE = ["ft", "kd", "ft-int8", "kd-int8", "ft-mp50"]


@pytest.fixture
def read(tmp_path):
    """A function that writes a table of five models with these scores, or any table, and reads it."""

    def through_a_file(table, **options):
        if not isinstance(table, pd.DataFrame):
            table = one_task(table)
        table.to_csv(tmp_path / "results.csv", index=False)
        return read_results(tmp_path / "results.csv", **options)

    return through_a_file


def one_task(scores):
    rows = results(tasks=["a"], seeds=[0], names=FIVE)
    return rows[rows["arch"] == "big"].head(len(scores)).assign(score=list(scores))


@pytest.mark.parametrize(
    "scores",
    [
        [0.91, 0.92, 0.88, 0.9, 0.85],
        [1, 1, 1, 1, 1],
        [0.55, 0.5, 0, -0.02, 0.4],
        [0.03],
        [0, 0, 0, 0, 0.6],
    ],
)
def test_fractions_are_refused_with_column_and_remedy(read, scores):
    with pytest.raises(UserError) as caught:
        read(scores)
    said = str(caught.value)
    assert "column score: those of all tasks are from" in said
    assert "scores are in points from 0 to 100: multiply by 100, or say --in-points" in said
    assert read(scores, in_points=True)["score"].tolist() == scores


@pytest.mark.parametrize(
    "scores",
    [
        [0, 0, 0, 0, 0],  # as correlations of broken models are counted
        [-0.5, -0.2, 0, -0.9, -0.1],  # chance: no library gives every model a correlation of -0.5
        [1.2, 0.8, 0.1, 0.3, -0.4],  # chance again: one point is no fraction
        [55, 50, 0, -2, 40],
        [55.1, 0.7, 0, 61, 58],  # 70 is beyond the others
        [100, 100, 100, 100, 100],
    ],
)
def test_points_near_zero_are_points(read, scores):
    assert read(scores)["score"].tolist() == scores


def test_one_task_in_fractions_among_others_is_named(read):
    table = results(tasks=["cola", "sst2", "rte"])
    table.loc[table["task"] == "cola", "score"] /= 100
    with pytest.raises(UserError, match=r"column score: those of task cola are from 0\.8 to 0\.9, like fractions"):
        read(table)
    table["score"] = table["score"].where(table["task"] != "cola", 0.0)
    assert len(read(table)) == len(table)


def test_single_fractions_among_points_are_named_by_their_line(read):
    with pytest.raises(UserError, match=r"line 4: score 0\.91 of task a is like a fraction"):
        read([93, 90, 0.91, 89, 0.9])


def test_a_table_that_has_the_metric_beside_the_score_proves_its_scale(read):
    near_zero = one_task([0.4, 0.2, 0.9, 0.1, 0.3]).assign(metric="matthews", matthews=lambda rows: rows["score"] / 100)
    assert read(near_zero)["score"].tolist() == near_zero["score"].tolist()
    with pytest.raises(UserError, match="like fractions"):
        read(near_zero.assign(matthews=near_zero["score"]))
    with pytest.raises(UserError, match="like fractions"):
        read(near_zero.assign(metric="accuracy"))


def paper(multiple):
    """Models of the paper's sizes, in another unit."""
    mb = {"base": 437.9, "tiny": 17.55}
    rows = [("a", arch, recipe, 0, 80.0, mb[arch] / by) for arch in mb for recipe, by in (("ft", 1), ("ft-int8", 4))]
    return pd.DataFrame(rows, columns=results().columns).assign(paper_mb=lambda table: table["paper_mb"] * multiple)


@pytest.mark.parametrize(("multiple", "unit"), [(1e-3, "GB"), (1e3, "KB"), (1e6, "bytes")])
def test_sizes_of_known_architectures_in_other_units_are_named(multiple, unit):
    (said,) = remarks_on_sizes(paper(multiple))
    assert said.startswith("paper_mb of base/ft is ")
    assert said.endswith(f", as if in {unit}; sizes are in MB of 10^6 bytes")


def test_sizes_in_mb_are_not_remarked_on():
    assert remarks_on_sizes(paper(1)) == []
    assert remarks_on_sizes(paper(1 / 1.048576)) == []
    table = results(MULTIPLICATIVE)
    assert remarks_on_sizes(table.assign(packed_mb=table["paper_mb"] * 1.2, deployed_mb=float("nan"))) == []


def test_other_implausible_sizes_are_named():
    table = results()
    assert remarks_on_sizes(table.assign(paper_mb=table["paper_mb"] * 1e6))[0].startswith("paper_mb is up to 1.2e+08;")
    mixed = table.assign(paper_mb=table["paper_mb"].where(table["recipe"] != "kd-int8", table["paper_mb"] * 1000))
    assert remarks_on_sizes(mixed)[0].startswith("paper_mb of big/kd-int8 is 250 times that of the uncompressed model;")
    (said,) = remarks_on_sizes(table.assign(packed_mb=table["paper_mb"] * 1e3))
    assert said.startswith("packed_mb of big/ft is 1e+03 times its paper_mb;")
