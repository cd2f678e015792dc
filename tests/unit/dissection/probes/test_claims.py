"""Areas and verdicts, against what they are by construction."""

import pandas as pd
import pytest

from multipress.dissection.probes.claims import probe_claims
from multipress.dissection.probes.settings import KINDS, UNTRAINED
from multipress.dissection.probes.tables import PROBES

DENSE = 0.9
LADDER = {"ft": 0.0, "ft-mp20": 0.2, "ft-mp80": 0.8}
COST = {"surface": 0.1, "syntax": 0.2, "semantics": 0.5}


def table(seeds=(1, 2, 3), noise=0.002, blind=()):
    """Accuracies that fall in proportion to sparsity, with a slope for each kind, from 0.9 at a majority of 0.5."""
    rows = [
        {"task": task, "arch": "six", "seed": seed, "recipe": recipe, "probe": probe, "kind": kind, "layer": layer}
        | {"accuracy": 0.5 if layer == 0 or probe in blind else DENSE - COST[kind] * 0.4 * sparsity + noise * seed}
        | {"majority": 0.5}
        for task in ("sst2", "rte")
        for seed in seeds
        for recipe, sparsity in LADDER.items()
        for probe, kind in KINDS.items()
        for layer in range(3)
    ]
    rows.append(rows[0] | {"recipe": UNTRAINED})
    rows.append(rows[0] | {"recipe": "ft-int8", "accuracy": 0.1})
    made = pd.DataFrame(rows)
    return made.assign(low=made["accuracy"] - 0.02).reindex(columns=list(PROBES.columns))


def test_areas_and_their_order_are_found():
    claims = probe_claims(table()).set_index("claim")
    for kind, cost in COST.items():
        area = 1 - cost * 0.8 / 2  # of a straight line from 1 to 1 - 0.8 times the cost
        assert claims.loc[f"kept of {kind}", "estimate"] == pytest.approx(area, abs=0.01)
    assert claims.loc["semantics goes first", "estimate"] == pytest.approx((0.5 - 0.2) * 0.8 / 2, abs=0.01)
    assert set(claims["verdict"]) == {"", "yes"}
    assert claims["recipes"].unique().tolist() == ["ft ft-mp20 ft-mp80"]
    assert (claims[["n_tasks", "n_seeds"]] == [2, 3]).all(axis=None)
    swapped = table().replace({"kind": {"surface": "semantics", "semantics": "surface"}})
    assert probe_claims(swapped).set_index("claim").loc["semantics goes first", "verdict"] == "no"


def test_a_probe_that_finds_nothing_on_one_task_costs_other_claims_nothing():
    made = table()
    of_semantics = (made["kind"] == "semantics") & (made["task"] == "rte")
    found = probe_claims(made.assign(low=made["low"].mask(of_semantics, 0.4))).set_index("claim")
    whole = probe_claims(made).set_index("claim")
    claim = "syntax goes before surface"
    columns = ["estimate", "low", "high", "verdict", "n_tasks", "n_seeds"]
    assert found.loc[claim, columns].equals(whole.loc[claim, columns])
    assert found.loc["semantics goes first", ["n_tasks", "n_seeds", "verdict"]].tolist() == [1, 3, "yes"]
    assert found.loc[claim, "note"] == "in the dense model nothing is found by odd_word (rte), supersense (rte)"


def test_a_probe_counts_in_all_seeds_of_a_task_or_in_none():
    made = table()
    of_seed = (made["probe"] == "odd_word") & (made["seed"] == 2)
    found = probe_claims(made.assign(low=made["low"].mask(of_seed, 0.4))).set_index("claim")
    assert found["estimate"].equals(probe_claims(made).set_index("claim")["estimate"])


def test_a_seed_in_which_a_probe_finds_next_to_nothing_decides_no_area():
    made = table()
    of_seed = (made["probe"] == "odd_word") & (made["seed"] == 2)
    weak = made.assign(accuracy=made["accuracy"].mask(of_seed, made["accuracy"] - 0.405))
    found = probe_claims(weak.assign(low=weak["accuracy"] - 0.02)).set_index("claim")
    whole = probe_claims(made).set_index("claim")
    assert found.loc["kept of semantics", "estimate"] == pytest.approx(
        whole.loc["kept of semantics", "estimate"], abs=0.01
    )
    assert "nothing is found by odd_word" in found.loc["kept of semantics", "note"]


def test_a_control_is_not_pruned():
    made = table()
    control = made[made["recipe"] == "ft"].assign(recipe="ft-mp0")
    assert probe_claims(pd.concat([made, control])).equals(probe_claims(made))
    alone = probe_claims(pd.concat([made[made["recipe"] == "ft"], control]))
    assert set(alone["note"]) == {"no probed recipe is pruned and nothing else"}


def test_kinds_that_no_task_has_together_have_a_reason():
    made = table()
    apart = ((made["kind"] == "semantics") & (made["task"] == "rte")) | (
        (made["kind"] == "syntax") & (made["task"] == "sst2")
    )
    found = probe_claims(made.assign(low=made["low"].mask(apart, 0.4))).set_index("claim")
    row = found.loc["semantics goes before syntax"]
    assert (row["verdict"], row["n_seeds"]) == ("can't tell", 0)
    assert row["note"].startswith("on no task probes of syntax and semantics find anything in the dense model; ")


def test_what_cannot_be_told_is_not():
    one = probe_claims(table(seeds=[1])).set_index("claim")
    assert one.loc["semantics goes first", ["verdict", "note"]].tolist() == ["can't tell", "one seed: no interval"]
    assert one.loc["semantics goes first", "estimate"] > 0.1
    blind = probe_claims(table(blind=["supersense", "odd_word"])).set_index("claim")
    assert blind.loc["semantics goes first", "verdict"] == "can't tell"
    assert blind.loc["semantics goes first", "note"] == (
        "no probe of semantics finds anything in the dense model; in the dense model nothing is found by odd_word, "
        "supersense"
    )
    assert blind.loc["syntax goes before surface", "verdict"] == "yes"
    alone = probe_claims(table().query("recipe == 'ft'"))
    assert set(alone["note"]) == {"no probed recipe is pruned and nothing else"}
