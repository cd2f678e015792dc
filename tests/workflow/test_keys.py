"""Every key of the configuration: a change reruns exactly the stages that the table says, and why names the key."""

import re
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

import pytest

from multipress.core.settings import Section
from multipress.workflow.load import MODEL
from multipress.workflow.staleness.rule_graph import STUDIES
from multipress.workflow.staleness.table import TABLE


def leaves(model, prefix=""):
    """Every key of a section and those below it; ``*`` where the user chooses the name."""
    for name, entry in model.model_fields.items():
        annotation, star = entry.annotation, ""
        if get_origin(annotation) is dict:
            annotation, star = get_args(annotation)[1], ".*"
        sections = [form for form in forms(annotation) if isinstance(form, type) and issubclass(form, Section)]
        if sections and name != "variants":  # a variant is a name for settings that have rows of their own
            for section in sections:
                yield from leaves(section, f"{prefix}{name}{star}.")
        else:
            yield prefix + (entry.alias or name)


def forms(annotation):
    """The forms that a section may have."""
    if get_origin(annotation) is Annotated:
        return forms(get_args(annotation)[0])
    if get_origin(annotation) in (UnionType, Union):
        return [form for argument in get_args(annotation) for form in forms(argument)]
    return [annotation]


def nested(path, value, also):
    """The changed part of the configuration."""
    *sections, last = path.split(".")
    config = {last: value} | also
    for section in reversed(sections):
        config = {section: config}
    return config


@pytest.fixture(scope="module")
def finished_graphs(believed):
    return {name: believed(name) for name in STUDIES}


def test_every_key_has_a_row():
    keys = [row.key for row in TABLE]
    assert sorted(keys) == sorted(set(leaves(MODEL)))


@pytest.mark.parametrize("graph", STUDIES)
def test_nothing_is_stale_before(finished_graphs, graph):
    assert finished_graphs[graph].stale() == []


def merged(rows):
    """The changes of several rows as one configuration."""
    config = {}
    for row in rows:
        *sections, last = row.path.split(".")
        inner = config
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[last] = row.value
    return config


def groups():
    """Rows whose keys are named and that rerun the same, together; others alone."""
    found = {}
    for number, row in enumerate(TABLE):
        alone = row.also or not row.names_its_key
        found.setdefault(number if alone else (row.graph, row.name, row.first, row.not_rerun), []).append(row)
    return list(found.values())


@pytest.mark.parametrize("rows", groups(), ids=lambda rows: rows[0].key)
def test_keys_rerun_what_depends_on_them(finished_graphs, rows):
    first = rows[0]
    config = merged(rows) if len(rows) > 1 else nested(first.path, first.value, first.also)
    jobs = finished_graphs[first.graph].stale(config)
    assert {job.rule for job in jobs} == set(first.rules)
    assert all(job.reasons for job in jobs)
    reasons = [reason for job in jobs for reason in job.reasons]
    for row in rows if jobs else []:
        pattern = rf"{re.escape(row.path)}(\.\S+)? .* → "
        assert not row.names_its_key or any(re.match(pattern, reason) for reason in reasons), (row.path, reasons)
    own = [reason for reason in reasons if "will be remade by" not in reason]
    assert own or not jobs


def test_keys_of_other_sources_rerun_nothing(finished_graphs):
    others = [row for row in TABLE if row.graph != "synthetic" and not row.name]
    assert len(others) > 5
    assert not any(row.also for row in others)
    assert finished_graphs["synthetic"].stale(merged(others)) == []
