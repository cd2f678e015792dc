"""What all sections promise: finite numbers within bounds, no truth for a number, paths that Snakemake can take."""

from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import annotated_types
import pytest
from pydantic import TypeAdapter, ValidationError

from multipress.core.settings import Section, Seed, UserPath
from multipress.workflow.load import MODEL


class Sample(Section):
    count: int = 1
    shares: list[float] = []
    seeds: list[Seed] | None = None
    flag: bool = False
    either: bool | int = False
    values: dict[str, Any] = {}


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), "inf", "NaN", "1e999"])
def test_numbers_are_finite(value):
    with pytest.raises(ValidationError, match="finite number"):
        Sample(shares=[0.5, value])


@pytest.mark.parametrize("values", [{"count": True}, {"shares": [1, False]}, {"seeds": [True]}])
def test_truth_is_no_number(values):
    with pytest.raises(ValidationError, match="is no number"):
        Sample(**values)


def test_truth_stays_where_it_is_meant():
    sample = Sample(flag=True, either=True, values={"x": [True]})
    assert (sample.flag, sample.either, sample.values) == (True, True, {"x": [True]})


@pytest.mark.parametrize("text", ["1e-5", "0.00001", "1E-5", " 1e-5 "])
def test_texts_that_are_numbers_are_taken_as_such(text):
    assert Sample(shares=[text]).shares == [1e-5]


@pytest.mark.parametrize("seed", [-1, 2**32, 10**30])
def test_seeds_are_what_all_generators_take(seed):
    with pytest.raises(ValidationError, match=r"greater than or equal to 0|less than 4294967296"):
        Sample(seeds=[seed])


def numbers(model, path=""):
    """Every number below a section: its path, and the marks on its type."""
    for name, field in model.model_fields.items():
        yield from of_type(field.annotation, [*field.metadata], f"{path}{name}")


def of_type(annotation, marks, path):
    arguments = get_args(annotation)
    if annotation in (int, float):
        yield path, marks
    elif get_origin(annotation) is Annotated:
        yield from of_type(arguments[0], [*marks, *arguments[1:]], path)
    elif get_origin(annotation) in (Union, UnionType):
        for argument in arguments:
            yield from of_type(argument, marks, path)
    elif isinstance(annotation, type) and issubclass(annotation, Section):
        yield from numbers(annotation, f"{path}.")
    elif arguments and get_origin(annotation) in (list, tuple, dict):
        for argument in arguments:
            yield from of_type(argument, [], f"{path}[]")


CHECKED_ELSEWHERE = {
    "study.sparsities[]": "between 0 and 1",
    "study.bits[]": "by the grammar of recipes",
    "custom_architectures[].layers[]": "by the layers of the other architecture",
    "custom_tasks[].label_range[]": "a number of the user's data",
}


def test_every_number_of_the_configuration_has_bounds():
    found = dict(numbers(MODEL))
    assert len(found) > 60
    assert CHECKED_ELSEWHERE.keys() <= found.keys()
    for path, marks in found.items():
        flat = [inner for mark in marks for inner in (getattr(mark, "metadata", None) or [mark])]
        low = any(isinstance(mark, annotated_types.Ge | annotated_types.Gt) for mark in flat)
        high = any(isinstance(mark, annotated_types.Le | annotated_types.Lt) for mark in flat)
        assert (low and high) or path in CHECKED_ELSEWHERE, path


PATH = TypeAdapter(UserPath)


@pytest.mark.parametrize("path", ["a b/c", "tä/世界", "/a/(b)[c]+&;#%*?", "o'clock", 'a"b', "a~b", "100$", "./x"])
def test_paths_that_are_taken_as_they_are(path):
    assert PATH.validate_python(path) == path


def test_the_home_folder_is_filled_in(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert PATH.validate_python("~/data") == str(tmp_path / "data")
    assert PATH.validate_python("~") == str(Path(tmp_path))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("a{b}", "has '{' in it"),
        ("a}b", "has '}' in it"),
        ("a\nb", r"has '\\n' in it"),
        ("a\0b", r"has '\\x00' in it"),
        ("$HOME/x", "variables are not filled in"),
        ("data/$USER", "variables are not filled in"),
        ("~nobody-of-that-name/x", "the home folder of ~nobody-of-that-name is not known"),
        ("", "is empty"),
        ("  ", "is empty"),
        ("-x", "begins as an option does"),
        ("s3://bucket/x", "is an address"),
    ],
)
def test_paths_that_mean_something_else_are_refused(path, reason):
    with pytest.raises(ValidationError, match=reason):
        PATH.validate_python(path)
