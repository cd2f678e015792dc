"""Small random BERTs of transformers, in the forms in which people have them."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForSequenceClassification, BertModel

from multipress.model.config import BertConfig as Configuration
from multipress.model.shape import ArchitectureSpec

SPEC = ArchitectureSpec(layers=2, hidden=16, heads=2, feed_forward=32)
VOCABULARY = 60
_SHAPE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


def encoder(**keys):
    """transformers' encoder with these keys of config.json, its weights so large that functions differ."""
    return _spread(BertModel(_config(keys)))


def classifier(**keys):
    """transformers' classifier, likewise."""
    return _spread(BertForSequenceClassification(_config(keys)))


def ours(**keys):
    """The configuration of such an encoder, as it is read here."""
    return Configuration(**({"vocab_size": VOCABULARY} | _SHAPE | keys))


def _config(keys):
    torch.manual_seed(0)
    return BertConfig(**({"vocab_size": VOCABULARY} | _SHAPE | keys))


@torch.no_grad()
def _spread(model):
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        parameter += 0.4 * torch.randn(parameter.shape, generator=generator)
    return model.eval()


def write(folder: Path, model, state=None, **keys):
    """Write config.json, with further keys (None: without the key), and a state in place of the model's own."""
    folder.mkdir(parents=True, exist_ok=True)
    model.config.architectures = [type(model).__name__]
    values = json.loads(model.config.to_json_string()) | keys
    kept = {key: value for key, value in values.items() if key not in keys or value is not None}
    (folder / "config.json").write_text(json.dumps(kept))
    write_state(folder / "model.safetensors", model.state_dict() if state is None else state)
    return folder


def write_state(file: Path, state):
    save_file({name: tensor.contiguous().clone() for name, tensor in state.items()}, file)


def write_shards(folder: Path, parts=3):
    """Cut model.safetensors of a folder into shards with an index."""
    from safetensors.torch import load_file

    state = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names, places = sorted(state), {}
    for number in range(parts):
        file = f"model-{number + 1:05}-of-{parts:05}.safetensors"
        places |= dict.fromkeys(names[number::parts], file)
        write_state(folder / file, {name: state[name] for name in names[number::parts]})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))


def old_names(state):
    """Names as of BERT's first checkpoints, with a buffer and a head of that time."""
    old = {name.replace("LayerNorm.weight", "LayerNorm.gamma"): tensor for name, tensor in state.items()}
    old = {name.replace("LayerNorm.bias", "LayerNorm.beta"): tensor for name, tensor in old.items()}
    old = {
        name if name.startswith(("bert.", "classifier.")) else f"bert.{name}": tensor for name, tensor in old.items()
    }
    buffers = {"bert.embeddings.position_ids": torch.arange(512)[None]}
    return old | buffers | {"cls.predictions.bias": torch.zeros(VOCABULARY)}


def rows():
    """Ids, mask and segments of four rows of 12 tokens, two of them padded."""
    generator = torch.Generator().manual_seed(1)
    mask = torch.ones(4, 12, dtype=torch.int64)
    mask[1, 7:] = mask[3, 3:] = 0
    return {"input_ids": torch.randint(5, VOCABULARY, (4, 12), generator=generator), "attention_mask": mask}
