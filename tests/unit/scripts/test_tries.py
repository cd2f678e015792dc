"""A teacher that is trained several times: which model is kept, and what an interruption changes (nothing)."""

import os
import signal

import pandas as pd
import pytest
import torch

from multipress.core.errors import Interrupted
from multipress.core.files import read_json
from multipress.training import tries
from multipress.training.history import History
from multipress.training.loop import Training
from tests.steps import Study
from workflow_scripts._steps import Params

STEPS = 12
"""Of a training of ft in the miniature study."""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


@pytest.fixture(scope="module")
def single(study):
    """The folders of four trainings by themselves, each with the seed of a try."""
    params = Params(task="rte", arch="nano", seed=1, recipe="ft", method="finetune", argument=0, settings={})
    folders = [study.folder / f"single{number}" for number in range(4)]
    for number, seed in enumerate([params.seed_of_try(number) for number in range(4)]):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Params, "seed_of_model", seed)
            study.apply("ft", folders[number])
    return folders


def content(folder):
    """Weights and history of a model, the history without speeds."""
    history = pd.read_csv(folder / "history.csv").drop(columns="examples_per_second")
    return (folder / "model.safetensors").read_bytes(), history.to_csv()


def loss_of(folder):
    """The mean loss of a training of one epoch, whose rows have a step each."""
    history = pd.read_csv(folder / "history.csv")
    assert list(history.step) == list(range(1, STEPS + 1))
    return history.loss.mean()


def test_the_first_try_is_the_training_without_others(study, single, tmp_path):
    study.apply("ft", tmp_path / "one")
    assert content(tmp_path / "one") == content(single[0])
    assert not {"tries", "kept"} & read_json(tmp_path / "one" / "training.json").keys()


@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_try_with_the_lowest_training_loss_is_kept(study, single, tmp_path, count):
    study.apply("ft", tmp_path / "tries", tries=count)
    losses = [loss_of(folder) for folder in single[:count]]
    training, kept = read_json(tmp_path / "tries" / "training.json"), losses.index(min(losses))
    assert [each["loss"] for each in training["tries"]] == pytest.approx(losses)
    assert training["kept"] == kept
    assert content(tmp_path / "tries") == content(single[kept])
    assert len({content(folder) for folder in single}) == len(single)


def test_not_always_the_same_try_is_kept(single):
    """Else the test above could not see a wrong choice."""
    losses = [loss_of(folder) for folder in single]
    assert len({losses.index(min(losses[:count])) for count in (2, 3, 4)}) > 1


def killed_at(monkeypatch, call):
    """Let a job be terminated in a call of the objective, counted over all tries."""
    objective, calls = Params.objective, 0

    def disturbed(*given):
        compute = objective(*given)

        def count(model, batch):
            nonlocal calls
            calls += 1
            if calls == call:
                os.kill(os.getpid(), signal.SIGTERM)
            return compute(model, batch)

        return count

    monkeypatch.setattr(Params, "objective", disturbed)


@pytest.mark.parametrize("stops", [[5], [STEPS], [STEPS + 5], [2 * STEPS], [STEPS + 1, 1, 1, STEPS]])
def test_an_interrupted_try_goes_on_to_the_same_bytes(study, tmp_path, monkeypatch, capfd, stops):
    """In the first and the second of three, and after the last step of each."""
    study.apply("ft", tmp_path / "whole", tries=3)
    states = tmp_path / "scratch"
    for stop in stops:
        with monkeypatch.context() as patch:
            killed_at(patch, stop)
            with pytest.raises(Interrupted):
                study.apply("ft", tmp_path / "resumed", states, tries=3)
    finished = {path.parent.name: path.stem for path in states.glob("*/*/*/*.json") if int(path.stem) == STEPS}
    capfd.readouterr()
    with monkeypatch.context() as patch:
        killed_at(patch, 3 * STEPS - sum(stops) + 1)  # a step that is repeated would be one too many
        study.apply("ft", tmp_path / "resumed", states, tries=3)
    assert content(tmp_path / "resumed") == content(tmp_path / "whole")
    said = capfd.readouterr().err
    assert said.count(f"resuming at step {STEPS} of {STEPS}\n") == len(finished) == sum(stops) // STEPS
    whole, resumed = (read_json(tmp_path / name / "training.json") for name in ("whole", "resumed"))
    assert [each["loss"] for each in resumed["tries"]] == [each["loss"] for each in whole["tries"]]
    assert not list(states.glob("*/*")), "the states of all tries are gone"


def test_of_a_finished_try_one_state_is_kept(study, tmp_path, monkeypatch):
    killed_at(monkeypatch, STEPS + 1)
    with pytest.raises(Interrupted):
        study.apply("ft", tmp_path / "tries", tmp_path / "scratch", tries=2)
    states = {path.parent.name + "/" + path.stem for path in (tmp_path / "scratch").glob("*/*/*/*.json")}
    assert states == {f"try0/{STEPS:09d}", f"try1/{1:09d}"}


def training(*losses):
    """A training of one epoch, a step and a row for each loss."""
    history = History(len(losses), len(losses))
    for step, loss in enumerate(losses, start=1):
        history.add({"loss": torch.tensor(loss)}, rate=1e-3, examples=8)
        history.write_row(step, sparsity=0.0, dev_score=None, seconds=1.0)
    return Training(len(losses), 1.0, None, "cpu", history)


GOOD, BETTER, FLAT = (0.7, 0.3, 0.2), (0.7, 0.2, 0.1), (0.7, 0.69, 0.69)


@pytest.mark.parametrize(
    ("made", "failed"),
    [((GOOD, BETTER), None), ((FLAT, BETTER, GOOD), 1), ((BETTER, GOOD, FLAT), 3), ((FLAT, FLAT), None)],
)
def test_a_try_that_hardly_lowered_its_loss_is_told(made, failed):
    trainings = [training(*losses) for losses in made]
    said = tries.warning(trainings)
    assert (said is None) if failed is None else said.startswith(f"WARNING: try {failed} of {len(made)} ended with")
    assert tries.best(trainings) == min(range(len(made)), key=lambda number: sum(made[number]))


def test_a_job_says_of_a_failed_try(study, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(tries, "FAILED", 1.0)  # whoever is not the best
    study.apply("ft", tmp_path / "tries", tries=2)
    kept = read_json(tmp_path / "tries" / "training.json")["kept"]
    said = capfd.readouterr().err
    assert f"WARNING: try {2 - kept} of 2 ended with a training loss of " in said
    assert f"it has failed, and try {kept + 1} is kept\n" in said
