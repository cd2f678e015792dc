"""How long models take, alone on the machine; none is measured unless latency.tasks says so.

Parts of layers are measured where a step of the study's recipes prunes to a speed.
"""


localrules:
    tabulate_latency,
    plot_latency,


rule measure_latency:
    input:
        models_of_run,
        onnx=f"{ONNX}/files.json",
        exported=model_files(ONNX, ".onnx"),
        dev=f"{TOKENS}/dev.arrow" if CONFIG.latency.task_lengths else [],
    output:
        f"{RESULTS}/latency/{RUN}.csv",
    log:
        f"{LOGS}/measure_latency/{RUN}.log",
    threads: all_cores()
    resources:
        gpu=GPUS,
        mem_mb=memory_to_measure,
        runtime=minutes_to_measure,
        slurm_extra="--exclusive",
        untracked=MEASURING,
    params:
        settings=settings_of("measure_latency"),
        code=code_of_models("measure_latency"),
        models=subpath(input[0], ancestor=2),
        onnx=subpath(input.onnx, parent=True),
        usage=f"{BENCHMARKS}/measure_latency/{RUN}.tsv",
    shell:
        "python -m workflow_scripts.measure_latency --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--models {params.models:q} "
        "--onnx {params.onnx:q} --dev {input.dev:q} --output {output:q} {resources.untracked} > {log:q} 2>&1"


rule measure_layers:
    output:
        LAYER_TIMES,
    log:
        f"{LOGS}/measure_layers/{{arch}}.log",
    threads: all_cores()
    resources:
        mem_mb=memory_to_measure_layers,
        runtime=minutes_to_measure_layers,
        slurm_extra="--exclusive",
    params:
        settings=settings_of("measure_layers"),
        code=code_of("measure_layers"),
        usage=f"{BENCHMARKS}/measure_layers/{{arch}}.tsv",
    shell:
        "python -m workflow_scripts.measure_layers --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--output {output:q} > {log:q} 2>&1"


rule tabulate_latency:
    input:
        latencies=latencies(),
        results=f"{RESULTS}/tables/results.csv",
    output:
        f"{RESULTS}/tables/latency.csv",
    log:
        f"{LOGS}/tabulate_latency.log",
    params:
        settings=settings_of("tabulate_latency"),
        code=code_of("tabulate_latency"),
    shell:
        "python -m workflow_scripts.tabulate_latency --params {params.settings:q} --code {params.code} "
        "--latencies {input.latencies:q} "
        "--results {input.results:q} --output {output:q} > {log:q} 2>&1"


rule plot_latency:
    input:
        latencies=f"{RESULTS}/tables/latency.csv",
        summary=f"{RESULTS}/tables/summary.csv",
    output:
        drawn("plot_latency", "latency"),
    log:
        f"{LOGS}/plot_latency.log",
    params:
        settings=settings_of("plot_latency"),
        code=code_of("plot_latency"),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.plot_latency --params {params.settings:q} --code {params.code} "
        "--latencies {input.latencies:q} "
        "--summary {input.summary:q} --figures {params.folder:q} > {log:q} 2>&1"
