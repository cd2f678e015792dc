"""The vocabulary that all architectures share: from the hub, from a folder, or trained on the corpus."""


localrules:
    download_tokenizer,


rule download_tokenizer:
    output:
        expand(f"{TOKENIZER}/hub/{{name}}", name=[*TOKENIZER_FILES, "source.json"]),
    log:
        f"{LOGS}/download_tokenizer.log",
    params:
        settings=settings_of("download_tokenizer"),
        code=code_of("download_tokenizer"),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.download_tokenizer --params {params.settings:q} --code {params.code} "
        ""
        "--output-dir {params.folder:q} > {log:q} 2>&1"


rule import_tokenizer:
    input:
        tokenizer_source.source_files(CONFIG),
    output:
        expand(f"{TOKENIZER}/folder/{{name}}", name=TOKENIZER_FILES),
    log:
        f"{LOGS}/import_tokenizer.log",
    params:
        settings=settings_of("import_tokenizer"),
        code=code_of("import_tokenizer"),
        source=subpath(input[0], parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.import_tokenizer --params {params.settings:q} --code {params.code} "
        "--source-dir {params.source:q} "
        "--output-dir {params.folder:q} > {log:q} 2>&1"


rule train_tokenizer:
    input:
        corpus_files(),
    output:
        expand(f"{TOKENIZER}/train/{{name}}", name=TOKENIZER_FILES),
    log:
        f"{LOGS}/train_tokenizer.log",
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_for_text,
    params:
        settings=settings_of("train_tokenizer"),
        code=code_of("train_tokenizer"),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.train_tokenizer --params {params.settings:q} --code {params.code} "
        "--corpus {input:q} "
        "--output-dir {params.folder:q} > {log:q} 2>&1"
