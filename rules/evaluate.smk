"""One evaluator for all models: metrics, sizes and predictions of all recipes of one (task, arch, seed)."""


rule evaluate:
    input:
        models=models_of_run,
        task=f"{DATA}/task.json",
        dev=dev_tokens,
        onnx=onnx_of_run,
    output:
        metrics=f"{RESULTS}/evaluations/{RUN}/metrics.json",
        predictions=f"{RESULTS}/evaluations/{RUN}/predictions.parquet",
    log:
        f"{LOGS}/evaluate/{RUN}.log",
    benchmark:
        f"{BENCHMARKS}/evaluate/{RUN}.tsv"
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("evaluate"),
        runtime=minutes_of("evaluate"),
        options=RUNTIME,
    params:
        slice=slice_of("evaluate"),
        code=code_of("evaluate"),
        models=models_folder,
    shell:
        "python -m workflow_scripts.evaluate --params {params.slice:q} --models {params.models:q} "
        "--task-file {input.task:q} --dev {input.dev:q} --metrics {output.metrics:q} "
        "--predictions {output.predictions:q} {resources.options} --threads {threads} > {log:q} 2>&1"
