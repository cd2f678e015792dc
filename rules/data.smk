"""From a source of rows to token files."""


localrules:
    download_data,


rule download_data:
    output:
        f"{RESULTS}/downloads/data/{{task}}/{{split}}.parquet",
    log:
        f"{LOGS}/download_data/{{task}}/{{split}}.log",
    params:
        slice=slice_of("download_data"),
        code=code_of("download_data"),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.download_data --params {params.slice:q} --output-dir {params.folder:q} "
        "> {log:q} 2>&1"


rule prepare_data:
    input:
        source_files,
    output:
        train=f"{DATA}/train.parquet",
        dev=f"{DATA}/dev.parquet",
        task=f"{DATA}/task.json",
    log:
        f"{LOGS}/prepare_data/{{task}}.log",
    benchmark:
        f"{BENCHMARKS}/prepare_data/{{task}}.tsv"
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_for_text,
    params:
        slice=slice_of("prepare_data"),
        code=code_of("prepare_data"),
        folder=subpath(output.task, parent=True),
        source=source_option,
    shell:
        "python -m workflow_scripts.prepare_data --params {params.slice:q} {params.source:q} --splits train dev "
        "--output-dir {params.folder:q} > {log:q} 2>&1"


rule prepare_further_dev:
    input:
        source_files,
        task=f"{DATA}/task.json",
    output:
        f"{DATA}/dev_{{name}}.parquet",
    log:
        f"{LOGS}/prepare_further_dev/{{task}}/{{name}}.log",
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_for_text,
    params:
        slice=slice_of("prepare_data"),
        code=code_of("prepare_data"),
        folder=subpath(output[0], parent=True),
        source=source_option,
    shell:
        "python -m workflow_scripts.prepare_data --params {params.slice:q} {params.source:q} "
        "--splits dev_{wildcards.name} --output-dir {params.folder:q} > {log:q} 2>&1"


rule tokenize:
    input:
        rows=f"{DATA}/{{split}}.parquet",
        tokenizer=tokenizer_files(),
    output:
        f"{TOKENS}/{{split}}.arrow",
    log:
        f"{LOGS}/tokenize/{{task}}/{{split}}.log",
    benchmark:
        f"{BENCHMARKS}/tokenize/{{task}}/{{split}}.tsv"
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_for_text,
    params:
        slice=slice_of("tokenize"),
        code=code_of("tokenize"),
    shell:
        "python -m workflow_scripts.tokenize --params {params.slice:q} --rows {input.rows:q} "
        "--tokenizer {input.tokenizer[0]:q} --output {output:q} > {log:q} 2>&1"


rule augment:
    input:
        f"{DATA}/train.parquet",
    output:
        f"{DATA}/augmented.parquet",
    log:
        f"{LOGS}/augment/{{task}}.log",
    benchmark:
        f"{BENCHMARKS}/augment/{{task}}.tsv"
    threads: CONFIG.runtime.processes
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_to_augment,
    params:
        slice=slice_of("augment"),
        code=code_of("augment"),
    shell:
        "python -m workflow_scripts.augment --params {params.slice:q} --rows {input:q} --processes {threads} "
        "--output {output:q} > {log:q} 2>&1"
