"""The teacher's logits on original and augmented rows, computed once for all students."""


rule label_with_teacher:
    input:
        teacher=teacher_model(),
        train=f"{TOKENS}/train.arrow",
        augmented=f"{TOKENS}/augmented.arrow",
    output:
        f"{TEACHER}/logits.safetensors",
    log:
        f"{LOGS}/label_with_teacher/{{task}}/seed{{seed}}.log",
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
        usage=f"{BENCHMARKS}/label_with_teacher/{{task}}/seed{{seed}}.tsv",
    shell:
        "python -m workflow_scripts.label_with_teacher --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--teacher {params.teacher:q} "
        "--train {input.train:q} --augmented {input.augmented:q} --output {output:q} "
        "{resources.options} --threads {threads} > {log:q} 2>&1"
