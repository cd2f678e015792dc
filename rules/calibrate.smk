"""Recipe step ptq<bits>: post-training quantization, from any float model; a baseline."""


rule calibrate:
    input:
        train=f"{TOKENS}/train.arrow",
        parent=f"{MODELS}/{{parent}}/model.safetensors",
    output:
        temp_unless(CONFIG.storage.keeps_quantized, f"{MODELS}/{{parent}}-ptq{{bits}}/{CHECKPOINT}"),
    log:
        f"{LOGS}/calibrate/{RUN}/{{parent}}-ptq{{bits}}.log",
    benchmark:
        f"{BENCHMARKS}/calibrate/{RUN}/{{parent}}-ptq{{bits}}.tsv"
    wildcard_constraints:
        parent=r"(ft|kd)(-mp\d+)?",
        bits=r"\d+",
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("calibrate"),
        runtime=minutes_of("calibrate"),
        options=RUNTIME,
    params:
        settings=settings_of("calibrate"),
        code=code_of("calibrate"),
        parent=subpath(input.parent, parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.calibrate --params {params.settings:q} --train {input.train:q} --parent {params.parent:q} "
        "--output-dir {params.folder:q} {resources.options} --threads {threads} > {log:q} 2>&1"
