"""Checks before the first job."""

import subprocess

import pytest
import yaml

from multipress.core.errors import UserError
from multipress.workflow import preflight
from multipress.workflow.environment import ROOT
from multipress.workflow.load import load


def paper(**changes):
    return load(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8")) | changes)


def test_results_behind_a_link_to_nothing_are_refused_with_the_command_that_makes_it(tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "home")
    (tmp_path / "home" / "my results").symlink_to("../scratch disk/me")
    config = paper(results="my results")
    with pytest.raises(UserError, match="is a link to nothing: mkdir --parents ") as refused:
        preflight.check_paths(config)
    subprocess.run(str(refused.value).split("nothing: ")[1], shell=True, check=True)
    preflight.check_paths(config)
    preflight.check_writable(config)


def test_a_file_in_the_place_of_the_results_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text("")
    for results in ("mine", "mine/deeper"):
        with pytest.raises(UserError, match=r"cannot be written, because of .*mine: choose another folder"):
            preflight.check_paths(paper(results=results))
