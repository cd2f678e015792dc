"""The planned size of a student without attention."""

from dataclasses import replace

from multipress.compression.planned_size import PlannedLayer, PlannedSize
from multipress.model.student_shape import DENSE


def planned_student(
    size: PlannedSize, width: int, matrices: tuple[tuple[int, int], ...], biases: int, features: int
) -> PlannedSize:
    """What becomes of an architecture's size: its words with vectors of ``width``, one layer, a dense one.

    Args:
        size: of the architecture; its words and hidden size count alone.
        width: of a word vector.
        matrices: (outputs, inputs) of those of the layer that reads.
        biases: of that layer.
        features: what it makes of a text.

    Raises:
        ValueError: the architecture's word vectors are narrower.
    """
    ((rows, columns),) = size.words
    if width > columns:
        raise ValueError(
            f"has word vectors of {width} numbers, but the encoder's have {columns}: use at most {columns}"
        )
    layer = PlannedLayer(matrices, biases, heads=1)
    return replace(size, words=((rows, width),), places=0, layers=(layer,), pooler=(features + 1) * DENSE)
