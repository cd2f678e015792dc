"""The runs that are published in docs/results/data: their tables are what this code makes of them."""

from pathlib import Path

import pytest

from tests import published

FOLDERS = sorted(folder for folder in Path(published.ROOT, "docs/results/data").glob("*") if folder.is_dir())

pytestmark = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def test_its_tables_and_figures_are_made_from_it_alone(folder, tmp_path):
    published.check_remade(folder, published.remake(folder, tmp_path / "remade", tmp_path))


def test_it_is_small_and_has_no_texts(folder):
    published.check_contents(folder)


def test_its_scores_follow_from_its_predictions(folder):
    published.check_scores(folder)
