"""The designed experiment and the whole configuration."""

from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from multipress.analysis.settings import AnalyzeSettings
from multipress.compression import recipes
from multipress.compression.calibrate.settings import CalibrateSettings
from multipress.compression.distill.settings import DistillSettings
from multipress.compression.finetune.settings import FinetuneSettings
from multipress.compression.prune.settings import PruneSettings
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.compression.recipes import MAX_BITS, MIN_BITS
from multipress.core.settings import Name, Section
from multipress.core.validation import explain
from multipress.data.glue import GLUE
from multipress.data.settings.augmentation import AugmentSettings
from multipress.data.settings.sources import DataSettings
from multipress.data.settings.tasks import TaskSpec
from multipress.data.settings.tokenization import TokenizeSettings
from multipress.data.settings.vocabulary import TokenizerSettings
from multipress.evaluation.latency.settings import LatencySettings
from multipress.evaluation.settings import EvaluateSettings
from multipress.model.encoder_settings import EncoderSettings
from multipress.model.paper_shapes import PAPER
from multipress.model.shape import ArchitectureSpec
from multipress.reporting.settings import PlotSettings
from multipress.training.pretraining_settings import PretrainSettings
from multipress.workflow.storage_settings import StorageSettings

TASK_STAGES = ("data", "tokenize", "augment")


def _check_bits(width: int) -> None:
    if not MIN_BITS <= width <= MAX_BITS:
        raise ValueError(f"bits {width}: use a whole number from {MIN_BITS} to {MAX_BITS}")


class StudySettings(Section):
    """What is crossed with what."""

    tasks: list[Name] = Field(min_length=1, description="GLUE tasks and custom tasks.")
    architectures: list[Name] = Field(min_length=1, description="Architectures to compress.")
    teacher: Name = Field(description="Architecture whose ft model teaches all students.")
    seeds: list[int] = Field(min_length=1, description="Each seed repeats the whole experiment, the teacher included.")
    sparsities: list[float] = Field(description="Fractions of the encoder's linear weights to prune, whole percents.")
    bits: list[int] = Field(description="Bits of quantized weights.")
    baselines: list[str] = Field([], description="Further recipes, quantized, such as ft-ptq8 or ft-int16.")

    @field_validator("tasks", "architectures", "seeds", "sparsities", "bits", "baselines")
    @classmethod
    def _unique(cls, values: list[Any]) -> list[Any]:
        if len(set(values)) != len(values):
            raise ValueError(f"{values} names something twice: remove the repetition")
        return values

    @field_validator("seeds")
    @classmethod
    def _seeds(cls, seeds: list[int]) -> list[int]:
        if min(seeds) < 0:
            raise ValueError(f"seed {min(seeds)} is negative: use whole numbers from 0")
        return seeds

    @field_validator("sparsities")
    @classmethod
    def _sparsities(cls, sparsities: list[float]) -> list[float]:
        for sparsity in sparsities:
            if not 0 < sparsity < 1 or abs(100 * sparsity - round(100 * sparsity)) > 1e-9:
                raise ValueError(f"sparsity {sparsity}: use a fraction between 0 and 1 in whole percents, such as 0.4")
        return sparsities

    @field_validator("bits")
    @classmethod
    def _bits(cls, bits: list[int]) -> list[int]:
        for width in bits:
            _check_bits(width)
        return bits

    @model_validator(mode="after")
    def _baselines(self) -> "StudySettings":
        designed = recipes.combine(self.sparsities, self.bits)
        parents = recipes.combine(self.sparsities, [])
        for recipe in self.baselines:
            recipes.parse(recipe)
            if recipe in designed:
                raise ValueError(f"baseline {recipe} is in the study already: remove it from baselines")
            if recipes.parent(recipe) not in parents:
                raise ValueError(f"baseline {recipe} quantizes no model of the study: use one of {', '.join(parents)}")
            _check_bits(recipes.bits(recipe))
        return self


class RuntimeSettings(Section):
    """Where jobs compute; does not affect results."""

    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto takes a GPU where the job sees one.")
    threads: int = Field(1, ge=1, description="CPU threads of a training job; on a CPU the last bits depend on it.")
    processes: int = Field(2, ge=1, description="Worker processes of an augmentation job; no effect on the result.")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="Of products in training; auto takes bfloat16 on a GPU that has it, float32 elsewhere."
    )
    deterministic: bool = Field(True, description="On a GPU, kernels that give the same bits in every run.")
    save_seconds: float = Field(30, gt=0, description="A training saves its state about so often, to be resumed.")


class Override(Section):
    """Other values for one task, one architecture, or both."""

    task: Name | None = None
    arch: Name | None = None
    stage: Literal["data", "tokenize", "augment", "finetune", "distill", "prune", "quantize", "calibrate"]
    set: dict[str, Any] = Field(min_length=1, description="Keys of the stage's section and their values here.")

    @model_validator(mode="after")
    def _aimed(self) -> "Override":
        if self.task is None and self.arch is None:
            raise ValueError("an override needs a task, an arch, or both; to change all jobs, edit the section itself")
        if self.arch is not None and self.stage in TASK_STAGES:
            raise ValueError(f"stage {self.stage} does not depend on the architecture: remove arch")
        if self.stage == "data" and (fixed := sorted({"source", "hub", "folder"} & self.set.keys())):
            raise ValueError(f"{fixed[0]} cannot differ between tasks: set data.{fixed[0]}")
        return self


class Config(Section):
    """The whole configuration, as in config.yaml."""

    results: str = Field("results", pattern=r"^[^{}\n]+$", description="Folder of everything that is made.")
    study: StudySettings
    custom_tasks: dict[Name, TaskSpec] = {}
    custom_architectures: dict[Name, ArchitectureSpec] = {}
    data: DataSettings = DataSettings()
    tokenizer: TokenizerSettings = TokenizerSettings()
    tokenize: TokenizeSettings = TokenizeSettings()
    encoder: EncoderSettings = EncoderSettings()
    pretrain: PretrainSettings = PretrainSettings()
    augment: AugmentSettings = AugmentSettings()
    finetune: FinetuneSettings = FinetuneSettings()
    distill: DistillSettings = DistillSettings()
    prune: PruneSettings = PruneSettings()
    quantize: QuantizeSettings = QuantizeSettings()
    calibrate: CalibrateSettings = CalibrateSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    latency: LatencySettings = LatencySettings()
    analyze: AnalyzeSettings = AnalyzeSettings()
    plot: PlotSettings = PlotSettings()
    runtime: RuntimeSettings = RuntimeSettings()
    storage: StorageSettings = StorageSettings()
    overrides: list[Override] = []

    @model_validator(mode="after")
    def _consistent(self) -> "Config":
        self._check_names()
        self._check_sources()
        self._check_overrides()
        self._check_latency()
        return self

    def _check_latency(self) -> None:
        for key, chosen in (("tasks", self.latency.tasks), ("seeds", self.latency.seeds or [])):
            known = getattr(self.study, key)
            for value in chosen:
                if value not in known:
                    among = ", ".join(map(str, known))
                    raise ValueError(f"latency.{key} names {value}: only models of study.{key} are measured ({among})")
        if not self.latency.lengths and not self.latency.task_lengths:
            raise ValueError("latency measures no length: name one in latency.lengths, or set latency.task_lengths")

    def _check_overrides(self) -> None:
        """Each override by itself, then all together for every job that they meet in."""
        for number, override in enumerate(self.overrides):
            section = getattr(self, override.stage)
            _applied(section, override.set, f"overrides[{number}].set")
        pairs = [(task, arch) for task in self.study.tasks for arch in self.trained_architectures]
        for name in {override.stage for override in self.overrides}:
            for task, arch in pairs:
                self.stage(name, task, arch)

    def _check_names(self) -> None:
        for kind, chosen, known, section in (
            ("task", self.study.tasks, self.all_tasks, "custom_tasks"),
            (
                "architecture",
                [*self.study.architectures, self.study.teacher],
                self.all_architectures,
                "custom_architectures",
            ),
        ):
            for name in chosen:
                if name not in known:
                    raise ValueError(
                        f"unknown {kind} {name!r}: known are {', '.join(known)}; define others in {section}"
                    )
        for name in self.custom_tasks.keys() & GLUE.keys():
            raise ValueError(f"custom task {name!r} has the name of a GLUE task: choose another name")
        for name in self.custom_architectures.keys() & PAPER.keys():
            raise ValueError(f"custom architecture {name!r} has the name of one of the paper's: choose another name")
        for number, override in enumerate(self.overrides):
            for name, known in ((override.task, self.all_tasks), (override.arch, self.all_architectures)):
                if name is not None and name not in known:
                    raise ValueError(f"overrides[{number}] names {name!r}: known are {', '.join(known)}")

    def _check_sources(self) -> None:
        for name in self.study.tasks:
            if self.source(name) == "folder" and self.task(name).folder is None and self.data.folder is None:
                raise ValueError(f"task {name!r} comes from a folder: set data.folder, or folder of this task")
        if self.tokenizer.source == "folder" and self.tokenizer.folder is None:
            raise ValueError("tokenizer.source is folder: set tokenizer.folder to a folder with vocab.txt")
        if self.encoder.source == "folder" and self.encoder.folder is None:
            raise ValueError("encoder.source is folder: set encoder.folder to a folder with <arch>/model.safetensors")
        if self.encoder.source == "hub":
            for name in self.trained_architectures:
                if name not in self.encoder.hub:
                    raise ValueError(
                        f"encoder.hub names no repository for architecture {name!r}: add it, or change encoder.source"
                    )
        if self.is_synthetic and "synthetic" not in self.results:
            raise ValueError(f"results {self.results!r}: a task is synthetic, so this name must contain 'synthetic'")

    @property
    def all_tasks(self) -> dict[str, TaskSpec]:
        """GLUE and custom tasks by name."""
        return GLUE | self.custom_tasks

    @property
    def all_architectures(self) -> dict[str, ArchitectureSpec]:
        """The paper's and custom architectures by name."""
        return PAPER | self.custom_architectures

    @property
    def trained_architectures(self) -> list[str]:
        """The study's architectures, and the teacher's if it is not among them."""
        return list(dict.fromkeys([*self.study.architectures, self.study.teacher]))

    @property
    def recipes(self) -> list[str]:
        """Every recipe of the experiment, and the baselines beside it."""
        return [*recipes.combine(self.study.sparsities, self.study.bits), *self.study.baselines]

    def recipes_of(self, arch: str) -> list[str]:
        """The recipes of one architecture: a teacher outside the study is fine-tuned only."""
        return self.recipes if arch in self.study.architectures else ["ft"]

    @property
    def measured_seeds(self) -> list[int]:
        """The seeds whose models' latency is measured."""
        return self.study.seeds[:1] if self.latency.seeds is None else self.latency.seeds

    @property
    def is_synthetic(self) -> bool:
        """Whether any task of the study is made by the synthetic generator."""
        return any(self.source(task) == "synthetic" for task in self.study.tasks)

    def task(self, name: str) -> TaskSpec:
        """The task of that name."""
        return self.all_tasks[name]

    def source(self, task: str) -> str:
        """Where the task's rows come from: hub, folder or synthetic."""
        return "folder" if task in self.custom_tasks else self.data.source

    def stage(self, name: str, task: str | None, arch: str | None = None) -> Any:
        """The section of a stage with the overrides for this task and architecture applied, in their order."""
        changes: dict[str, Any] = {}
        for override in self.overrides:
            if override.stage == name and override.task in (None, task) and override.arch in (None, arch):
                changes = _merge(changes, override.set)
        section = getattr(self, name)
        return _applied(section, changes, f"overrides of {name} for {task}, {arch}") if changes else section


def _applied(section: Section, changes: dict[str, Any], place: str) -> Section:
    """The section with other values.

    Raises:
        ValueError: a key or value is wrong; the message begins with ``place``.
    """
    try:
        return type(section).model_validate(_merge(section.model_dump(), changes))
    except ValidationError as error:
        raise ValueError(explain(error, type(section), place)) from None


def _merge(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """``values`` with ``changes``; mappings are merged key by key."""
    merged = dict(values)
    for key, change in changes.items():
        nested = isinstance(change, dict) and isinstance(values.get(key), dict)
        merged[key] = _merge(values[key], change) if nested else change
    return merged
