"""Recipe step mp<percent>: magnitude pruning, from the ft or kd model."""


rule prune:
    input:
        task=f"{DATA}/task.json",
        train=f"{TOKENS}/train.arrow",
        monitor=f"{TOKENS}/monitor.arrow",
        augmented=augmented_tokens,
        logits=teacher_logits,
        tokenizer=tokenizer(),
        parent=f"{MODELS}/{{parent}}/model.safetensors",
    output:
        temp_unless(CONFIG.storage.keeps_float, f"{MODELS}/{{parent}}-mp{{percent}}/{CHECKPOINT}"),
        history=f"{HISTORY}/{{parent}}-mp{{percent}}.csv",
    log:
        f"{LOGS}/prune/{RUN}/{{parent}}-mp{{percent}}.log",
    benchmark:
        f"{BENCHMARKS}/prune/{RUN}/{{parent}}-mp{{percent}}.tsv"
    wildcard_constraints:
        parent="ft|kd",
        percent=r"\d+",
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("prune"),
        runtime=minutes_of("prune"),
        options=TRAINING,
    params:
        settings=settings_of("prune"),
        code=code_of("prune"),
        tokenizer=subpath(input.tokenizer, parent=True),
        parent=subpath(input.parent, parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.prune --params {params.settings:q} --task-file {input.task:q} "
        "--tokenizer {params.tokenizer:q} --train {input.train:q} --monitor {input.monitor:q} --augmented {input.augmented:q} "
        "--teacher-logits {input.logits:q} --parent {params.parent:q} "
        "--output-dir {params.folder:q} --history {output.history:q} "
        "--code {params.code} {resources.options} --threads {threads} > {log:q} 2>&1"
