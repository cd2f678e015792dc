"""Models, one step of a recipe at a time: a rule for each method, named after it.

What stands after ``shell:`` is read when a job runs, and then all methods have been looped over: it names nothing of the
loop.
"""

for method in TRAINING_METHODS:

    rule:
        name:
            method.name
        input:
            unpack(read_beside_rows),
            **inputs_to_train(method),
        output:
            temp_unless(CONFIG.storage.keeps(method.group), f"{MODELS}/{recipe_of(method)}/{CHECKPOINT}"),
            history=f"{HISTORY}/{recipe_of(method)}.csv",
        log:
            f"{LOGS}/{method.name}/{RUN}/{recipe_of(method)}.log",
        wildcard_constraints:
            parent=RECIPES,
            step=steps_of(method),
        threads: CONFIG.runtime.threads
        resources:
            gpu=GPUS,
            mem_mb=memory_of(method.name),
            runtime=minutes_of(method.name),
            untracked=TRAINING,
        params:
            settings=settings_of(method.name),
            code=code_of_step("train_step"),
            tokenizer=subpath(input.tokenizer, parent=True),
            parent=subpath(input.parent, parent=True) if has_parent(method) else [],
            teacher=feature_teacher,
            folder=subpath(output[0], parent=True),
            usage=f"{BENCHMARKS}/{method.name}/{RUN}/{recipe_of(method)}.tsv",
        shell:
            "python -m workflow_scripts.train_step --params {params.settings:q} --code {params.code} "
            "--usage {params.usage:q} "
            "--task-file {input.task:q} "
            "--tokenizer {params.tokenizer:q} --train {input.train:q} --monitor {input.monitor:q} "
            "--augmented {input.augmented:q} --counted {input.counted:q} --teacher-logits {input.logits:q} "
            "--feature-teacher {params.teacher:q} --layer-times {input.layer_times:q} "
            "--encoder {input.encoder:q} --parent {params.parent:q} "
            "--output-dir {params.folder:q} --history {output.history:q} "
            "{resources.untracked} --threads {threads} > {log:q} 2>&1"


for method in CONVERTING_METHODS:

    rule:
        name:
            method.name
        input:
            train=f"{TOKENS}/train.arrow",
            parent=f"{MODELS}/{{parent}}/{CHECKPOINT}",
        output:
            temp_unless(CONFIG.storage.keeps(method.group), f"{MODELS}/{recipe_of(method)}/{CHECKPOINT}"),
        log:
            f"{LOGS}/{method.name}/{RUN}/{recipe_of(method)}.log",
        wildcard_constraints:
            parent=RECIPES,
            step=steps_of(method),
        threads: CONFIG.runtime.threads
        resources:
            gpu=GPUS,
            mem_mb=memory_of(method.name),
            runtime=minutes_of(method.name),
            untracked=RUNTIME,
        params:
            settings=settings_of(method.name),
            code=code_of_step("convert_step"),
            parent=subpath(input.parent, parent=True),
            folder=subpath(output[0], parent=True),
            usage=f"{BENCHMARKS}/{method.name}/{RUN}/{recipe_of(method)}.tsv",
        shell:
            "python -m workflow_scripts.convert_step --params {params.settings:q} --code {params.code} "
            "--usage {params.usage:q} "
            "--train {input.train:q} "
            "--parent {params.parent:q} --output-dir {params.folder:q} "
            "{resources.untracked} --threads {threads} > {log:q} 2>&1"
