import pytest

from multipress.model.kept_parts import kept_count, most_important


@pytest.mark.parametrize(
    ("parts", "percent", "kept"),
    [(12, 50, 6), (12, 25, 9), (12, 10, 10), (12, 1, 11), (12, 99, 1), (2, 1, 1), (1536, 75, 384), (3072, 33, 2058)],
)
def test_at_most_the_rest_stays_and_one_at_the_least(parts, percent, kept):
    assert kept_count(parts, percent, "heads") == kept
    assert kept == 1 or kept / parts <= 1 - percent / 100 < (kept + 1) / parts


def test_of_one_part_none_can_go():
    with pytest.raises(ValueError, match=r"^takes heads from layers that have one: use an architecture with more$"):
        kept_count(1, 50, "heads")


SCORES = [[4.0, 1.0, 3.0, 2.0], [0.1, 0.4, 0.3, 0.2], [0.0, 0.0, 5.0, 0.0]]


def test_within_a_layer_the_best_stay_in_order():
    assert most_important(SCORES, 2, "layer") == [[0, 2], [1, 2], [0, 2]]


def test_over_all_layers_the_best_stay_by_their_share_of_the_layer_and_one_of_each():
    # Divided by their lengths, the first two layers have the same scores in another order; the third has one of 1.
    assert most_important(SCORES, 2, "global") == [[0, 2], [1, 2, 3], [2]]
    assert most_important(SCORES, 1, "global") == [[0], [1], [2]]
    assert most_important(SCORES, 4, "global") == [[0, 1, 2, 3]] * 3


def test_a_larger_scale_of_a_layer_wins_nothing():
    larger = [[100 * score for score in SCORES[0]], *SCORES[1:]]
    assert most_important(larger, 3, "global") == most_important(SCORES, 3, "global")


@pytest.mark.parametrize("scope", ["layer", "global"])
def test_layers_without_any_difference_keep_the_first(scope):
    assert most_important([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]], 1, scope) == [[0], [0]]
