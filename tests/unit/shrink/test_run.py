"""What is said of the answer."""

import numpy as np
import pyarrow as pa

from multipress.shrink.answer import confusions
from multipress.shrink.source import Rows


def rows(labels, names):
    return Rows([pa.array([str(label) for label in labels])], np.array(labels), names, np.arange(len(labels)))


def test_what_is_confused_more_often_comes_first_and_nothing_else():
    subject = rows([0, 0, 0, 0, 1, 1, 2, 2], ["a", "b", "c"])
    before = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    after = np.array([1, 1, 0, 1, 1, 1, 2, 0])
    assert confusions(subject, before, after) == [
        "a taken for b: 3 of 4 (uncompressed: 1)",
        "c taken for a: 1 of 2 (uncompressed: 0)",
    ]


def test_of_numbers_the_mean_error_is_told():
    subject = rows([1.0, 2.0, 3.0, 4.0], None)
    found = confusions(subject, subject.labels + 0.5, subject.labels - 1)
    assert found == ["off by 1 on average (uncompressed: 0.5)"]
