"""Tables and figures."""


localrules:
    tabulate,
    plot,


rule tabulate:
    input:
        evaluations(),
    output:
        **WITH_EXITS,
        results=f"{RESULTS}/tables/results.csv",
        summary=f"{RESULTS}/tables/summary.csv",
    log:
        f"{LOGS}/tabulate.log",
    params:
        settings=settings_of("tabulate"),
        code=code_of("tabulate"),
        exits=list(WITH_EXITS.values()),
    shell:
        "python -m workflow_scripts.tabulate --params {params.settings:q} --code {params.code} "
        "--metrics {input:q} "
        "--results {output.results:q} --summary {output.summary:q} --exits {params.exits:q} > {log:q} 2>&1"


rule plot:
    input:
        **WITH_EXITS,
        results=f"{RESULTS}/tables/results.csv",
        summary=f"{RESULTS}/tables/summary.csv",
    output:
        drawn("plot"),
    log:
        f"{LOGS}/plot.log",
    params:
        settings=settings_of("plot"),
        code=code_of("plot"),
        exits=list(WITH_EXITS.values()),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.plot --params {params.settings:q} --code {params.code} "
        "--results {input.results:q} "
        "--summary {input.summary:q} --exits {params.exits:q} --figures {params.folder:q} > {log:q} 2>&1"


rule score_floors:
    input:
        prepared_rows(),
    output:
        f"{RESULTS}/tables/floors.csv",
    log:
        f"{LOGS}/score_floors.log",
    threads: 1
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_to_augment,
    params:
        settings=settings_of("score_floors"),
        code=code_of("score_floors"),
        data=subpath(input[0], ancestor=2),
        usage=f"{BENCHMARKS}/score_floors.tsv",
    shell:
        "python -m workflow_scripts.score_floors --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--data {params.data:q} --output {output:q} > {log:q} 2>&1"
