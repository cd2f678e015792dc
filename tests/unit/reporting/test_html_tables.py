import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pandas as pd
import pytest

from multipress.core.errors import UserError
from multipress.reporting.html_tables import Sheet, read_sheet, write_page

EVIL = "</script><script>document.title='run'</script>"


@pytest.fixture
def sheet(tmp_path):
    """A function that writes a CSV file and reads it as a sheet."""

    def make(text, heading="A heading"):
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        return read_sheet(path, heading)

    return make


@pytest.fixture
def page(tmp_path):
    """A function that writes a page of sheets and returns its text."""

    def make(*sheets, title="A title"):
        write_page(tmp_path / "page.html", title, sheets)
        return (tmp_path / "page.html").read_text(encoding="utf-8")

    return make


def rows(text):
    """The rows of each table as the page's JavaScript gets them."""
    found = re.findall(r'"data_json": ("(?:[^"\\]|\\.)*")', text)
    return [json.loads(json.loads(data)) for data in found]


def numbers(text, column):
    """Text and sort key of each cell of a column of numbers of the only table."""
    (table,) = rows(text)
    return [tuple(row[column]) for row in table]


class Scripts(HTMLParser):
    """The scripts of a page, and the text outside of them, as a browser reads them."""

    def __init__(self, text):
        super().__init__()
        self.inside, self.scripts, self.texts, self.elements = False, [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.inside = tag == "script"
        self.elements.append(tag)

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        (self.scripts if self.inside else self.texts).append(data)


def test_no_row_of_a_large_table_is_left_out(sheet, page):
    header = ",".join(["name", *(f"c{column}" for column in range(29))])
    lines = [",".join([f"model{number}", *[str(number / 7)] * 29]) for number in range(1728)]
    text = page(sheet("\n".join([header, *lines])))
    (table,) = rows(text)
    assert [row[0] for row in table] == [f"model{number}" for number in range(1728)]
    assert "downsampl" not in text.split('"data_json"')[-1].lower()


def test_no_column_of_a_wide_table_is_left_out(sheet, page):
    header = ",".join(f"c{number}" for number in range(300))
    (table,) = rows(page(sheet(f"{header}\n{','.join(map(str, range(300)))}\n")))
    assert table == [list(range(300))]


def test_numbers_are_sorted_as_numbers_and_na_is_shown_as_na(sheet, page):
    found = numbers(page(sheet("arch,score\na,10.5\nb,NA\nc,9.25\nd,\n")), 1)
    assert [text for text, _ in found] == ["10.50", "NA", "9.25", "NA"]
    assert [key for _, key in found] == [10.5, "___NaN___", 9.25, "___NaN___"]


def test_numbers_are_rounded_to_what_their_column_needs(sheet, page):
    text = page(sheet("size,ratio,p,whole\n123.456789,0.123456,0.0001234,3\n7.123456,0.5,0.0009,NA\n"))
    (table,) = rows(text)
    assert [[cell[0] for cell in row] for row in table] == [
        ["123.46", "0.123", "0.000123", "3.0"],
        ["7.12", "0.500", "0.000900", "NA"],
    ]


def test_chosen_columns_come_first_and_none_is_lost(tmp_path):
    (tmp_path / "table.csv").write_text("a,b,c,verdict\n1,2,3,additive\n")
    made = read_sheet(tmp_path / "table.csv", "A heading", ["b", "verdict", "no such column"])
    assert list(made.table.columns) == ["b", "verdict", "a", "c"]


def test_texts_stay_as_they_stand_in_the_file(sheet, page):
    made = sheet("name,on_front,note,allna\nNA,True,,NA\ngröße 北,NA,1.50,NA\nnull,False,None,NA\n")
    (table,) = rows(page(made))
    assert table == [["NA", "True", "", "NA"], ["größe 北", "NA", "1.50", "NA"], ["null", "False", "None", "NA"]]


def test_whole_numbers_stay_whole(sheet, page):
    (table,) = rows(page(sheet("seed,n\n0,12\n1,3\n")))
    assert table == [[0, 12], [1, 3]]


def test_scripts_in_cells_columns_headings_and_titles_are_text(sheet, page):
    made = sheet(f'"{EVIL}",b\n"{EVIL}",<img src=x onerror="document.title=1">\n', heading=EVIL)
    parsed = Scripts(page(made, title=EVIL))
    harmless = Scripts(page(sheet("a,b\nc,d\n")))
    assert parsed.elements == harmless.elements  # none more than a page of plain words has
    assert not any("document.title" in script.split('"data_json"')[0] for script in parsed.scripts)
    assert "".join(parsed.texts).count(EVIL) == 4  # title, heading, column, cell


def test_a_table_without_rows_says_so(sheet, page):
    text = page(sheet("arch,score\n", heading="Nothing"))
    assert "<h2>Nothing</h2><p>no rows</p>" in text
    assert rows(text) == []


def test_tables_stand_below_their_headings_in_order_with_ids_of_their_own(sheet, page):
    first, second = sheet("a\n1\n", heading="First"), sheet("a\n2\n", heading="Second & last")
    text = page(first, second)
    assert re.findall("<h2>(.*?)</h2>", text) == ["First", "Second &amp; last"]
    assert rows(text) == [[[1]], [[2]]]
    assert re.findall(r'<table id="(\w+)"', text) == ["table0", "table1"]


def test_the_page_opens_offline(sheet, page):
    text = page(sheet("a\n1\n"))
    assert not re.search(r"""(?:src|href)=["']?https?://(?!itables\.org)""", text)
    assert not re.search(r"""from ['"]https?://""", text)


def test_more_rows_than_fit_on_a_screen_can_all_be_shown_at_once(page):
    few, many = (page(Sheet("", pd.DataFrame({"a": range(count)}))) for count in (25, 26))
    assert '"pageLength"]' not in few.replace(" ", "").replace("\n", "")
    assert '"buttons":["copyHtml5","csvHtml5","pageLength"]' in many.replace(" ", "").replace("\n", "")
    assert '{"label":"all","value":-1}' in many.replace(" ", "").replace("\n", "")


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n1,2,3\n"])
def test_a_file_that_is_no_table_is_one_line(sheet, text):
    with pytest.raises(UserError, match=r"table\.csv is no table \(.*\); rerun the rule that makes it$"):
        sheet(text)


def arguments(tables, output, pages):
    return ["--params", json.dumps({"pages": pages}), "--tables", str(tables), "--output-dir", str(output)]


def test_the_script_writes_each_page_and_the_same_bytes_as_another_process(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text("arch,score,note\na,1.5,größe\nb,NA,\n", encoding="utf-8")
    pages = {"both": [["One", "one"], ["Two", "two"]], "alone": [["Two", "two"]]}
    command = [sys.executable, "-m", "workflow_scripts.render_tables", *arguments(tmp_path, tmp_path / "pages", pages)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in (tmp_path / "pages").iterdir()) == ["alone.html", "both.html", "files.json"]
    write_page(tmp_path / "again.html", "alone", [read_sheet(tmp_path / "two.csv", "Two")])
    assert (tmp_path / "again.html").read_bytes() == (tmp_path / "pages/alone.html").read_bytes()
    assert re.findall("<h2>(.*?)</h2>", (tmp_path / "pages/both.html").read_text()) == ["One", "Two"]


def test_pages_with_the_tables_that_name_models_in_doubt_say_so(tmp_path):
    flags = "task,arch,recipe,seed,flag,score,limit,note\nrte,large,kd,2,not_learnt,52.7,58.7,\n"
    (tmp_path / "flags.csv").write_text(flags)
    header = "arch,task,method,ratio,chosen_arch,chosen_recipe,fallback,at_end_of_curve\n"
    (tmp_path / "table1_per_task.csv").write_text(header + "large,rte,KD,3.2,tiny,kd,False,smallest\n")
    pages = {"all": [["Flags", "flags"], ["Choices", "table1_per_task"]]}
    command = [sys.executable, "-m", "workflow_scripts.render_tables", *arguments(tmp_path, tmp_path / "pages", pages)]
    assert subprocess.run(command).returncode == 0
    said = re.findall("<p>(.*?)</p>", (tmp_path / "pages/all.html").read_text())
    assert [line.partition(":")[0] for line in said[:-1]] == [
        "models that have not learnt their task, for one answer to all rows scores as much",
        "of 1 choices of Table 1, 1 of the smallest architecture, beyond which none was studied; "
        "see table1_per_task.csv, at_end_of_curve",
    ]
    assert "1 (rte large/kd seed 2); see flags.csv" in said[0]


def test_the_script_names_a_missing_table_in_one_line(in_process, tmp_path):
    missing = tmp_path / "one.csv"
    message = in_process("render_tables", *arguments(tmp_path, tmp_path / "pages", {"page": [["One", "one"]]}))
    reason = f"[Errno 2] No such file or directory: '{missing}'"
    assert message == f"render_tables: error: {missing} is no table ({reason}); rerun the rule that makes it"
