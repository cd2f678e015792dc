"""Similarity and complexity against libraries and definitions."""

import numpy as np
import pytest
import repsim
import skdim
import torch
from ckatorch.core import cka_base
from ckatorch.hsic import hsic1
from scipy.spatial.distance import cdist
from scipy.stats import ortho_group
from sklearn.decomposition import PCA

from multipress.dissection.complexity import components, participation_ratio, two_nn
from multipress.dissection.similarity import Centred, pwcca, similarities, unbiased_cka


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


STATES = normal(500, 20) @ normal(20, 20, seed=1)
OTHERS = STATES @ normal(20, 16, seed=2) + 3 * normal(500, 16, seed=3) + 5


def measured(states, others):
    return similarities(Centred(states), Centred(others))


def by_repsim(measure, states, others, **options):
    return getattr(repsim, measure)([states, others], **options)[0, 1]


def unbiased_by_ckatorch(states, others):
    kernels = [torch.from_numpy(each @ each.T)[None] for each in (states, others)]
    crossed, *own = (hsic1(*pair) for pair in (kernels, kernels[:1] * 2, kernels[1:] * 2))
    return float(crossed / torch.sqrt(own[0] * own[1]))


def test_every_measure_is_that_of_other_libraries():
    found = measured(STATES, OTHERS)
    standardized = [(each - each.mean(0)) / each.std(0) for each in (STATES, OTHERS)]
    assert found.cka == pytest.approx(by_repsim("cka", STATES, OTHERS, kernel_type="linear"), abs=1e-12)
    assert found.cka == pytest.approx(float(cka_base(*map(torch.from_numpy, (STATES, OTHERS)))), abs=1e-12)
    assert found.cka_unbiased == pytest.approx(unbiased_by_ckatorch(STATES, OTHERS), abs=1e-12)
    assert found.cka_standardized == pytest.approx(by_repsim("cka", *standardized, kernel_type="linear"), abs=1e-12)
    assert found.pwcca == pytest.approx(by_repsim("pwcca", STATES, OTHERS), abs=1e-9)


def test_rotation_scale_and_place_change_nothing_and_linear_maps_only_cka():
    turned = 3 * STATES @ ortho_group.rvs(20, random_state=0) + 7
    found = measured(STATES, turned)
    assert (found.cka, found.cka_unbiased, found.pwcca) == pytest.approx((1, 1, 1), abs=1e-9)
    assert measured(STATES, STATES * np.arange(1, 21)).cka_standardized == pytest.approx(1, abs=1e-9)
    mapped = measured(STATES, STATES @ normal(20, 20, seed=4))
    assert mapped.pwcca == pytest.approx(1, abs=1e-6)
    assert mapped.cka < 0.95


def test_unrelated_states_are_alike_by_the_biased_measure_alone():
    found = measured(normal(60, 40), normal(60, 40, seed=9))
    assert found.cka > 0.3
    assert abs(found.cka_unbiased) < 0.1


def by_definition(states, others):
    """PWCCA by QR and SVD, each correlation weighted by what its vector tells of the columns of the first states."""
    centred = [each - each.mean(0) for each in (states, others)]
    (ours, _), (theirs, _) = map(np.linalg.qr, centred)
    left, correlations, _ = np.linalg.svd(ours.T @ theirs, full_matrices=False)
    weights = np.abs((ours @ left).T @ centred[0]).sum(1)
    return correlations @ weights / weights.sum()


def test_the_directions_of_pwcca_are_weighted_by_either_model():
    first, second = Centred(STATES), Centred(OTHERS)
    found = pwcca(first.values.T @ second.values, first, second)
    assert found == pytest.approx((by_definition(STATES, OTHERS), by_definition(OTHERS, STATES)), abs=1e-9)
    assert abs(found[0] - found[1]) > 1e-3


def test_states_that_are_all_equal_have_no_similarity_and_no_complexity():
    constant = np.ones((30, 4))
    assert np.isnan(measured(constant, normal(30, 4))).all()
    assert np.isnan(unbiased_cka(Centred(constant), Centred(constant)))
    assert np.isnan(participation_ratio(Centred(constant)))
    assert np.isnan(two_nn(constant))


def test_components_are_those_of_pca():
    pca, centred = PCA().fit(OTHERS), Centred(OTHERS)
    explained = pca.explained_variance_
    assert participation_ratio(centred) == pytest.approx(explained.sum() ** 2 / (explained**2).sum())
    for share in (0.5, 0.9, 0.99):
        assert components(centred, share) == PCA(share, svd_solver="full").fit(OTHERS).n_components_


def slope(points):
    """TwoNN by its definition: a line through the origin, without the largest tenth of the ratios."""
    nearest = np.sort(cdist(points, points), axis=1)
    ratios = np.sort(nearest[:, 2] / nearest[:, 1])
    kept = int(0.9 * len(points))
    below = np.arange(1, kept + 1) / len(points)
    return np.linalg.lstsq(np.log(ratios[:kept, None]), -np.log(1 - below), rcond=None)[0][0]


def test_two_nn_is_its_definition_and_counts_repeated_points_once():
    points = normal(600, 5) @ normal(5, 40, seed=6)
    assert two_nn(points) == pytest.approx(slope(points), rel=1e-4)
    assert 4 < two_nn(points) < 6.5
    assert two_nn(np.vstack([points, points])) == pytest.approx(two_nn(points), rel=1e-6)


@pytest.mark.parametrize("dimension", [3, 8])
def test_two_nn_is_scikit_dimensions(dimension):
    points = (normal(500, dimension) @ normal(dimension, 40, seed=6)).astype(np.float32)
    peer = skdim.id.TwoNN(discard_fraction=0.1).fit_transform(points.astype(np.float64))
    assert two_nn(points) == pytest.approx(peer, rel=1e-5)
