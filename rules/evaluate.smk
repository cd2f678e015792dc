"""One evaluator for all models: metrics, sizes and predictions of all recipes of one (task, arch, seed)."""


rule evaluate:
    input:
        models=models_of_run,
        task=f"{DATA}/task.json",
        dev=dev_tokens,
        deployed=if_studied(f"{RESULTS}/evaluations/{RUN}/exported_logits.safetensors"),
        packed=if_studied(f"{PACKED}/files.json"),
    output:
        metrics=f"{RESULTS}/evaluations/{RUN}/metrics.json",
        predictions=f"{RESULTS}/evaluations/{RUN}/predictions.parquet",
    log:
        f"{LOGS}/evaluate/{RUN}.log",
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("evaluate"),
        runtime=minutes_of("evaluate"),
        untracked=RUNTIME,
    params:
        settings=settings_of("evaluate"),
        code=code_of_models("evaluate"),
        models=subpath(input[0], ancestor=2),
        usage=f"{BENCHMARKS}/evaluate/{RUN}.tsv",
    shell:
        "python -m workflow_scripts.evaluate --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--models {params.models:q} "
        "--task-file {input.task:q} --dev {input.dev:q} --deployed {input.deployed:q} --packed {input.packed:q} --metrics {output.metrics:q} "
        "--predictions {output.predictions:q} {resources.untracked} --threads {threads} > {log:q} 2>&1"
