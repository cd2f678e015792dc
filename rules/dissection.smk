"""What compression does to representations: hidden states and attention against the dense parent's, if recipes are named."""


localrules:
    plot_dissection,


rule represent:
    input:
        model=f"{PACKED}/{{recipe}}.safetensors",
        against=dense_parents,
        dev=f"{TOKENS}/dev.arrow",
    output:
        states=temp_unless(CONFIG.storage.states, f"{REPRESENTATIONS}/{{recipe}}.safetensors"),
        attention=f"{REPRESENTATIONS}/{{recipe}}.csv",
    log:
        f"{LOGS}/represent/{RUN}/{{recipe}}.log",
    wildcard_constraints:
        arch="|".join(CONFIG.study.architectures),
        recipe="|".join(CONFIG.represented),
    threads: CONFIG.runtime.threads
    resources:
        gpu=GPUS,
        mem_mb=memory_of("represent"),
        runtime=minutes_of("represent"),
        untracked=RUNTIME,
    params:
        settings=settings_of("represent"),
        code=code_of_model("represent"),
        usage=f"{BENCHMARKS}/represent/{RUN}/{{recipe}}.tsv",
    shell:
        "python -m workflow_scripts.represent --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--model {input.model:q} --against {input.against:q} --dev {input.dev:q} "
        "--states {output.states:q} --attention {output.attention:q} "
        "{resources.untracked} --threads {threads} > {log:q} 2>&1"


rule dissect:
    input:
        states=representations(".safetensors"),
        attention=representations(".csv"),
    output:
        similarity=f"{RESULTS}/tables/similarity.csv",
        attention=f"{RESULTS}/tables/attention.csv",
        complexity=f"{RESULTS}/tables/complexity.csv",
    log:
        f"{LOGS}/dissect.log",
    threads: 1
    resources:
        mem_mb=memory_to_dissect,
        runtime=minutes_to_dissect,
    params:
        settings=settings_of("dissect"),
        code=code_of("dissect"),
        usage=f"{BENCHMARKS}/dissect.tsv",
    shell:
        "python -m workflow_scripts.dissect --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--states {input.states:q} --attention-files {input.attention:q} --similarity {output.similarity:q} "
        "--attention {output.attention:q} --complexity {output.complexity:q} > {log:q} 2>&1"


rule plot_dissection:
    input:
        tables(*(table.name for table in dissection.MEASURED)),
    output:
        drawn("plot_dissection", "dissection"),
        claims=f"{RESULTS}/tables/dissection_claims.csv",
    log:
        f"{LOGS}/plot_dissection.log",
    params:
        settings=settings_of("plot_dissection"),
        code=code_of("plot_dissection"),
        tables=subpath(output.claims, parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.plot_dissection --params {params.settings:q} --code {params.code} "
        "--tables {params.tables:q} --claims {output.claims:q} --figures {params.folder:q} > {log:q} 2>&1"
