import pytest

from multipress.data.names import normal_label, normal_name, same_but_spelling, two_spellings, whole


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (" pos\t", "pos"),
        ("\u00a0pos\u3000", "pos"),
        ("\ufeffpos\u200b", "pos"),
        ("cafe\u0301", "caf\u00e9"),
        ("\u1112\u1161\u11ab", "\ud55c"),
        ("very  good", "very  good"),
        ("Pos", "Pos"),
        ("\u200e\ufeff ", ""),
    ],
)
def test_the_normal_form_of_a_name(written, normal):
    assert normal_name(written) == normal


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("1.0", "1"),
        (" -2.00", "-2"),
        ("9" * 30 + ".0", "9" * 30),
        ("01", "01"),
        ("4.5", "4.5"),
        ("1.", "1."),
        ("v1.0", "v1.0"),
    ],
)
def test_the_normal_form_of_a_label_has_no_fraction_of_zeros(written, normal):
    assert normal_label(written) == normal


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("+7", 7),
        ("-07", -7),
        ("7.0", 7),
        ("7.5", None),
        ("7_0", None),
        ("\u0667", None),
        ("", None),
        ("1e3", None),
    ],
)
def test_a_whole_number_is_ascii_digits(text, number):
    assert whole(text) == number


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["pos", "neg", "POS"], ("pos", "POS")),
        (["not  so", "not so"], ("not  so", "not so")),
        (["stra\u00dfe", "STRASSE"], ("stra\u00dfe", "STRASSE")),
        (["1", "2", "01"], ("1", "01")),
        (["a\u200bb", "ab"], ("a\u200bb", "ab")),
        (["neg", '"pos"', "pos"], ('"pos"', "pos")),
        (["in form", "inform", "e\u0301", "e"], None),
        ([], None),
    ],
)
def test_spellings_of_one_name(names, found):
    assert two_spellings(names) == found


def test_the_name_that_was_meant():
    assert same_but_spelling("POS", ["neg", "pos"]) == "pos"
    assert same_but_spelling("posh", ["neg", "pos"]) is None
