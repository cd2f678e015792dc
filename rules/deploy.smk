"""Files to deploy, for all recipes of one (task, arch, seed) of the study: ONNX models and packed files.

Their folders' files.json is written last and holds their digests: as an input it stands for all of them. ONNX models are
inputs themselves nevertheless, so that those which do not stay are there until they have been run and measured.
"""


rule export:
    input:
        models_of_run,
    output:
        [temp_unless(CONFIG.storage.onnx, file) for file in model_files(ONNX, ".onnx")],
        beside_model_files(ONNX),
    log:
        f"{LOGS}/export/{RUN}.log",
    wildcard_constraints:
        arch="|".join(CONFIG.study.architectures),
    resources:
        mem_mb=memory_to_deploy,
        runtime=minutes_to_deploy,
    params:
        settings=settings_of("export"),
        code=code_of_models("export", "export"),
        models=subpath(input[0], ancestor=2),
        folder=subpath(output[0], parent=True),
        usage=f"{BENCHMARKS}/export/{RUN}.tsv",
    shell:
        "python -m workflow_scripts.export --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--models {params.models:q} "
        "--output-dir {params.folder:q} > {log:q} 2>&1"


rule pack:
    input:
        models_of_run,
    output:
        model_files(PACKED, ".safetensors"),
        beside_model_files(PACKED),
    log:
        f"{LOGS}/pack/{RUN}.log",
    wildcard_constraints:
        arch="|".join(CONFIG.study.architectures),
    resources:
        mem_mb=memory_to_deploy,
        runtime=minutes_to_deploy,
    params:
        settings=settings_of("pack"),
        code=code_of_models("pack"),
        models=subpath(input[0], ancestor=2),
        folder=subpath(output[0], parent=True),
        usage=f"{BENCHMARKS}/pack/{RUN}.tsv",
    shell:
        "python -m workflow_scripts.pack --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--models {params.models:q} "
        "--output-dir {params.folder:q} > {log:q} 2>&1"


rule run_exported:
    input:
        models=f"{ONNX}/files.json",
        exported=model_files(ONNX, ".onnx"),
        dev=f"{TOKENS}/dev.arrow",
    output:
        f"{RESULTS}/evaluations/{RUN}/exported_logits.safetensors",
    log:
        f"{LOGS}/run_exported/{RUN}.log",
    wildcard_constraints:
        arch="|".join(CONFIG.study.architectures),
    threads: CONFIG.runtime.threads
    resources:
        mem_mb=memory_of("run_exported"),
        runtime=minutes_of("run_exported"),
    params:
        settings=settings_of("run_exported"),
        code=code_of("run_exported"),
        models=subpath(input.models, parent=True),
        usage=f"{BENCHMARKS}/run_exported/{RUN}.tsv",
    shell:
        "python -m workflow_scripts.run_exported --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--models {params.models:q} "
        "--dev {input.dev:q} --output {output:q} --threads {threads} > {log:q} 2>&1"
