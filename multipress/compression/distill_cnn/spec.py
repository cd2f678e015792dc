"""Step cnn<width>: a convolutional network on the encoder's word vectors, distilled on the teacher's logits."""

from multipress.compression.distill_cnn.settings import DistillCnnSettings
from multipress.compression.distill_cnn.sizes import FILTERS, WINDOWS
from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedSize
from multipress.compression.student_size import planned_student
from multipress.model.shape import MOST_HIDDEN


def _planned(size: PlannedSize, width: int) -> PlannedSize:
    features = FILTERS * len(WINDOWS)
    return planned_student(size, width, tuple((FILTERS, window * width) for window in WINDOWS), features, features)


SPEC = Method(
    name="distill_cnn",
    prefix="cnn",
    group=Group.START,
    rank=2,
    label="CNN",
    family="distillation from logits",
    settings=DistillCnnSettings,
    argument=Argument("width", 1, MOST_HIDDEN, example=8),
    has_attention=False,
    imitates="logits",
    planned=_planned,
)
