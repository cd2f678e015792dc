"""The distillation loss against its formula, written out in float64."""

import numpy as np
import pytest
import torch

from multipress.training.imitation import logits_distance

TEMPERATURES = [0.5, 1.0, 2.0, 4.0, 10.0]


def softmax(logits):
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


def softened_divergence(student, teacher, temperature):
    """T² times the mean over rows of sum(p · (log p - log q)), p the teacher's and q the student's distribution."""
    p, q = softmax(teacher / temperature), softmax(student / temperature)
    return temperature**2 * (p * (np.log(p) - np.log(q))).sum(axis=1).mean()


def random_logits(outputs, dtype=np.float64):
    return np.random.default_rng(outputs).normal(scale=4, size=(2, 17, outputs)).astype(dtype)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("outputs", [2, 3, 7])
def test_the_loss_is_the_softened_divergence(outputs, temperature):
    student, teacher = random_logits(outputs)
    loss = logits_distance(torch.tensor(student), torch.tensor(teacher), "classification", temperature)
    assert float(loss) == pytest.approx(softened_divergence(student, teacher, temperature), rel=1e-12)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_float32_costs_no_more_than_its_rounding(temperature):
    student, teacher = random_logits(3, np.float32)
    loss = logits_distance(torch.tensor(student), torch.tensor(teacher), "classification", temperature)
    expected = softened_divergence(student.astype(np.float64), teacher.astype(np.float64), temperature)
    assert float(loss) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(
    ("student", "teacher"),
    [
        pytest.param([40.0, -40.0], [-40.0, 40.0], id="certain and wrong"),
        pytest.param([40.0, -40.0], [0.0, 0.0], id="certain where the teacher is not"),
        pytest.param([0.0, 0.0], [40.0, -40.0], id="uncertain where the teacher is not"),
        pytest.param([40.0, 38.0], [-38.0, -40.0], id="equal but for a shift"),
        pytest.param([40.0, -40.0, 0.0], [40.0, 0.0, -40.0], id="three outputs"),
    ],
)
def test_extreme_logits_lose_nothing(student, teacher, temperature):
    student, teacher = np.array([student]), np.array([teacher])
    loss = logits_distance(torch.tensor(student).float(), torch.tensor(teacher).float(), "classification", temperature)
    assert float(loss) == pytest.approx(softened_divergence(student, teacher, temperature), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_the_gradient_is_the_difference_of_the_distributions(temperature):
    student, teacher = random_logits(3)
    logits = torch.tensor(student, requires_grad=True)
    logits_distance(logits, torch.tensor(teacher), "classification", temperature).backward()
    expected = temperature * (softmax(student / temperature) - softmax(teacher / temperature)) / len(student)
    assert np.allclose(logits.grad.numpy(), expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_regression_takes_the_mean_squared_error_at_any_temperature(temperature):
    student, teacher = random_logits(1)
    loss = logits_distance(torch.tensor(student), torch.tensor(teacher), "regression", temperature)
    assert float(loss) == pytest.approx(((student - teacher) ** 2).mean(), rel=1e-12)
