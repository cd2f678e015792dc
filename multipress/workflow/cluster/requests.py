"""What a job asks of a cluster: memory and time, from the model's shape and the size of its token files.

The sizes of GLUE's tasks and of the paper's models both span two orders of magnitude, so neither is one number a rule.
Time on a CPU is three times what docs/explanation/performance.md measured. Nothing has been measured on a GPU: the
figures below suppose a slow one. Whoever knows better sets ``set-resources`` in the profile; a request that was too
small is repaired by the next attempt, which asks for more and goes on from the saved state.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from multipress.compression.planned_size import planned_size
from multipress.evaluation.latency.settings import LEAST_REPETITIONS, LatencySettings, MeasuringSettings
from multipress.model.shape import ArchitectureSpec

BASE_MB = 3000
"""Memory of Python, PyTorch, CUDA's share on the host, and twice Snakemake's."""

COPIES = 10
"""Copies of the weights in a training: gradients, two moments, and briefly the state that is saved and the file that is
read. Measured on a CPU, base with weights of 348 MB: 6.7 copies to fine-tune or prune, 7.7 to quantize, and 450 MB."""

TEACHER_COPIES = 2
"""Copies of the weights of a teacher that computes beside a training: the file that is read, and the model."""

DEPLOY_COPIES = 6
"""Copies of the weights of a model that is read, rewritten and held by another runtime at the same time."""

OPERATIONS = {"cpu": 4e10, "gpu": 5e12}
"""Operations per second of one CPU core and of one GPU."""

STEP_SECONDS = {"cpu": 0.02, "gpu": 0.05}
"""Seconds that a step takes however small the model is."""

ROW_BYTES = 80
"""Bytes of a short row in a token file."""

TOKEN_BYTES = 4
"""Bytes of a token in a token file."""

FLOAT_BYTES = 4

START_MINUTES = 15
"""Minutes to start, read, score and write, on a busy file system."""

RUNTIMES = 3
"""Number of runtimes in which latency is measured."""

LAYER_MODELS = 20
"""Whole models that all parts of layers together make, at most: nine counts of each, for inner and for last layers."""

LONGEST_MINUTES = 24 * 60
"""The limit of many a GPU partition. A longer training goes on in its next attempt."""


@dataclass(frozen=True)
class Work:
    """What a job computes."""

    shape: ArchitectureSpec
    vocabulary: int
    megabytes: float
    """Size of the token files, 10^6 bytes."""
    passes: float
    """Epochs, or models that read every row."""
    batch_size: int
    max_length: int
    """Tokens of the longest row."""
    trains: bool
    device: str
    """cpu or gpu."""
    threads: int
    teacher: ArchitectureSpec | None = None
    """Of a model whose features are computed beside a training."""

    def memory_mb(self, attempt: int = 1) -> int:
        """Memory of the host, in 10^6 bytes; doubled with each attempt."""
        copies = COPIES if self.trains else DEPLOY_COPIES
        weights = copies * self._weights_mb(self.shape)
        activations = self._activations_mb()
        if self.teacher:
            weights += TEACHER_COPIES * self._weights_mb(self.teacher)
            activations += self._features_mb(self.teacher)
        first = BASE_MB + weights + (0 if self.device == "gpu" else activations) + 3 * self.megabytes
        return round(first) * 2 ** (attempt - 1)

    def _weights_mb(self, shape: ArchitectureSpec) -> float:
        return FLOAT_BYTES * planned_size(shape, self.vocabulary).parameters / 1e6

    def _activations_mb(self) -> float:
        """Memory of a batch of the longest rows: what each layer keeps for its gradients."""
        shape = self.shape
        kept = 20 * shape.hidden + 4 * shape.feed_forward + 4 * shape.heads * self.max_length
        layers = shape.layers if self.trains else 1
        return FLOAT_BYTES * self.batch_size * self.max_length * layers * kept / 1e6

    def _features_mb(self, teacher: ArchitectureSpec) -> float:
        """Memory of the features of such a batch, and of as many differences, which are kept for gradients."""
        features = (teacher.layers + 1) * teacher.hidden + teacher.layers * teacher.heads * self.max_length
        return 2 * FLOAT_BYTES * self.batch_size * self.max_length * features / 1e6

    def minutes(self, attempt: int = 1) -> int:
        """Minutes of wall-clock time, more with each attempt."""
        operations = (6 if self.trains else 2) * planned_size(self.shape).encoder_weights
        step_seconds = STEP_SECONDS[self.device]
        if self.teacher:
            operations += 2 * planned_size(self.teacher).encoder_weights
            step_seconds *= 2
        tokens = 1e6 * self.megabytes / TOKEN_BYTES * self.passes
        batches = 1e6 * self.megabytes / ROW_BYTES * self.passes / self.batch_size
        cores = self.threads if self.device == "cpu" else 1
        computing = operations * tokens / (OPERATIONS[self.device] * cores)
        return _minutes(computing + step_seconds * batches, attempt)


def deploy_memory_mb(largest: float, attempt: int = 1) -> int:
    """Memory of a job that writes models into files of their own, the largest of ``largest`` megabytes."""
    return round(BASE_MB + DEPLOY_COPIES * largest) * 2 ** (attempt - 1)


def deploy_minutes(megabytes: float, attempt: int = 1) -> int:
    """Minutes of a job that writes models into files: 10 megabytes of weights a second."""
    return _minutes(megabytes / 10, attempt)


@dataclass(frozen=True)
class Measurement:
    """The measurement of latency of all recipes of one (task, arch, seed), on the CPU of a node of its own."""

    shape: ArchitectureSpec
    vocabulary: int
    models: int
    """Models that are measured, counted by their planned sizes: those of one size share a measurement."""
    settings: MeasuringSettings

    def memory_mb(self, attempt: int = 1) -> int:
        """Memory of the host, in 10^6 bytes, doubled with each attempt: a runtime holds each model, some twice."""
        weights = FLOAT_BYTES * planned_size(self.shape, self.vocabulary).parameters / 1e6
        return round(BASE_MB + 2 * self.models * weights) * 2 ** (attempt - 1)

    def minutes(self, attempt: int = 1) -> int:
        """Minutes of wall-clock time, more with each attempt: a point takes its seconds, or its fewest calls."""
        settings = self.settings
        lengths = [*settings.lengths, *([max(settings.lengths, default=128)] if settings.task_lengths else [])]
        tokens = [rows * length for rows in settings.batch_sizes for length in lengths]
        operations = 2 * (1 + LEAST_REPETITIONS) * planned_size(self.shape).encoder_weights
        calls = [operations * count / (OPERATIONS["cpu"] * settings.threads) for count in tokens]
        return _minutes(RUNTIMES * self.models * sum(max(settings.seconds, call) for call in calls), attempt)


@dataclass(frozen=True)
class LayerMeasurement:
    """The measurement of the parts of an architecture's layers, on the CPU of a node of its own."""

    shape: ArchitectureSpec
    settings: LatencySettings

    def memory_mb(self, attempt: int = 1) -> int:
        """Memory of the host, in 10^6 bytes, doubled with each attempt: layers of all sizes, some of them twice."""
        weights = FLOAT_BYTES * planned_size(self.shape).encoder_weights / 1e6
        return round(BASE_MB + LAYER_MODELS * weights) * 2 ** (attempt - 1)

    def minutes(self, attempt: int = 1) -> int:
        """Minutes of wall-clock time, more with each attempt: a point takes its seconds, or its fewest calls."""
        settings, batch = self.settings, self.settings.layers
        operations = 2 * (1 + LEAST_REPETITIONS) * planned_size(self.shape).encoder_weights
        call = operations * batch.batch * batch.length / (OPERATIONS["cpu"] * settings.threads)
        return _minutes(LAYER_MODELS * max(settings.seconds, call), attempt)


@dataclass(frozen=True)
class Dissection:
    """The comparison of all models' hidden states, a layer of two models at a time."""

    shapes: Sequence[ArchitectureSpec]
    models: int
    """Of each shape."""
    tokens: int

    def memory_mb(self, attempt: int = 1) -> int:
        """Memory in 10^6 bytes, doubled with each attempt: states of two layers, as they are and centred."""
        width = max(shape.hidden for shape in self.shapes)
        return round(BASE_MB + 6 * 8 * self.tokens * width / 1e6) * 2 ** (attempt - 1)

    def minutes(self, attempt: int = 1) -> int:
        """Minutes of wall-clock time, more with each attempt: products over tokens, and decompositions."""
        operations = sum(
            self.models * (shape.layers + 1) * (6 * self.tokens * shape.hidden**2 + 100 * shape.hidden**3)
            for shape in self.shapes
        )
        return _minutes(3 * operations / OPERATIONS["cpu"], attempt)


def text_memory_mb(megabytes: float, attempt: int = 1) -> int:
    """Memory of a job on rows of text in files of ``megabytes``, compressed as Parquet may be."""
    return round(BASE_MB + 40 * megabytes) * 2 ** (attempt - 1)


def text_minutes(megabytes: float, attempt: int = 1) -> int:
    """Minutes of a job that reads, checks or tokenizes text: 20 s a megabyte, several times what it takes here."""
    return _minutes(20 * megabytes, attempt)


def augmentation_minutes(megabytes: float, processes: int, attempt: int = 1) -> int:
    """Minutes of a job that tags every word and finds synonyms: 400 s a megabyte and process."""
    return _minutes(400 * megabytes / processes, attempt)


def _minutes(seconds: float, attempt: int) -> int:
    return min(LONGEST_MINUTES, round(attempt * (START_MINUTES + seconds / 60)))
