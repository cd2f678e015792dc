"""What is said of files of a published run, or of its page, that are not what they should be."""

from argparse import Namespace

import pytest

from multipress.core.errors import UserError
from multipress.workflow.publication import Publication
from workflow_scripts import fill_page


@pytest.mark.parametrize("text", ["[]", '{"tabulate": 1}'])
def test_settings_that_are_none_are_told_in_a_line(tmp_path, text):
    (tmp_path / "settings.json").write_text(text)
    with pytest.raises(
        UserError, match=r"settings\.json holds no settings by rule: restore it, or publish the run again$"
    ):
        Publication(tmp_path).settings("tabulate")


def test_a_page_that_is_not_utf_8_is_told_in_a_line(tmp_path):
    (tmp_path / "page.md").write_bytes(b"caf\xe9\n")
    with pytest.raises(UserError, match=r"page\.md is not UTF-8 \(.+ at byte 3\): save it as UTF-8$"):
        fill_page.main(Namespace(page=tmp_path / "page.md"))
