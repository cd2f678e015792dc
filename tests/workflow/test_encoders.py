"""Encoders from the user's folder, through the real graph."""

import json

import torch
from transformers import BertModel

from multipress.core.tensor_files import read_tensors, write_tensors
from tests import encoders

CONFIG = [
    "encoder={'source': 'folder', 'folder': 'enc'}",
    "custom_architectures={'own': {'layers': 2, 'hidden': 16, 'heads': 2, 'feed_forward': 32}}",
    "study={'tasks': ['weather'], 'architectures': ['own'], 'teacher': 'own', 'recipes': []}",
    "tokenizer={'vocabulary': 200}",
    "tokenize={'max_length': 32}",
    "finetune={'learning_rate': 1e-12, 'batch_size': 16}",
    "latency={'tasks': []}",
]
MODEL = "results/synthetic/models/weather/own/seed1/ft"


@torch.no_grad()
def differs(workflow):
    """By how much of their range a hardly trained model's hidden states differ from those of the user's encoder."""
    ids = torch.randint(5, 100, (4, 12), generator=torch.Generator().manual_seed(0))
    wanted = BertModel.from_pretrained(workflow.folder / "enc" / "own").eval()(ids).last_hidden_state
    found = BertModel.from_pretrained(workflow.folder / MODEL).eval()(ids).last_hidden_state
    return float((wanted - found).abs().max() / (wanted.max() - wanted.min()))


def make(workflow, *flags):
    process = workflow.run(f"{MODEL}/model.safetensors", flags=flags, config=CONFIG)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout + process.stderr


def test_a_model_starts_from_what_the_encoder_says_and_a_change_of_that_reruns_it(workflow):
    folder = encoders.write(workflow.folder / "enc" / "own", encoders.encoder(vocab_size=208, hidden_act="relu"))
    encoders.write_shards(folder)
    make(workflow)
    assert differs(workflow) < 2e-5
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"layer_norm_eps": 0.1}))
    assert differs(workflow) > 1e-3
    imported = workflow.results / "encoders" / "folder" / "own" / "model.safetensors"
    before = imported.read_bytes()
    process = workflow.run(str(imported.relative_to(workflow.folder)), config=CONFIG)
    assert process.returncode == 0, process.stdout + process.stderr
    assert imported.read_bytes() == before
    make(workflow)
    assert differs(workflow) < 2e-5


def test_an_encoder_that_cannot_be_computed_is_refused_before_the_first_job(workflow):
    folder = encoders.write(workflow.folder / "enc" / "own", encoders.encoder(vocab_size=208), is_decoder=True)
    for message in ("is_decoder is true", "is no part of the BERT that config.json describes"):
        process = workflow.run(f"{MODEL}/model.safetensors", config=CONFIG)
        assert process.returncode != 0
        assert [
            line for line in process.stderr.splitlines() if "multipress: error: enc/own/" in line and message in line
        ]
        assert not workflow.results.exists()
        encoders.write(folder, encoders.encoder(vocab_size=208))
        weights = folder / "model.safetensors"
        write_tensors(weights, read_tensors(weights) | {"encoder.layer.9.output.dense.bias": torch.zeros(16)})
