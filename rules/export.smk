"""Models in the form that runtimes execute."""


rule export:
    input:
        model=f"{MODELS}/{{recipe}}/model.safetensors",
    output:
        f"{ONNX}/{{recipe}}.onnx",
    log:
        f"{LOGS}/export/{RUN}/{{recipe}}.log",
    wildcard_constraints:
        recipe=r"(ft|kd)[-\w]*",
    resources:
        mem_mb=memory_for_text,
        runtime=minutes_for_text,
    params:
        code=code_of("export"),
        model=subpath(input.model, parent=True),
    shell:
        "python -m workflow_scripts.export --params '{{}}' --model {params.model:q} --output {output:q} > {log:q} 2>&1"
