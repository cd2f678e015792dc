"""Configurations compared key by key."""

from multipress.workflow.provenance.settings import differing, within


def test_each_difference_is_named_with_both_values_and_what_has_no_effect_is_left_out():
    expected = {"quantize": {"epochs": 3, "bits": [8]}, "runtime": {"threads": 1}, "prune": {"epochs": 1}}
    found = {"quantize": {"epochs": 2.0, "bits": [8.0]}, "runtime": {"threads": 4}, "plot": {"dots": 50}}
    assert list(differing(expected, found)) == [
        ("plot.dots", "no entry", "50"),
        ("prune.epochs", "1", "no entry"),
        ("quantize.epochs", "3", "2.0"),
    ]


def test_a_number_is_the_same_however_it_is_written():
    assert (
        list(differing({"rate": 5e-5, "all": [{"rate": "5e-5"}]}, {"rate": "5e-05", "all": [{"rate": 0.00005}]})) == []
    )
    assert list(differing({"name": "five"}, {"name": "5"})) == [("name", "five", "5.0")]


def test_the_part_that_another_mapping_names():
    values = {"a": {"b": 1, "c": 2}, "d": 3, "e": {"f": 4}}
    assert within(values, {"a": {"c": 0}, "e": 0, "x": {}}) == {"a": {"c": 2}, "e": {"f": 4}}
