"""What the layers of compressed models still know: examples of a task, a job for each model, tables and a figure."""


localrules:
    tabulate_probes,
    plot_probes,


rule probe_data:
    input:
        dev=f"{DATA}/dev.parquet",
        # For what the dev set's texts do not suffice for.
        train=f"{DATA}/train.parquet",
    output:
        f"{PROBES}/{{task}}/examples.json",
    log:
        f"{LOGS}/probe_data/{{task}}.log",
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_for_text,
    params:
        settings=settings_of("probe_data"),
        code=code_of("probe_data"),
        usage=f"{BENCHMARKS}/probe_data/{{task}}.tsv",
    shell:
        "python -m workflow_scripts.probe_data --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--dev {input.dev:q} --train {input.train:q} --output {output:q} > {log:q} 2>&1"


rule probe:
    input:
        examples=f"{PROBES}/{{task}}/examples.json",
        tokenizer=tokenizer(),
        model=f"{PACKED}/{{recipe}}.safetensors",
    output:
        f"{PROBES}/{RUN}/{{recipe}}.csv",
    log:
        f"{LOGS}/probe/{RUN}/{{recipe}}.log",
    wildcard_constraints:
        recipe=RECIPES,
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("probe"),
        runtime=minutes_of("probe"),
        untracked=RUNTIME,
    params:
        settings=settings_of("probe"),
        code=code_of_model("probe"),
        usage=f"{BENCHMARKS}/probe/{RUN}/{{recipe}}.tsv",
    shell:
        "python -m workflow_scripts.probe --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--examples {input.examples:q} --tokenizer {input.tokenizer:q} --model {input.model:q} --output {output:q} "
        "{resources.untracked} --threads {threads} > {log:q} 2>&1"


rule probe_untrained:
    input:
        examples=f"{PROBES}/{{task}}/examples.json",
        tokenizer=tokenizer(),
    output:
        f"{PROBES}/{{task}}/{{arch}}/untrained.csv",
    log:
        f"{LOGS}/probe_untrained/{{task}}/{{arch}}.log",
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("probe_untrained"),
        runtime=minutes_of("probe_untrained"),
        untracked=RUNTIME,
    params:
        settings=settings_of("probe_untrained"),
        code=code_of("probe_untrained"),
        usage=f"{BENCHMARKS}/probe_untrained/{{task}}/{{arch}}.tsv",
    shell:
        "python -m workflow_scripts.probe_untrained --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--examples {input.examples:q} --tokenizer {input.tokenizer:q} --output {output:q} "
        "{resources.untracked} --threads {threads} > {log:q} 2>&1"


rule tabulate_probes:
    input:
        probed_models(),
    output:
        claims=f"{RESULTS}/tables/probe_claims.csv",
        probes=f"{RESULTS}/tables/probes.csv",
    log:
        f"{LOGS}/tabulate_probes.log",
    params:
        settings=settings_of("tabulate_probes"),
        code=code_of("tabulate_probes"),
    shell:
        "python -m workflow_scripts.tabulate_probes --params {params.settings:q} --code {params.code} "
        "--models {input:q} --claims {output.claims:q} --probes {output.probes:q} > {log:q} 2>&1"


rule plot_probes:
    input:
        f"{RESULTS}/tables/probes.csv",
    output:
        drawn("plot_probes", "probes"),
    log:
        f"{LOGS}/plot_probes.log",
    params:
        settings=settings_of("plot_probes"),
        code=code_of("plot_probes"),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.plot_probes --params {params.settings:q} --code {params.code} "
        "--probes {input:q} --figures {params.folder:q} > {log:q} 2>&1"


rule find_lost_rows:
    input:
        rows=probed_rows(),
        predictions=predictions_of_probed(),
    output:
        f"{RESULTS}/tables/lost_rows.csv",
    log:
        f"{LOGS}/find_lost_rows.log",
    threads: 1
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_for_text,
    params:
        settings=settings_of("find_lost_rows"),
        code=code_of("find_lost_rows"),
        data=subpath(input[0], ancestor=2),
        usage=f"{BENCHMARKS}/find_lost_rows.tsv",
    shell:
        "python -m workflow_scripts.find_lost_rows --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--predictions {input.predictions:q} --data {params.data:q} --output {output:q} > {log:q} 2>&1"
