"""The report's first page: texts that are computed when they are read."""

from multipress.workflow.front_page import LazyText


def test_lazy_texts_are_asked_for_when_they_are_read_and_once():
    asked = []
    lazy = LazyText(["code"], lambda: asked.append(1) or {"code": "commit abc"})
    assert lazy
    assert not asked
    assert (lazy["code"], lazy["code"], len(asked)) == ("commit abc", "commit abc", 1)
