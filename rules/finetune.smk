"""Recipe ft: the task loss alone. The teacher is the ft model of its architecture."""


rule finetune:
    input:
        task=f"{DATA}/task.json",
        train=f"{TOKENS}/train.arrow",
        monitor=f"{TOKENS}/monitor.arrow",
        tokenizer=tokenizer(),
        encoder=encoder(),
    output:
        temp_unless(CONFIG.storage.keeps_float, f"{MODELS}/ft/{CHECKPOINT}"),
        history=f"{HISTORY}/ft.csv",
    log:
        f"{LOGS}/finetune/{RUN}.log",
    benchmark:
        f"{BENCHMARKS}/finetune/{RUN}.tsv"
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("finetune"),
        runtime=minutes_of("finetune"),
        options=TRAINING,
    params:
        settings=settings_of("finetune"),
        code=code_of("finetune"),
        tokenizer=subpath(input.tokenizer, parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.finetune --params {params.settings:q} --task-file {input.task:q} "
        "--tokenizer {params.tokenizer:q} --train {input.train:q} --monitor {input.monitor:q} --encoder {input.encoder:q} "
        "--output-dir {params.folder:q} --history {output.history:q} "
        "--code {params.code} {resources.options} --threads {threads} > {log:q} 2>&1"
