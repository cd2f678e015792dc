"""Pretrained encoders: from the hub, from a folder, or pre-trained here."""


localrules:
    download_encoder,


rule download_encoder:
    output:
        expand(f"{ENCODERS}/hub/{{arch}}/{{name}}", name=[*ENCODER_FILES, "source.json"], allow_missing=True),
    log:
        f"{LOGS}/download_encoder/{{arch}}.log",
    params:
        settings=settings_of("download_encoder"),
        code=code_of("download_encoder"),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.download_encoder --params {params.settings:q} --code {params.code} "
        ""
        "--output-dir {params.folder:q} > {log:q} 2>&1"


rule import_encoder:
    input:
        source_of_encoder,
    output:
        expand(f"{ENCODERS}/folder/{{arch}}/{{name}}", name=ENCODER_FILES, allow_missing=True),
    log:
        f"{LOGS}/import_encoder/{{arch}}.log",
    params:
        settings=settings_of("import_encoder"),
        code=code_of("import_encoder"),
        source=subpath(input[0], parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.import_encoder --params {params.settings:q} --code {params.code} "
        "--source-dir {params.source:q} "
        "--output-dir {params.folder:q} > {log:q} 2>&1"


rule pretrain:
    input:
        corpus=corpus_files(),
        tokenizer=tokenizer(),
    output:
        expand(f"{ENCODERS}/pretrain/{{arch}}/{{name}}", name=ENCODER_FILES, allow_missing=True),
        history=f"{RESULTS}/history/pretrain/{{arch}}.csv",
    log:
        f"{LOGS}/pretrain/{{arch}}.log",
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("pretrain"),
        runtime=minutes_of("pretrain"),
        untracked=TRAINING,
    params:
        settings=settings_of("pretrain"),
        code=code_of("pretrain"),
        tokenizer=subpath(input.tokenizer, parent=True),
        folder=subpath(output[0], parent=True),
        usage=f"{BENCHMARKS}/pretrain/{{arch}}.tsv",
    shell:
        "python -m workflow_scripts.pretrain --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--corpus {input.corpus:q} "
        "--tokenizer {params.tokenizer:q} --output-dir {params.folder:q} --history {output.history:q} "
        "{resources.untracked} --threads {threads} > {log:q} 2>&1"


rule derive_encoder:
    input:
        source_encoder,
    output:
        expand(f"{ENCODERS}/derived/{{arch}}/{{name}}", name=ENCODER_FILES, allow_missing=True),
    log:
        f"{LOGS}/derive_encoder/{{arch}}.log",
    params:
        settings=settings_of("derive_encoder"),
        code=code_of("derive_encoder"),
        source=subpath(input[0], parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.derive_encoder --params {params.settings:q} --code {params.code} "
        "--source-dir {params.source:q} "
        "--output-dir {params.folder:q} > {log:q} 2>&1"
