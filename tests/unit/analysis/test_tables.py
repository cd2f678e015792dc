import pytest

from multipress.analysis.all_tables import all_tables
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.tables import TABLES, methods_of_table1, table1_columns
from multipress.reporting.contents import PAGES
from tests.unit.analysis.cases import MULTIPLICATIVE, results


def frames(*arguments, **cases):
    """Every table of results that have all sizes."""
    table = results(*arguments, **cases)
    return all_tables(table.assign(packed_mb=table["paper_mb"], deployed_mb=1.0), AnalyzeSettings(draws=100))


ALL, FEW = frames(MULTIPLICATIVE), frames(names=["ft", "kd"], tasks=["a"])


def test_the_analysis_makes_every_table_of_the_list_and_no_other():
    assert set(ALL) == {table.name for table in TABLES}
    assert len({table.name for table in TABLES}) == len(TABLES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_a_page_and_the_columns_of_the_list(table):
    assert table.page in {page.name for page in PAGES}
    assert table.heading
    for made in (ALL[table.name], FEW[table.name]):
        methods = methods_of_table1(made) if table.page == "table1" and "size_mb" in made else []
        assert [column for column in made if column not in methods] == list(table.columns)
    assert set(table.text) <= set(table.columns)


def test_the_methods_of_table_1_stand_between_its_fixed_columns():
    columns = table1_columns(["QAT", "QAT+LR"])
    assert columns == ["arch", "size_mb", "QAT", "QAT+LR", "n_tasks", "fallbacks", "note"]
    assert methods_of_table1(columns) == ["QAT", "QAT+LR"]
