"""From a source of rows to token files."""


localrules:
    download_data,
    generate_data,
    generate_corpus,


rule download_data:
    output:
        f"{RESULTS}/downloads/data/{{task}}/{{split}}.parquet",
    log:
        f"{LOGS}/download_data/{{task}}/{{split}}.log",
    params:
        settings=settings_of("download_data"),
        code=code_of("download_data"),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.download_data --params {params.settings:q} --code {params.code} "
        "--output-dir {params.folder:q} "
        "> {log:q} 2>&1"


rule generate_data:
    output:
        f"{GENERATED}/data/{{task}}/{{split}}.parquet",
    log:
        f"{LOGS}/generate_data/{{task}}/{{split}}.log",
    params:
        settings=settings_of("generate_data"),
        code=code_of("generate_data"),
    shell:
        "python -m workflow_scripts.generate_data --params {params.settings:q} --code {params.code} "
        "--output {output:q} > {log:q} 2>&1"


rule generate_corpus:
    output:
        f"{GENERATED}/corpus.txt",
    log:
        f"{LOGS}/generate_corpus.log",
    params:
        settings=settings_of("generate_corpus"),
        code=code_of("generate_corpus"),
    shell:
        "python -m workflow_scripts.generate_corpus --params {params.settings:q} --code {params.code} "
        "--output {output:q} > {log:q} 2>&1"


rule prepare_train:
    input:
        train=source_of("train"),
        # Only watches trainings: an edited dev set trains nothing anew.
        dev=ancient(source_of("dev")),
    output:
        train=f"{DATA}/train.parquet",
        monitor=f"{DATA}/monitor.parquet",
        task=f"{DATA}/task.json",
    log:
        f"{LOGS}/prepare_train/{{task}}.log",
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_for_text,
    params:
        settings=settings_of("prepare_train"),
        code=code_of("prepare_train"),
        folder=subpath(output.task, parent=True),
        usage=f"{BENCHMARKS}/prepare_train/{{task}}.tsv",
    shell:
        "python -m workflow_scripts.prepare_train --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--train {input.train:q} "
        "--dev {input.dev:q} --output-dir {params.folder:q} > {log:q} 2>&1"


rule prepare_dev:
    input:
        dev=source_of("{split}"),
        # Its labels' names, and rows that it should not share.
        train=source_of("train"),
    output:
        f"{DATA}/{{split}}.parquet",
    log:
        f"{LOGS}/prepare_dev/{{task}}/{{split}}.log",
    wildcard_constraints:
        split=r"dev|dev_\w+",
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_for_text,
    params:
        settings=settings_of("prepare_dev"),
        code=code_of("prepare_dev"),
    shell:
        "python -m workflow_scripts.prepare_dev --params {params.settings:q} --code {params.code} "
        "--dev {input.dev:q} "
        "--train {input.train:q} --output {output:q} > {log:q} 2>&1"


rule tokenize:
    input:
        rows=f"{DATA}/{{split}}.parquet",
        tokenizer=tokenizer(),
    output:
        f"{TOKENS}/{{split}}.arrow",
    log:
        f"{LOGS}/tokenize/{{task}}/{{split}}.log",
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_for_text,
    params:
        settings=settings_of("tokenize"),
        code=code_of("tokenize"),
        usage=f"{BENCHMARKS}/tokenize/{{task}}/{{split}}.tsv",
    shell:
        "python -m workflow_scripts.tokenize --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--rows {input.rows:q} "
        "--tokenizer {input.tokenizer:q} --output {output:q} > {log:q} 2>&1"


rule augment:
    input:
        f"{DATA}/train.parquet",
    output:
        f"{DATA}/augmented.parquet",
    log:
        f"{LOGS}/augment/{{task}}.log",
    threads: CONFIG.runtime.processes
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_to_augment,
    params:
        settings=settings_of("augment"),
        code=code_of_augmentation,
        usage=f"{BENCHMARKS}/augment/{{task}}.tsv",
    shell:
        "python -m workflow_scripts.augment --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--rows {input:q} --processes {threads} "
        "--output {output:q} > {log:q} 2>&1"
