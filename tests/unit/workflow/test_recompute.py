from multipress.workflow.provenance.recompute import _analyzed
from tests.unit.analysis.cases import MULTIPLICATIVE, results


def test_tables_of_a_run_from_before_a_setting_are_made_with_its_default(tmp_path):
    file = tmp_path / "results.csv"
    results(MULTIPLICATIVE).to_csv(file, index=False)
    recorded = {"draws": 100, "tolerance": 0.5, "baselines": [], "architectures": None, "synthetic": False}
    before, now = (_analyzed(recorded | later, file) for later in ({}, {"score": "accuracy"}))
    assert all(table.equals(now[name]) for name, table in before.items())
    assert not _analyzed(recorded | {"tolerance": 20.0}, file)["table1"].equals(before["table1"])
