"""Step bilstm<width>: a bidirectional LSTM on the encoder's word vectors, distilled on the teacher's logits."""

from multipress.compression.distill_bilstm.settings import DistillBilstmSettings
from multipress.compression.distill_bilstm.sizes import DIRECTIONS, GATES, STATES
from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedSize
from multipress.compression.student_size import planned_student
from multipress.model.shape import MOST_HIDDEN


def _planned(size: PlannedSize, width: int) -> PlannedSize:
    gates = DIRECTIONS * GATES * STATES
    return planned_student(size, width, ((gates, width), (gates, STATES)), gates, DIRECTIONS * STATES)


SPEC = Method(
    name="distill_bilstm",
    prefix="bilstm",
    group=Group.START,
    rank=2,
    label="BiLSTM",
    family="distillation from logits",
    settings=DistillBilstmSettings,
    argument=Argument("width", 1, MOST_HIDDEN, example=8),
    has_attention=False,
    imitates="logits",
    planned=_planned,
)
