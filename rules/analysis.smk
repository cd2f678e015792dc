"""The paper's questions, answered from the results: tables, figures, pages for the report, a few numbers."""


localrules:
    analyze,
    compare_families,
    compare_predictions,
    summarize_run,
    plot_analysis,
    plot_changes,
    plot_training,
    render_tables,


rule analyze:
    input:
        f"{RESULTS}/tables/results.csv",
    output:
        tables(*ANALYZED),
    log:
        f"{LOGS}/analyze.log",
    params:
        settings=settings_of("analyze"),
        code=code_of("analyze"),
        folder=subpath(output[0], parent=True),
        usage=f"{BENCHMARKS}/analyze.tsv",
    shell:
        "python -m workflow_scripts.analyze --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--results {input:q} --output-dir {params.folder:q} "
        "> {log:q} 2>&1"


rule plot_analysis:
    input:
        tables(
            "interaction_curve",
            "interaction",
            "interaction_score",
            "effects",
            "pareto",
            "paper_comparison",
            "claims",
        ),
    output:
        drawn("plot_analysis"),
    log:
        f"{LOGS}/plot_analysis.log",
    params:
        settings=settings_of("plot_analysis"),
        code=code_of("plot_analysis"),
        tables=subpath(input[0], parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.plot_analysis --params {params.settings:q} --code {params.code} "
        "--tables {params.tables:q} "
        "--figures {params.folder:q} > {log:q} 2>&1"


rule compare_predictions:
    input:
        predictions(),
    output:
        changes=f"{RESULTS}/tables/changes.csv",
        significance=f"{RESULTS}/tables/significance.csv",
    log:
        f"{LOGS}/compare_predictions.log",
    params:
        settings=settings_of("compare_predictions"),
        code=code_of("compare_predictions"),
        usage=f"{BENCHMARKS}/compare_predictions.tsv",
    shell:
        "python -m workflow_scripts.compare_predictions --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--predictions {input:q} "
        "--changes {output.changes:q} --significance {output.significance:q} > {log:q} 2>&1"


rule compare_families:
    input:
        results=f"{RESULTS}/tables/results.csv",
        latencies=tables("latency") if "latency" in CONFIG.parts else [],
    output:
        drawn("compare_families"),
        families=f"{RESULTS}/tables/families.csv",
        compounds=f"{RESULTS}/tables/compounds.csv",
    log:
        f"{LOGS}/compare_families.log",
    params:
        settings=settings_of("compare_families"),
        code=code_of("compare_families"),
        folder=subpath(output[0], parent=True),
        usage=f"{BENCHMARKS}/compare_families.tsv",
    shell:
        "python -m workflow_scripts.compare_families --params {params.settings:q} --code {params.code} "
        "--usage {params.usage:q} "
        "--results {input.results:q} --latencies {input.latencies:q} "
        "--families {output.families:q} --compounds {output.compounds:q} --figures {params.folder:q} > {log:q} 2>&1"


rule plot_changes:
    input:
        f"{RESULTS}/tables/changes.csv",
    output:
        drawn("plot_changes"),
    log:
        f"{LOGS}/plot_changes.log",
    params:
        settings=settings_of("plot_changes"),
        code=code_of("plot_changes"),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.plot_changes --params {params.settings:q} --code {params.code} "
        "--changes {input:q} "
        "--figures {params.folder:q} > {log:q} 2>&1"


rule plot_training:
    input:
        histories(),
    output:
        drawn("plot_training"),
        summary=f"{RESULTS}/tables/training.csv",
    log:
        f"{LOGS}/plot_training.log",
    params:
        settings=settings_of("plot_training"),
        code=code_of("plot_training"),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.plot_training --params {params.settings:q} --code {params.code} "
        "--histories {input:q} "
        "--figures {params.folder:q} --summary {output.summary:q} > {log:q} 2>&1"


rule summarize_run:
    input:
        summary=f"{RESULTS}/tables/summary.csv",
        ratios=f"{RESULTS}/tables/table1.csv",
        interactions=f"{RESULTS}/tables/interaction.csv",
        curves=f"{RESULTS}/tables/interaction_curve.csv",
    output:
        f"{RESULTS}/metrics.json",
    log:
        f"{LOGS}/summarize_run.log",
    params:
        settings=settings_of("summarize_run"),
        code=code_of("summarize_run"),
    shell:
        "python -m workflow_scripts.summarize_run --params {params.settings:q} --code {params.code} "
        "--summary {input.summary:q} "
        "--ratios {input.ratios:q} --interactions {input.interactions:q} --curves {input.curves:q} "
        "--output {output:q} > {log:q} 2>&1"


rule render_tables:
    input:
        tables("results", "summary", *ANALYZED, *COMPARED, *SURVEYED, *OF_PARTS),
    output:
        page_files(),
        f"{RESULTS}/pages/files.json",
    log:
        f"{LOGS}/render_tables.log",
    params:
        settings=settings_of("render_tables"),
        code=code_of("render_tables"),
        tables=subpath(input[0], parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.render_tables --params {params.settings:q} --code {params.code} "
        "--tables {params.tables:q} "
        "--output-dir {params.folder:q} > {log:q} 2>&1"
