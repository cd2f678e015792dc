"""A folder to hand over: the file that runs, the packed one, the tokenizer, a model card, and an example."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.deployment.manifest import MANIFEST, write_manifest
from multipress.shrink import verdict
from multipress.shrink.answer import Answer
from multipress.shrink.candidates import REFERENCE
from multipress.shrink.configuration import Study
from multipress.shrink.scores import CONFIDENCE

MODEL, PACKED, TOKENIZER, CARD, EXAMPLE = (
    *("model.onnx", "model.safetensors", "tokenizer.json", "model_card.md", "example.py"),
)


def write(answer: Answer, study: Study, findings: Sequence[str], folder: Path) -> list[Path]:
    """Write the folder of the chosen model.

    Raises:
        UserError: a file is missing or the folder cannot be written.
    """
    copies = {
        answer.chosen.onnx: MODEL,
        answer.chosen.packed: PACKED,
        answer.chosen.onnx.with_name(TOKENIZER): TOKENIZER,
    }
    for source, name in copies.items():
        try:
            with replacing(folder / name) as temporary:
                shutil.copyfile(source, temporary)
        except FileNotFoundError:
            raise UserError(f"{source} is missing: run the same command again") from None
    for name, text in ((CARD, card(answer, study, findings)), (EXAMPLE, example(study, answer.chosen.max_length))):
        with replacing(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    write_manifest(folder, [folder / name for name in copies.values()])
    return [folder / name for name in (MODEL, PACKED, TOKENIZER, MANIFEST, CARD, EXAMPLE)]


def example(study: Study, max_length: int) -> str:
    """A program that predicts with onnxruntime, tokenizers and numpy alone."""
    arguments = "first, second" if study.is_pair else "text"
    texts = '"one text", "another text"' if study.is_pair else '"a text"'
    result = (
        "float(logits[0])"
        if study.names is None
        else f"{json.dumps(study.names, ensure_ascii=False)}[int(logits.argmax())]"
    )
    return f'''\
"""Needs: pip install numpy onnxruntime tokenizers. Run it in its folder."""
import pathlib, numpy as np, onnxruntime, tokenizers

options, cpu = onnxruntime.SessionOptions(), pathlib.Path("/proc/cpuinfo")
if not (cpu.exists() and "vnni" in cpu.read_text()):  # older CPUs need this for exact products
    options.add_session_config_entry("session.x64quantprecision", "1")
model = onnxruntime.InferenceSession("{MODEL}", options)
tokenizer = tokenizers.Tokenizer.from_file("{TOKENIZER}")
tokenizer.enable_truncation({max_length})

def predict({arguments}):
    row = tokenizer.encode({arguments})
    inputs = {{"input_ids": row.ids, "attention_mask": row.attention_mask, "token_type_ids": row.type_ids}}
    logits = model.run(["logits"], {{name: np.array([ids], np.int64) for name, ids in inputs.items()}})[0][0]
    return {result}

if __name__ == "__main__":
    print(predict({texts}))
'''


def card(answer: Answer, study: Study, findings: Sequence[str]) -> str:
    """What the model is, what it was made from, how good it is, and what is not known of it."""
    shape = study.encoder.shape
    labels = "a number" if study.names is None else f"one of {', '.join(study.names)}"
    rows = "\n".join(
        f"| {model.recipe} | {verdict.megabytes(model.megabytes)} | {model.milliseconds:.3g} "
        f"| {answer.dev_scores[model.recipe]:.1f} | {_lost(answer, model.recipe)} |"
        for model in answer.models
    )
    said = "\n".join(f"* {line}" for line in findings)
    answered = "\n".join(verdict.lines(answer))
    return f"""\
# {study.task}

Predicts {labels} for {"a pair of texts" if study.is_pair else "a text"} of up to {answer.chosen.max_length} tokens;
longer ones are cut. Made by `multipress shrink` from {study.source} and the encoder {study.encoder.public_name}
({shape.layers} layers, {shape.hidden} wide), by the recipe `{answer.chosen.recipe}`.

| file | what |
|---|---|
| {MODEL} | the model for onnxruntime or OpenVINO |
| {PACKED} | the same in as few bytes as rebuilding it bit for bit takes |
| {TOKENIZER} | text to tokens |
| {EXAMPLE} | how to use it |

## How to use it

{EXAMPLE}, with numpy, onnxruntime and tokenizers alone:

```python
{example(study, answer.chosen.max_length).rstrip()}
```

To the Hugging Face hub, with its own command: `hf upload OWNER/NAME .`, and `hf upload OWNER/NAME {CARD} README.md`.

## How good it is

```
{answered}
```

The test part was taken out of the rows first and nothing was chosen on it. Intervals are for other rows of the same
kind, with {CONFIDENCE:.0%} confidence; they know nothing of texts of another kind, time or language.

## The rows

{said}

## The models that were compared

{answer.metric} on the dev part ({answer.dev_rows:,} rows), and points lost there against `{REFERENCE}`: as measured,
and at most with {CONFIDENCE:.0%} confidence.

| recipe | file (ONNX) | ms a text | {answer.metric} | lost | at most |
|---|---|---|---|---|---|
{rows}

## Not known

How it does on groups of people or kinds of texts that the rows do not name; what another seed would give; what it does
with texts unlike the training rows. It answers whatever it is given.
"""


def _lost(answer: Answer, recipe: str) -> str:
    """Two cells of the table: a loss as measured, and at most."""
    loss = answer.dev_losses.get(recipe)
    return " | " if loss is None else f"{loss.value:.2f} | {loss.at_most:.2f}"
