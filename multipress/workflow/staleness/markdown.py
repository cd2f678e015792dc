"""The table of what reruns when, for the documentation."""

from itertools import groupby

from multipress.workflow.staleness.rule_graph import follow
from multipress.workflow.staleness.table import TABLE, Row

_MOST_ABSENT = 2
"""Rules that the end of the graph may lack and still be abbreviated."""


def table() -> str:
    """The table, keys with the same consequences in one line."""
    lines = ["| change | reruns first | and then |", "|---|---|---|"]
    rows = sorted(TABLE, key=lambda row: [_consequences(other) for other in TABLE].index(_consequences(row)))
    for _, group in groupby(rows, key=_consequences):
        same = list(group)
        first = list(dict.fromkeys(stage.partition(":")[0] for stage in same[0].first))
        after = [rule for rule in same[0].rules if rule not in first]
        lines.append(f"| {_keys(same)} | {', '.join(first) or 'nothing'} | {_short(after, first)} |")
    return "\n".join(lines)


def _consequences(row: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return row.first, row.not_rerun


def _keys(rows: list[Row]) -> str:
    """Keys by section: ``a.b``, ``a.{b, c}``, or ``a.*`` where it is the whole section; notes in brackets."""
    parts = []
    for section, members in groupby(rows, key=lambda row: (row.key.rpartition(".")[0], row.note)):
        prefix, note = section
        names = [row.key.rpartition(".")[2] for row in members]
        whole = len(names) > 1 and len(names) == sum(row.key.rpartition(".")[0] == prefix for row in TABLE)
        text = "*" if whole else names[0] if len(names) == 1 else "{" + ", ".join(names) + "}"
        text = f"`{prefix}.{text}`" if prefix else f"`{text}`"
        parts.append(f"{text} ({note})" if note else text)
    return ", ".join(parts).replace("*.", "<name>.")


def _short(rules: list[str], first: list[str]) -> str:
    """The rules in their shortest form: the end of the graph as ``first … last``, perhaps without a few.

    Args:
        rules: In the order of the graph.
        first: Rules that rerun, too, and are named elsewhere.
    """
    chain = follow(["finetune"])
    forms = [", ".join(rules)]
    for end in (chain[start:] for start in range(len(chain) - 2)):
        absent = [rule for rule in end if rule not in rules and rule not in first]
        if end[0] in rules and end[-1] in rules and len(absent) <= _MOST_ABSENT:
            before = [rule for rule in rules if rule not in end]
            without = f" without {', '.join(absent)}" if absent else ""
            forms.append(", ".join([*before, f"{end[0]} … {end[-1]}"]) + without)
    return min(forms, key=len)
