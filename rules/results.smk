"""Tables and figures."""


localrules:
    tabulate,
    plot,


rule tabulate:
    input:
        evaluations(),
    output:
        results=report(
            f"{RESULTS}/tables/results.csv",
            caption="../report/results.rst",
            category="Tables",
            labels={"table": "Every model"},
        ),
        summary=report(
            f"{RESULTS}/tables/figure1.csv",
            caption="../report/summary.rst",
            category="Tables",
            labels={"table": "Means over tasks (Figure 1)"},
        ),
    log:
        f"{LOGS}/tabulate.log",
    params:
        slice=slice_of("tabulate"),
        code=code_of("tabulate"),
    shell:
        "python -m workflow_scripts.tabulate --params {params.slice:q} --metrics {input:q} "
        "--results {output.results:q} --summary {output.summary:q} > {log:q} 2>&1"


rule plot:
    input:
        results=f"{RESULTS}/tables/results.csv",
        summary=f"{RESULTS}/tables/figure1.csv",
    output:
        report(
            figures("figure1"),
            caption="../report/figure1.rst",
            category="Figures",
            labels={"figure": "Score against size"},
        ),
        report(
            figures("per_task"),
            caption="../report/per_task.rst",
            category="Figures",
            labels={"figure": "Score against size, each task"},
        ),
    log:
        f"{LOGS}/plot.log",
    params:
        slice=slice_of("plot"),
        code=code_of("plot"),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m workflow_scripts.plot --params {params.slice:q} --results {input.results:q} "
        "--summary {input.summary:q} --figures {params.folder:q} > {log:q} 2>&1"
