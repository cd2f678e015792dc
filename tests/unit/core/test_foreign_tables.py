import csv

import pytest

from multipress.core.errors import UserError
from multipress.core.foreign_tables import plain_name, read, to_numbers, with_points

COLUMNS = ["name", "score", "size"]


@pytest.fixture
def table(tmp_path):
    """A function that writes a file and reads it."""

    def make(text, required=COLUMNS, optional=()):
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read(path, required, optional)

    return make


@pytest.mark.parametrize(
    "text",
    [
        "name,score,size\na,1.5,20\nb,2.5,30\n",
        "name;score;size\r\na;1.5;20\r\nb;2.5;30\r\n",
        "name\tscore\tsize\na\t1.5\t20\nb\t2.5\t30",
        "name, score , size\na , 1.5, 20\nb,\t2.5,30 \n",
        '"name","score","size"\n"a","1.5","20"\n"b","2.5","30"\n',
        'name, "score", "size"\na, "1.5", "20"\nb,2.5,30\n',
        "\ufeffName,SCORE,\u00a0Size\na,1.5,20\nb,2.5,30\n",
        "name,score,size\ra,1.5,20\rb,2.5,30\r",
        "\n\nname,score,size\n,,\na,1.5,20\n   \nb,2.5,30\n,,\n\n",
        "name,score,size,,\na,1.5,20,,\nb,2.5,30,,,,\n",
    ],
)
def test_the_same_cells_come_from_every_way_of_writing_them(table, text):
    cells = table(text).text[COLUMNS]
    assert cells.to_numpy().tolist() == [["a", "1.5", "20"], ["b", "2.5", "30"]]


@pytest.mark.parametrize("name", ["paper_mb", " Paper_MB ", "paper mb", "PAPER-MB", "\ufeffpaper  mb", "paper\u00a0mb"])
def test_names_of_columns_have_one_normal_form(name):
    assert plain_name(name) == "paper_mb"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("name,score,size\na,1,1\nb,1,1\n", [2, 3]),
        ("\nname,score,size\n\n\na,1,1\n\nb,1,1\n", [5, 7]),
        ('name,score,size\n"a\nsecond line\r\nthird",1,1\nb,1,1\n', [2, 5]),
        ("name,score,size\r\n,,\r\na,1,1\r\n \r\nb,1,1\r\n", [3, 5]),
        ("name,score,size\na\u2028a\x85,1,1\nb,1,1\n", [2, 3]),
    ],
)
def test_rows_know_the_line_in_which_an_editor_shows_their_beginning(table, text, lines):
    read_table = table(text)
    assert read_table.text.index.tolist() == lines
    assert str(read_table.error(lines[1], "is odd")).endswith(f"table.csv, line {lines[1]}: is odd")


def test_cells_that_hold_separators_and_quotes_are_whole(table):
    assert table('name;score;size\n"a;b ""c""";1;2\n').text["name"].item() == 'a;b "c"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", r"it is empty\); it needs a header with name, score, size"),
        ("\n \n", "it is empty"),
        (b"\xff\xfen\x00a\x00m\x00e\x00", "no text in UTF-8"),
        (b"name,score,size\na,\x00,1\n", "no text in UTF-8"),
        ("name,score,size\nä,1,1\n".encode("latin-1"), "line 2 is not in UTF-8"),
        ("name,size\na,1\n", r"has no column score; it needs name, score, size and has name, size$"),
        ("| name | score | size |\n|---|---|---|\n| a | 1 | 2 |\n", r"has no column name, score, size; .* has \| name"),
        ("name score size\na 1 2\n", "and has name score size$"),
        ("name,score,size,Score\na,1,2,3\n", "line 1: columns 2 and 4 are both called score; keep one"),
        ("\nname,note,size,score,no_te,no te\n", "line 2: columns 5 and 6 are both called no_te"),
        ("name,score,size\na,1,2\n\nb,1,2,3\n", "line 4: 4 cells, more than the header's 3"),
        ("name,score,size\na,88,5,440,2\n", "line 2: 5 cells"),
        ('name,score,size\na,1,2\n"b,1,2\nc,1,2\n', "line 3: no CSV row .*quotation marks"),
        ('name,score,size\n"a"x,1,2\n', "line 2: no CSV row"),
    ],
)
def test_what_is_no_table_is_one_line_with_place_and_remedy(table, text, expected):
    with pytest.raises(UserError, match=expected) as caught:
        table(text, optional=["no_te"])
    assert "table.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_columns_that_nobody_reads_may_hold_whole_documents(table):
    limit = csv.field_size_limit()
    assert table(f"name,log,score,size\na,{'x' * 200_000},1,2\n").text["size"].tolist() == ["2"]
    assert csv.field_size_limit() == limit


def test_columns_that_nobody_reads_may_have_any_name(table):
    assert list(table("name,x,x,,score,size\na,1,2,3,4,5\n").text["score"]) == ["4"]


def test_a_file_that_is_not_there_or_is_a_folder_is_named(tmp_path):
    with pytest.raises(UserError, match=r"none\.csv cannot be read \(No such file or directory\); name a CSV file$"):
        read(tmp_path / "none.csv", COLUMNS)
    with pytest.raises(UserError, match=r"cannot be read \(Is a directory\)"):
        read(tmp_path, COLUMNS)


def numbers(table, text, **options):
    points = with_points(table(text), ["score", "size"], **options)
    return [to_numbers(points[column]).tolist() for column in ("score", "size")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name,score,size\na,88.5,440\n", [[88.5], [440]]),
        ("name;score;size\na;88,5;440\nb;-7,25;0,5\n", [[88.5, -7.25], [440, 0.5]]),
        ("name;score;size\na;88;17,550\n", [[88], [17.55]]),
        ("name\tscore\tsize\na\t88,5\t17,550\n", [[88.5], [17.55]]),
        ('name,score,size\na,"88,5","1,340"\n', [[88.5], [1.34]]),
        ("name,score,size\na,\u221212.5,1e2\n", [[-12.5], [100]]),
        ("name,score,size\na,n.a.,.5\n", [[None], [0.5]]),
    ],
)
def test_numbers_may_have_either_decimal_mark(table, text, expected):
    found = [[None if value != value else value for value in column] for column in numbers(table, text)]
    assert found == expected


def test_a_comma_is_no_mark_of_thousands_in_small_numbers(table):
    text = "name\tscore\tsize\na\t88,123\t17,550\n"
    assert numbers(table, text, below_1000=["score"]) == [[88.123], [17.55]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('name,score,size\na,88,"1,340"\n', "line 2: size '1,340' may be 1.340 or 1340"),
        ("name\tscore\tsize\na\t88\t17\nb\t88\t17,550\n", "line 3: size '17,550' may be 17.550 or 17550"),
        ('name,score,size\na,88.5,"1,340"\n', "line 2: size '1,340' has a comma, and score '88.5' in line 2 a point"),
        (
            "name;score;size\na;88,5;1340\nb;88,5;1.340\n",
            "line 2: score '88,5' has a comma, and size '1.340' in line 3",
        ),
        ("name;score;size\na;88;1.340,5\n", "line 2: size '1.340,5' has marks of thousands"),
        ('name,score,size\na,88,"1,340,000"\n', "line 2: size '1,340,000' has marks of thousands"),
    ],
)
def test_marks_that_may_mean_two_things_are_refused(table, text, expected):
    with pytest.raises(UserError, match=expected):
        numbers(table, text)


@pytest.mark.parametrize(
    "cell", ["88.5%", "440 MB", "1_000", "1 000", "nan", "inf", "0x10", "True", "", "٣", "1e", "--1"]
)
def test_what_is_no_plain_number_is_none(table, cell):
    assert to_numbers(table(f"name;score;size\na;{cell};1\n").text["score"]).isna().all()
