"""The whole configuration."""

import os
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, ValidationError, create_model, field_validator, model_validator

from multipress.analysis.settings import AnalyzeSettings
from multipress.compression import recipes
from multipress.compression.controls import control_recipes, control_steps, control_variants, last_step
from multipress.compression.method import Group, Method
from multipress.compression.planned_size import planned_size
from multipress.compression.recipes import Step
from multipress.compression.registry import methods
from multipress.core.settings import Name, Section, UserPath
from multipress.core.validation import explain
from multipress.data.glue import GLUE
from multipress.data.settings.augmentation import AugmentSettings
from multipress.data.settings.sources import DataSettings
from multipress.data.settings.tasks import TaskSpec, unsuitable
from multipress.data.settings.tokenization import TokenizeSettings
from multipress.data.settings.vocabulary import TokenizerSettings
from multipress.dissection.probes.settings import ProbingSettings
from multipress.dissection.settings import DissectionSettings
from multipress.evaluation.latency.settings import LatencySettings
from multipress.evaluation.settings import EvaluateSettings
from multipress.model.encoder_settings import EncoderSettings
from multipress.model.layer_choice import kept_layers
from multipress.model.paper_shapes import PAPER
from multipress.model.shape import ArchitectureSpec
from multipress.reporting.settings import PlotSettings
from multipress.training.pretraining_settings import PretrainSettings
from multipress.training.settings import with_one_rate
from multipress.workflow.custom_architectures import CustomArchitecture, DerivedArchitecture, shapes
from multipress.workflow.storage_settings import StorageSettings
from multipress.workflow.study_settings import StudySettings, Variant

TASK_STAGES = ("data", "tokenize", "augment")


class RuntimeSettings(Section):
    """Where jobs compute; does not affect results."""

    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto takes a GPU where the job sees one.")
    threads: int = Field(
        1, ge=1, le=1024, description="CPU threads of a training job; on a CPU the last bits depend on it."
    )
    processes: int = Field(
        2, ge=1, le=1024, description="Worker processes of an augmentation job; no effect on the result."
    )
    precision: Literal["auto", "float32", "tf32", "bfloat16"] = Field(
        "auto",
        description="Of products in training on a GPU; auto takes one for all models of the study: tf32 where one of "
        "them is trained with quantized weights, which bfloat16 cannot hold, else bfloat16 if the GPU has it.",
    )
    deterministic: bool = Field(True, description="On a GPU, kernels that give the same bits in every run.")
    worker: Literal["auto", "off"] = Field(
        "auto", description="auto: jobs on this machine are forked from a process that has the libraries loaded."
    )
    save_seconds: float = Field(
        30, gt=0, le=86_400, description="A training saves its state about so often, to be resumed."
    )

    @field_validator("worker", mode="before")
    @classmethod
    def _read_off(cls, value: Any) -> Any:
        """YAML reads ``off`` as a truth value."""
        return "off" if value is False else value


class Override(Section):
    """Other values for some jobs: of a task, of an architecture, of a step or of one recipe."""

    task: Name | None = None
    arch: Name | None = None
    stage: str | None = Field(None, description="A section: data, tokenize, augment, or that of a method.")
    step: str | None = Field(
        None, description="In place of stage: a step or variant, such as mp60, in all recipes, and its controls."
    )
    recipe: str | None = Field(
        None,
        description="In place of stage: the last step of this recipe, such as kd-mp60, and its controls.",
    )
    set: dict[str, Any] = Field(min_length=1, description="Keys of the stage's section and their values here.")

    @model_validator(mode="after")
    def _aimed(self) -> "Override":
        if [self.stage, self.step, self.recipe].count(None) != 2:
            raise ValueError("an override needs one of stage, step and recipe: name one")
        if self.stage is None:
            return self
        if self.stage not in (allowed := [*TASK_STAGES, *methods()]):
            raise ValueError(f"stage {self.stage!r} cannot be overridden: use one of {', '.join(allowed)}")
        if self.task is None and self.arch is None:
            raise ValueError("an override needs a task, an arch, or both; to change all jobs, edit the section itself")
        if self.arch is not None and self.stage in TASK_STAGES:
            raise ValueError(f"stage {self.stage} does not depend on the architecture: remove arch")
        if self.stage == "data" and (fixed := sorted({"source", "hub", "folder"} & self.set.keys())):
            raise ValueError(f"{fixed[0]} cannot differ between tasks: set data.{fixed[0]}")
        return self

    def reaches(self, task: str | None, arch: str | None) -> bool:
        """Whether jobs of this task and architecture are among those that it is for."""
        return self.task in (None, task) and self.arch in (None, arch)


class Config(Section):
    """The whole configuration but for the sections of methods, which ``whole_model`` adds."""

    results: UserPath = Field("results", description="Folder of everything that is made.")
    study: StudySettings
    custom_tasks: dict[Name, TaskSpec] = {}
    custom_architectures: dict[Name, CustomArchitecture] = {}
    variants: dict[Name, Variant] = {}
    data: DataSettings = DataSettings()
    tokenizer: TokenizerSettings = TokenizerSettings()
    tokenize: TokenizeSettings = TokenizeSettings()
    encoder: EncoderSettings = EncoderSettings()
    pretrain: PretrainSettings = PretrainSettings()
    augment: AugmentSettings = AugmentSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    latency: LatencySettings = LatencySettings()
    dissection: DissectionSettings = DissectionSettings()
    probing: ProbingSettings = ProbingSettings()
    analyze: AnalyzeSettings = AnalyzeSettings()
    plot: PlotSettings = PlotSettings()
    runtime: RuntimeSettings = RuntimeSettings()
    storage: StorageSettings = StorageSettings()
    overrides: list[Override] = []

    _settings: dict[tuple[str, str, str], Any] = PrivateAttr(default_factory=dict)
    """What ``settings_of`` has found before."""

    @field_validator("results")
    @classmethod
    def _folder_of_its_own(cls, results: str) -> str:
        """The folder in one spelling, for it begins the names of all files."""
        plain = os.path.normpath(results)
        if Path.cwd().is_relative_to(Path(plain).absolute()) or ".." in Path(plain).parts[-1:]:
            raise ValueError(f"{results!r} holds the working directory: name a folder for the results alone")
        return plain

    @model_validator(mode="after")
    def _consistent(self) -> "Config":
        self._check_names()
        self._check_sources()
        self._check_variants()
        self._check_overrides()
        self._check_recipes()
        self._check_steps()
        self._check_latency()
        self._check_dissection()
        self._check_probing()
        return self

    def _check_metrics(self) -> None:
        for name, metric in self.evaluate.metrics.items():
            if name in self.custom_tasks:
                raise ValueError(f"evaluate.metrics is for GLUE's tasks: set custom_tasks.{name}.metric")
            if name not in GLUE:
                raise ValueError(f"evaluate.metrics: unknown task {name!r}: GLUE's are {', '.join(GLUE)}")
            if problem := unsuitable(GLUE[name].kind, metric):
                raise ValueError(f"evaluate.metrics.{name}: {problem}")

    def _check_variants(self) -> None:
        if taken := self.variants.keys() & self._control_variants.keys():
            remedy = "choose another, or set study.controls to false"
            raise ValueError(f"variants: {min(taken)!r} is the name of a control: {remedy}")
        for name, variant in self.variants.items():
            if recipes.is_reserved(name):
                raise ValueError(f"variants: {name!r} is the name of a step or of a subset; choose another")
            try:
                method = recipes.step(variant.step).method.name
            except ValueError as error:
                raise ValueError(f"variants.{name}: {error}") from None
            _applied(getattr(self, method), variant.set, f"variants.{name}.set")

    def _check_controls(self) -> None:
        """Those that are chosen exist, and so do their recipes."""
        possible = control_steps(self.study.groups)
        for name in self._chosen_controls:
            if name not in possible:
                found = f"of this study's cross they are {', '.join(possible)}" if possible else "its cross has none"
                raise ValueError(f"study.controls: {name!r} is no control: {found}")
        for recipe in self.controls:
            self._check_recipe("study.controls", recipe)

    def _check_recipes(self) -> None:
        """Each recipe by itself, and with each architecture."""
        self._check_cross()
        designed = self.designed_recipes
        for key, chosen in (("cross", designed), ("recipes", self.study.recipes)):
            for recipe in chosen:
                self._check_recipe(f"study.{key}", recipe)
        if others := [recipe for recipe in designed if not recipes.is_in_default_order(recipe)]:
            order = "another order than the default one"
            raise ValueError(f"study.cross: {others[0]} is in {order}: put it into study.recipes instead")
        self._check_controls()
        if repeated := [recipe for recipe in self.study.recipes if recipe in designed]:
            raise ValueError(f"study.recipes: {repeated[0]} is in the cross already; remove it")
        for arch in self.study.architectures:
            for recipe in self.recipes:
                self._check_size(arch, recipe)

    def _check_cross(self) -> None:
        """Single steps that train, each once; whether they are steps at all is told with their recipes."""
        groups, instead = self.study.groups, "put its models into study.recipes instead"
        if not groups or not groups[0]:
            raise ValueError("study.cross is empty: its first list names the steps that models start with, as [ft, kd]")
        names = [name for group in groups for name in group]
        for name in names:
            if name in self.variants:
                raise ValueError(f"study.cross names the variant {name}: {instead}")
            if not name or "-" in name:
                raise ValueError(f"study.cross: {name!r} is not one step: give each step of a recipe a list of its own")
            if reason := self._no_compression(name):
                raise ValueError(f"study.cross names {name}, which {reason} nothing: {instead}")
            if names.count(name) > 1:
                raise ValueError(f"study: the cross has {name} twice: remove one")

    @staticmethod
    def _no_compression(name: str) -> str:
        """Why a step is none of a cross; empty if it may be one, and for what is no step: its recipe is refused."""
        try:
            step = recipes.step(name)
        except ValueError:
            return ""
        if step.is_control:
            return "compresses"
        return "" if step.method.trains else "trains"

    def _check_recipe(self, key: str, recipe: str) -> None:
        try:
            recipes.steps(recipe, self.variant_steps)
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from None

    def _check_size(self, arch: str, recipe: str) -> None:
        try:
            size = planned_size(self.all_architectures[arch], self.tokenizer.vocabulary)
            recipes.planned(size, recipe, self.variant_steps)
        except ValueError as error:
            raise ValueError(f"recipe {recipe} of architecture {arch} {error}, or leave one of them out") from None

    def _check_latency(self) -> None:
        for key, chosen in (("tasks", self.latency.tasks), ("seeds", self.latency.seeds or [])):
            known = getattr(self.study, key)
            for value in chosen:
                if value not in known:
                    among = ", ".join(map(str, known))
                    raise ValueError(f"latency.{key} names {value}: only models of study.{key} are measured ({among})")
        if not self.latency.lengths and not self.latency.task_lengths:
            raise ValueError("latency measures no length: name one in latency.lengths, or set latency.task_lengths")

    def _check_dissection(self) -> None:
        self._check_chosen("dissection", self.dissection, "compared")
        for recipe in self._compared:
            if (dense := self.dense_parent(recipe)) not in self.recipes:
                raise ValueError(
                    f"dissection compares {recipe} with {dense}, which the study does not have: add it to study.recipes"
                )

    def _check_probing(self) -> None:
        self._check_chosen("probing", self.probing, "probed")

    def _check_chosen(self, section: str, settings: DissectionSettings | ProbingSettings, done: str) -> None:
        """Refuse tasks and recipes to be looked into that the study lacks, and models without Transformer layers."""
        chosen = [] if settings.recipes == "all" else settings.recipes
        for key, names, known in (("tasks", settings.tasks or [], self.study.tasks), ("recipes", chosen, self.recipes)):
            for name in names:
                if name not in known:
                    among = ", ".join(known)
                    raise ValueError(f"{section}.{key} names {name}: only models of study.{key} are {done} ({among})")
        for recipe in chosen:
            if not self._has_layers(recipe):
                raise ValueError(f"{section}.recipes names {recipe}, which has no Transformer layers: remove it")

    def _has_layers(self, recipe: str) -> bool:
        return all(step.method.has_attention for step in recipes.steps(recipe, self.variant_steps))

    def _check_overrides(self) -> None:
        """Each override by itself."""
        for number, override in enumerate(self.overrides):
            stage = override.stage or self._method_of(override, f"overrides[{number}]")
            _applied(getattr(self, stage), override.set, f"overrides[{number}].set")

    def _method_of(self, override: Override, place: str) -> str:
        """The section that an override of a step or recipe changes.

        Raises:
            ValueError: there is no such step or recipe.
        """
        key = "step" if override.step else "recipe"
        find = recipes.step if override.step else self._last_step
        try:
            return find(getattr(override, key), self.variant_steps).method.name
        except ValueError as error:
            raise ValueError(f"{place}.{key}: {error}") from None

    @staticmethod
    def _last_step(recipe: str, variants: recipes.Variants) -> recipes.Step:
        return recipes.steps(recipe, variants)[-1]

    def _check_steps(self) -> None:
        """What all overrides and variants make together of every job that they meet in."""
        stages = {override.stage for override in self.overrides if override.stage}
        for task, arch in product(self.study.tasks, self.trained_architectures):
            for stage in stages:
                self.stage(stage, task, arch)
            for name in self.variants:
                self._section_of(name, task, arch)
            for recipe in self.recipes_of(arch):
                for made in recipes.lineage(recipe):
                    self.settings_of(made, task, arch)

    def _check_names(self) -> None:
        for kind, chosen, known, section in (
            ("task", self.study.tasks, self.all_tasks, "custom_tasks"),
            (
                "architecture",
                [*self.study.architectures, *([self.study.teacher] if self.study.teacher else [])],
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
        self._check_metrics()
        for name in self.custom_architectures.keys() & PAPER.keys():
            raise ValueError(f"custom architecture {name!r} has the name of one of the paper's: choose another name")
        for number, override in enumerate(self.overrides):
            for aim, defined in ((override.task, self.all_tasks), (override.arch, self.all_architectures)):
                if aim is not None and aim not in defined:
                    raise ValueError(f"overrides[{number}] names {aim!r}: known are {', '.join(defined)}")

    def _check_sources(self) -> None:
        for name in self.study.tasks:
            if self.source(name) == "folder" and self.task(name).folder is None and self.data.folder is None:
                raise ValueError(f"task {name!r} comes from a folder: set data.folder, or folder of this task")
        if self.tokenizer.source == "folder" and self.tokenizer.folder is None:
            raise ValueError("tokenizer.source is folder: set tokenizer.folder to a folder with vocab.txt")
        if self.encoder.source == "folder" and self.encoder.folder is None:
            raise ValueError("encoder.source is folder: set encoder.folder to a folder with <arch>/config.json")
        if self.encoder.source == "hub":
            for name in self.source_architectures:
                if name not in self.encoder.hub:
                    raise ValueError(
                        f"encoder.hub names no repository for architecture {name!r}: add it, or change encoder.source"
                    )
        if self.is_synthetic and "synthetic" not in self.results:
            raise ValueError(f"results {self.results!r}: a task is synthetic, so this name must contain 'synthetic'")

    @property
    def all_tasks(self) -> dict[str, TaskSpec]:
        """GLUE and custom tasks by name, those with the metrics that are set."""
        changed = {name: GLUE[name].model_copy(update={"metric": metric}) for name, metric in self._metrics.items()}
        return GLUE | changed | self.custom_tasks

    @property
    def _metrics(self) -> dict[str, str]:
        """Metrics of GLUE's tasks that are set."""
        return {name: metric for name, metric in self.evaluate.metrics.items() if name in GLUE}

    @cached_property
    def all_architectures(self) -> dict[str, ArchitectureSpec]:
        """The paper's and custom architectures by name."""
        return shapes(self.custom_architectures, PAPER)

    def encoder_chain(self, arch: str) -> list[str]:
        """The architecture, the one that its encoder is cut from, and so on: the last one is no derived one."""
        source = self.source_architecture(arch)
        return [arch, *(self.encoder_chain(source.source) if source else [])]

    def source_architecture(self, arch: str) -> DerivedArchitecture | None:
        """Which layers of which architecture make an encoder; None for one that is no derived one."""
        found = self.custom_architectures.get(arch)
        return found if isinstance(found, DerivedArchitecture) else None

    @property
    def source_architectures(self) -> list[str]:
        """The architectures whose encoders come from the configured source: no derived ones."""
        return list(dict.fromkeys(self.encoder_chain(arch)[-1] for arch in self.trained_architectures))

    @property
    def teacher(self) -> str:
        """The architecture that teaches: the named one, or the study's largest, the first of those as large."""
        return self.study.teacher or self.by_size[0]

    @property
    def by_size(self) -> list[str]:
        """The study's architectures, that with the most parameters first, as large ones in the study's order."""
        return sorted(self.study.architectures, key=self._parameters, reverse=True)

    def _parameters(self, arch: str) -> int:
        return planned_size(self.all_architectures[arch], self.tokenizer.vocabulary).parameters

    @property
    def trained_architectures(self) -> list[str]:
        """The study's architectures, and the teacher's if it is not among them."""
        return list(dict.fromkeys([*self.study.architectures, self.teacher]))

    @property
    def designed_recipes(self) -> list[str]:
        """Every recipe of the cross."""
        return recipes.cross(self.study.groups)

    @cached_property
    def controls(self) -> list[str]:
        """The recipes that ``study.controls`` adds."""
        chosen = self._chosen_controls
        found = control_recipes(self.study.groups) if chosen else []
        return [recipe for recipe in found if last_step(recipe) in chosen and recipe not in self.study.recipes]

    @cached_property
    def _chosen_controls(self) -> list[str]:
        """The last steps of the controls that the study is to have."""
        chosen = self.study.controls
        return control_steps(self.study.groups) if chosen is True else chosen or []

    @property
    def recipes_beside(self) -> list[str]:
        """Every recipe that is no part of the cross."""
        return [*self.study.recipes, *self.controls]

    @property
    def recipes(self) -> list[str]:
        """Every recipe of the cross, and those beside it."""
        return [*self.designed_recipes, *self.recipes_beside]

    @property
    def methods(self) -> list[Method]:
        """The methods of these recipes, and ft's, which makes the teacher; in the default order of steps."""
        steps = [step for recipe in ["ft", *self.recipes] for step in recipes.steps(recipe, self.variant_steps)]
        used = {step.method.name for step in steps}
        return [method for name, method in methods().items() if name in used]

    @property
    def precision(self) -> str:
        """Of products in training: the named one, or one that all steps of the study can be trained in."""
        needs_float32 = any(method.needs_float32 for method in self.methods)
        return "tf32" if self.runtime.precision == "auto" and needs_float32 else self.runtime.precision

    @cached_property
    def variant_steps(self) -> dict[str, str]:
        """The step that each variant varies."""
        return {name: variant.step for name, variant in self.all_variants.items()}

    @cached_property
    def all_variants(self) -> dict[str, Variant]:
        """The user's variants, and those that controls are made of."""
        return self.variants | self._control_variants

    @cached_property
    def _control_variants(self) -> dict[str, Variant]:
        chosen = self._chosen_controls
        made = control_variants(self.study.groups) if chosen else {}
        return {name: Variant(step=step, set=settings) for name, (step, settings) in made.items() if name in chosen}

    @staticmethod
    def dense_parent(recipe: str) -> str:
        """What the recipe's compressed model is held to, layer by layer: its first step alone."""
        return recipe.partition("-")[0]

    @cached_property
    def represented(self) -> list[str]:
        """The recipes whose hidden states are read: those to compare, and their dense parents."""
        wanted = {*self._compared, *map(self.dense_parent, self._compared)}
        return [recipe for recipe in self.recipes if recipe in wanted]

    @property
    def represented_tasks(self) -> list[str]:
        """The tasks whose models' hidden states are read, if any are."""
        return self.study.tasks if self.dissection.tasks is None else self.dissection.tasks

    @property
    def _compared(self) -> list[str]:
        chosen = self.dissection.recipes
        return chosen if chosen != "all" else [recipe for recipe in self.recipes if self._has_layers(recipe)]

    def layers_kept(self, recipe: str, task: str, arch: str) -> list[int] | None:
        """The dense parent's layers, by their indices, that a recipe leaves; None where it cuts none out."""
        layers, is_cut = list(range(self.all_architectures[arch].layers)), False
        for made in recipes.lineage(recipe):
            step, settings = self._last_step(made, self.variant_steps), self.settings_of(made, task, arch)
            if (choice := getattr(settings, "kept", None)) and not step.is_control:
                layers = [layers[index] for index in kept_layers(len(layers), step.argument, choice)]
                is_cut = True
        return layers if is_cut else None

    def recipes_of(self, arch: str) -> list[str]:
        """The recipes of one architecture: a teacher outside the study is fine-tuned only."""
        return self.recipes if arch in self.study.architectures else ["ft"]

    def made_of(self, arch: str) -> set[str]:
        """The recipes of all models of one architecture: the study's, a teacher's, and those that they begin with."""
        taught = ["ft"] if arch == self.teacher else []
        return {made for recipe in [*self.recipes_of(arch), *taught] for made in recipes.lineage(recipe)}

    def tries_of(self, recipe: str, arch: str) -> int:
        """How often a model is trained: a teacher as often as is set, any other once."""
        return self.study.teacher_tries if (recipe, arch) == ("ft", self.teacher) else 1

    @property
    def measured_seeds(self) -> list[int]:
        """The seeds whose models' latency is measured."""
        return self.study.seeds[:1] if self.latency.seeds is None else self.latency.seeds

    @cached_property
    def probed_recipes(self) -> list[str]:
        """Those whose models are probed: the chosen ones, each after the uncompressed one that it began as."""
        of_all = self.probing.recipes == "all"
        chosen = [name for name in self.recipes if self._has_layers(name)] if of_all else self.probing.recipes
        return list(dict.fromkeys(name for recipe in chosen for name in (self.dense_parent(recipe), recipe)))

    @property
    def probed_tasks(self) -> list[str]:
        """The tasks whose models are probed, if any are."""
        return self.study.tasks if self.probing.tasks is None else self.probing.tasks

    @property
    def shows_paper(self) -> bool:
        """Whether Figure 1 shows the paper's points: means over its tasks and by its metrics, as ours must be."""
        has_its_tasks = set(self.study.tasks) == set(GLUE) and not self.is_synthetic
        has_its_tasks &= all(GLUE[name].metric == metric for name, metric in self._metrics.items())
        return has_its_tasks if self.plot.paper_points is None else self.plot.paper_points

    @property
    def has_only_own_tasks(self) -> bool:
        """Whether no task of the study is GLUE's: then the report asks none of the paper's questions."""
        return set(self.study.tasks) <= set(self.custom_tasks)

    @cached_property
    def parts(self) -> list[str]:
        """The parts of the report that this study has and others may lack: ``multipress.reporting.contents.PARTS``."""
        asked_for = {
            "latency": self.latency.tasks,
            "exits": [method for method in self.methods if method.group == Group.EXIT],
            "floors": self.study.floors,
            "dissection": self.represented,
            "probes": self.probed_recipes,
            # Rows are lost to a compression.
            "lost_rows": [recipe for recipe in self.probed_recipes if recipe != self.dense_parent(recipe)],
        }
        return [part for part, models in asked_for.items() if models]

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
        return self._overridden(getattr(self, name), "stage", name, task, arch)

    def settings_of(self, recipe: str, task: str, arch: str) -> Any:
        """The settings of a recipe's last step; a learning rate that is a factor has become a number.

        The narrower word wins: over the method's section with overrides of the stage come a variant's own settings,
        then overrides of the step, then those of the recipe; among equals the later one wins. A control begins with
        the settings of the model that it stands for, with that one's overrides.

        Raises:
            ValueError: together they make no sense; the message names them.
        """
        job = recipe, task, arch
        if job not in self._settings:
            self._settings[job] = self._with_rate(self._narrowed(*job), *job)
        return self._settings[job]

    def _narrowed(self, recipe: str, task: str, arch: str) -> Section:
        step, controlled = recipe.rpartition("-")[2], self._controlled_by(recipe)
        found = [self._instead(step, other, task, arch) for other in controlled] or [self._section_of(step, task, arch)]
        for key, name in (("step", step), ("recipe", recipe)):
            found = [self._overridden(section, key, name, task, arch) for section in found]
        if unlike := [section for section in found if section != found[0]]:
            first, other = found[0].model_dump(), unlike[0].model_dump()
            keys = ", ".join(key for key in first if first[key] != other[key])
            raise ValueError(
                f"{recipe} for {task}, {arch} is the control of {' and '.join(controlled)}, which differ in {keys}: "
                f"add an override with step: {step} that says which it gets"
            )
        return found[0]

    def _controlled_by(self, recipe: str) -> list[str]:
        """The models that a control stands for; none for other recipes."""
        parent, _, last = recipe.rpartition("-")
        if last in self._control_variants:
            return ["-".join(filter(None, [parent, self.variant_steps[last]]))]
        control = recipes.step(last, self.variant_steps)
        if not control.is_control or control.is_variant:
            return []
        return [f"{parent}-{step.name}" for step in self._plain_steps.get(parent, []) if step.method == control.method]

    @cached_property
    def _plain_steps(self) -> dict[str, list[Step]]:
        """By their parents the last steps of the study's models that are no variants and no controls."""
        found: dict[str, list[Step]] = {}
        for recipe in [*self.designed_recipes, *self.study.recipes]:
            step = self._last_step(recipe, self.variant_steps)
            if not step.is_control and not step.is_variant:
                found.setdefault(recipe.rpartition("-")[0], []).append(step)
        return found

    def _instead(self, step: str, controlled: str, task: str, arch: str) -> Section:
        """The settings with which a control begins in place of a model."""
        section, variant = self._narrowed(controlled, task, arch), self._control_variants.get(step)
        return _applied(section, variant.set, f"variants.{step}.set") if variant else section

    def _section_of(self, step: str, task: str, arch: str) -> Section:
        """Of a step, whatever recipe it stands in."""
        method = recipes.step(step, self.variant_steps).method.name
        section: Section = self.stage(method, task, arch)
        variant = self.all_variants.get(step)
        return _applied(section, variant.set, f"variants.{step}.set") if variant else section

    def _overridden(self, section: Any, key: str, name: str, task: str | None, arch: str | None) -> Any:
        """A section with the overrides that have this name as their stage, step or recipe."""
        changes: dict[str, Any] = {}
        for override in self.overrides:
            if getattr(override, key) == name and override.reaches(task, arch):
                changes = merged(changes, _complete(section, override.set))
        return _applied(section, changes, f"overrides of {name} for {task}, {arch}") if changes else section

    def _with_rate(self, section: Any, recipe: str, task: str, arch: str) -> Section:
        """With the learning rate itself, where the section has a factor of that of the recipe's first step."""
        factor = getattr(section, "learning_rate_factor", None)
        if factor is None:
            return section
        first = self.settings_of(recipe.partition("-")[0], task, arch).learning_rate
        rate = float(f"{factor * first:.12g}")  # 0.4 times 5e-5 is 2e-5
        return _applied(section, {"learning_rate": rate}, f"recipe {recipe} for {task}, {arch}")


def whole_model() -> type[Config]:
    """The whole configuration, as in config.yaml: with a section for each method."""
    if taken := set(methods()) & set(Config.model_fields):
        raise ValueError(f"the method {taken.pop()} has the name of another section: give its folder another name")
    sections: dict[str, Any] = {name: (method.settings, method.settings()) for name, method in methods().items()}
    return create_model("Config", __base__=Config, __doc__="The whole configuration, as in config.yaml.", **sections)


def _applied(section: Section, changes: dict[str, Any], source: str) -> Section:
    """The section with other values.

    Raises:
        ValueError: a key or value is wrong; the message begins with ``source``.
    """
    try:
        return type(section).model_validate(merged(section.model_dump(), _complete(section, changes)))
    except ValidationError as error:
        raise ValueError(explain(error, type(section), source)) from None


def _complete(section: Section, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes, and what they mean beside: a learning rate takes the place of a factor, and the reverse."""
    return with_one_rate(changes) if "learning_rate_factor" in type(section).model_fields else changes


def merged(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """``values`` with ``changes``; mappings are merged key by key, as Snakemake merges configurations."""
    result = dict(values)
    for key, change in changes.items():
        nested = isinstance(change, dict) and isinstance(values.get(key), dict)
        result[key] = merged(values[key], change) if nested else change
    return result
