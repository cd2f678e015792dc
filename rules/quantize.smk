"""Recipe step int<bits>: quantization-aware training, from any float model."""


rule quantize:
    input:
        task=f"{DATA}/task.json",
        train=f"{TOKENS}/train.arrow",
        monitor=f"{TOKENS}/monitor.arrow",
        augmented=augmented_tokens,
        logits=teacher_logits,
        tokenizer=tokenizer(),
        parent=f"{MODELS}/{{parent}}/model.safetensors",
    output:
        temp_unless(CONFIG.storage.keeps_quantized, f"{MODELS}/{{parent}}-int{{bits}}/{CHECKPOINT}"),
        history=f"{HISTORY}/{{parent}}-int{{bits}}.csv",
    log:
        f"{LOGS}/quantize/{RUN}/{{parent}}-int{{bits}}.log",
    benchmark:
        f"{BENCHMARKS}/quantize/{RUN}/{{parent}}-int{{bits}}.tsv"
    wildcard_constraints:
        parent=r"(ft|kd)(-mp\d+)?",
        bits=r"\d+",
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("quantize"),
        runtime=minutes_of("quantize"),
        options=TRAINING,
    params:
        settings=settings_of("quantize"),
        code=code_of("quantize"),
        tokenizer=subpath(input.tokenizer, parent=True),
        parent=subpath(input.parent, parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.quantize --params {params.settings:q} --task-file {input.task:q} "
        "--tokenizer {params.tokenizer:q} --train {input.train:q} --monitor {input.monitor:q} --augmented {input.augmented:q} "
        "--teacher-logits {input.logits:q} --parent {params.parent:q} "
        "--output-dir {params.folder:q} --history {output.history:q} "
        "--code {params.code} {resources.options} --threads {threads} > {log:q} 2>&1"
