"""The end of the graph: what made each file, and the bytes for DVC."""


localrules:
    record,


rule record:
    input:
        small_deliverables(),
        evaluations(),
        expand(
            f"{PACKED}/files.json", task=CONFIG.study.tasks, arch=CONFIG.study.architectures, seed=CONFIG.study.seeds
        ),
    output:
        f"{RESULTS}/audit.json",
    log:
        f"{LOGS}/record.log",
    threads: 4
    params:
        jobs=digest_of_jobs,
        code=code_of("record"),
        configuration=f"{LOGS}/config.json",
        kept=f"{LOGS}/audit.json",
    shell:
        "python -m workflow_scripts.record --code {params.code} "
        "--configuration {params.configuration:q} --output {output:q} --kept {params.kept:q} "
        "--threads {threads} > {log:q} 2>&1"
