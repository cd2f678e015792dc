"""Every method on a GPU: what the CPU makes, the same bits in every run, and an interrupted run goes on to them."""

import pytest
import torch

from multipress.compression.rebuild import load_model
from multipress.compression.registry import methods
from multipress.core.errors import Interrupted
from multipress.data.token_files import read_tokens
from multipress.training.history import History
from multipress.training.inference import compute_logits
from tests.steps import Study, recipe_of, sigterm_at

CPU = torch.device("cpu")
METHODS = list(methods().values())
TRAINED = [method for method in METHODS if method.trains]
NO_DROPOUT = {method.name: {"dropout": 0.0} for method in TRAINED}


RECIPES = [*map(recipe_of, METHODS), "kd-mp50-int8", "ft-f50-int8", "ft-int8-ee"]


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """The same study on the CPU and on the GPU."""
    folder = tmp_path_factory.mktemp("studies")
    return [Study(folder / device, NO_DROPOUT, device) for device in ("cpu", "cuda")]


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_model_answers_as_that_of_the_cpu(studies, recipe):
    """In float32, after a dozen steps that start from the same weights.

    A weight whose gradient is next to nothing moves by its learning rate whichever way rounding points.
    """
    rows = read_tokens(studies[0].folder / "monitor.arrow")
    expected, found = (compute_logits(load_model(study.make(recipe)), rows, 32, CPU) for study in studies)
    assert abs(found - expected).max() < 1e-3 + 0.05 * expected.std()


@pytest.fixture(scope="module")
def with_dropout(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "cuda", device="cuda")


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_second_run_makes_the_same_bits(with_dropout, tmp_path, recipe):
    first = with_dropout.make(recipe)
    with_dropout.apply(recipe, tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == (first / "model.safetensors").read_bytes()


@pytest.mark.parametrize("method", TRAINED)
def test_an_interrupted_training_goes_on_to_the_same_bits(with_dropout, tmp_path, method):
    recipe = recipe_of(method)
    expected = with_dropout.make(recipe)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(History, "add", sigterm_at(7))
        with pytest.raises(Interrupted):
            with_dropout.apply(recipe, tmp_path / "model", tmp_path / "scratch")
    with_dropout.apply(recipe, tmp_path / "model", tmp_path / "scratch")
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == (expected / "model.safetensors").read_bytes()
