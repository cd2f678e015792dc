from snakemake.utils import min_version

min_version("9.27")


configfile: f"{workflow.basedir}/config.yaml"


include: "rules/common.smk"
include: "rules/resources.smk"
include: "rules/data.smk"
include: "rules/tokenizer.smk"
include: "rules/encoder.smk"
include: "rules/teacher.smk"
include: "rules/train.smk"
include: "rules/deploy.smk"
include: "rules/evaluate.smk"
include: "rules/results.smk"
include: "rules/latency.smk"
include: "rules/dissection.smk"
include: "rules/probes.smk"
include: "rules/analysis.smk"
include: "rules/record.smk"


report: FRONT_PAGE


snakemake_api.when_planned(workflow, reasons_of_jobs)


onstart:
    snakemake_signals.stop_with_jobs(snakemake_api.RunningJobs(workflow))
    exit_on_user_error(preflight.check_writable, CONFIG)
    exit_on_user_error(preflight.check_dates, files_to_read())
    exit_on_user_error(preflight.check_lexicon, CONFIG, planned("augment"))
    exit_on_user_error(check_slurm)
    write_plan()
    start_worker()


onsuccess:
    snakemake_signals.run_is_over()
    report_unrecorded()


onerror:
    advise(log)


wildcard_constraints:
    **constraints(),


rule all:
    default_target: True
    input:
        deliverables(),
        rules.record.output,
