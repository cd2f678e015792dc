"""Recipe kd: the teacher's logits, computed once, on original and augmented rows."""


rule label_with_teacher:
    input:
        teacher=teacher_model(),
        train=f"{TOKENS}/train.arrow",
        augmented=f"{TOKENS}/augmented.arrow",
    output:
        f"{TEACHER}/logits.safetensors",
    log:
        f"{LOGS}/label_with_teacher/{{task}}/seed{{seed}}.log",
    benchmark:
        f"{BENCHMARKS}/label_with_teacher/{{task}}/seed{{seed}}.tsv"
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("label_with_teacher"),
        runtime=minutes_of("label_with_teacher"),
        options=RUNTIME,
    params:
        settings=settings_of("label_with_teacher"),
        code=code_of("label_with_teacher"),
        teacher=subpath(input.teacher, parent=True),
    shell:
        "python -m workflow_scripts.label_with_teacher --params {params.settings:q} --teacher {params.teacher:q} "
        "--train {input.train:q} --augmented {input.augmented:q} --output {output:q} "
        "{resources.options} --threads {threads} > {log:q} 2>&1"


rule distill:
    input:
        task=f"{DATA}/task.json",
        train=f"{TOKENS}/train.arrow",
        monitor=f"{TOKENS}/monitor.arrow",
        augmented=f"{TOKENS}/augmented.arrow",
        logits=f"{TEACHER}/logits.safetensors",
        tokenizer=tokenizer(),
        encoder=encoder(),
    output:
        temp_unless(CONFIG.storage.keeps_float, f"{MODELS}/kd/{CHECKPOINT}"),
        history=f"{HISTORY}/kd.csv",
    log:
        f"{LOGS}/distill/{RUN}.log",
    benchmark:
        f"{BENCHMARKS}/distill/{RUN}.tsv"
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("distill"),
        runtime=minutes_of("distill"),
        options=TRAINING,
    params:
        settings=settings_of("distill"),
        code=code_of("distill"),
        tokenizer=subpath(input.tokenizer, parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.distill --params {params.settings:q} --task-file {input.task:q} "
        "--tokenizer {params.tokenizer:q} --train {input.train:q} --monitor {input.monitor:q} --augmented {input.augmented:q} "
        "--teacher-logits {input.logits:q} --encoder {input.encoder:q} "
        "--output-dir {params.folder:q} --history {output.history:q} "
        "--code {params.code} {resources.options} --threads {threads} > {log:q} 2>&1"
