"""Encoders in the forms in which people have them: computed as transformers computes them, or refused by name."""

import shlex
import subprocess
import sys

import pytest
import torch
from transformers import BertModel

from multipress.core.errors import UserError
from multipress.data.prepared import PreparedTask
from multipress.model.bert import Bert
from multipress.model.build import start_classifier
from multipress.model.config import BertConfig
from multipress.model.encoder_files import check_encoder, check_pairs, check_positions, encoder_sources
from multipress.model.tensor_names import encoder_shapes
from tests import encoders, forked
from tests.encoders import SPEC, VOCABULARY

TASK = PreparedTask(kind="classification", labels=["no", "yes"])


def start(folder, vocabulary=VOCABULARY):
    check_encoder(folder, SPEC)
    return start_classifier(SPEC, vocabulary, TASK, 0.0, folder / "model.safetensors").eval()


@torch.no_grad()
def hidden_states_agree(folder, reference=None):
    """Whether ours and transformers' hidden states differ by less than 1e-5 of their range."""
    reference = reference or BertModel.from_pretrained(folder, dtype=torch.float32).eval()
    inputs = encoders.rows()
    mask = inputs["attention_mask"].bool()
    wanted, found = reference(**inputs).last_hidden_state[mask], start(folder).bert(**inputs)[mask]
    return bool((wanted - found).abs().max() < 1e-5 * (wanted.max() - wanted.min()))


@pytest.mark.parametrize(
    "keys",
    [
        {},
        *({"hidden_act": name} for name in ("relu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "silu", "swish")),
        {"hidden_act": "gelu_python"},
        {"layer_norm_eps": 1e-2},
        {"hidden_act": "relu", "layer_norm_eps": 1e-5, "type_vocab_size": 4},
        {"max_position_embeddings": 40},
        {"max_position_embeddings": 1024},
        {"type_vocab_size": 1},
        {"pad_token_id": 1},
        {"pad_token_id": None},
        {"vocab_size": 64},
        {"hidden_dropout_prob": 0.3, "classifier_dropout": 0.2, "chunk_size_feed_forward": 4},
        {"initializer_range": 0.1, "tie_word_embeddings": False, "use_cache": False},
    ],
    ids=str,
)
def test_every_key_is_computed_as_transformers_does(tmp_path, keys):
    encoders.write(tmp_path, encoders.encoder(**keys))
    assert hidden_states_agree(tmp_path)
    config = start(tmp_path).config
    for key, value in keys.items():
        if key in BertConfig.model_fields and "dropout" not in key:
            assert getattr(config, key) == value


def test_functions_and_epsilons_do_differ(tmp_path):
    """So that the test above can fail."""
    written = encoders.write(tmp_path, encoders.encoder())
    for keys in ({"hidden_act": "relu"}, {"hidden_act": "gelu_new"}, {"layer_norm_eps": 1e-2}):
        assert not hidden_states_agree(written, encoders.encoder(**keys))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("position_embedding_type", "relative_key_query"),
        ("position_embedding_type", "alibi"),
        ("is_decoder", True),
        ("is_encoder_decoder", True),
        ("add_cross_attention", True),
        ("pruned_heads", {"0": [1]}),
        ("directionality", "left"),
        ("pooler_type", "mean"),
        ("quantization_config", {"quant_method": "bitsandbytes"}),
        ("auto_map", {"AutoModel": "modeling_own.OwnModel"}),
        ("hidden_act", "mish"),
        ("hidden_act", "gelu_10"),
        ("layer_norm_eps", -1.0),
        ("layer_norm_eps", float("nan")),
        ("num_attention_heads", 3),
        ("max_position_embeddings", 0),
        ("type_vocab_size", "two"),
        ("pad_token_id", 60),
        ("pad_token_id", -1),
        ("vocab_size", None),
        ("model_type", "roberta"),
        ("model_type", "distilbert"),
        ("model_type", "electra"),
        ("model_type", 7),
    ],
)
def test_what_is_not_computed_is_refused_by_the_name_of_the_key(tmp_path, key, value):
    encoders.write(tmp_path, encoders.encoder(), **{key: value})
    with pytest.raises(UserError, match=key) as caught:
        check_encoder(tmp_path, SPEC)
    assert str(tmp_path / "config.json") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_keys_that_change_no_number_pass(tmp_path):
    keys = {"gradient_checkpointing": True, "pooler_fc_size": 768, "directionality": "bidi", "pruned_heads": {}}
    keys |= {"position_embedding_type": "absolute", "architectures": ["HF_ColBERT"], "finetuning_task": "mnli"}
    keys |= {"problem_type": "multi_label_classification", "id2label": {"3": "x"}, "num_labels": 7, "mine": [1]}
    encoders.write(tmp_path, encoders.encoder(), **keys)
    assert check_encoder(tmp_path, SPEC).outputs == 2


@pytest.mark.parametrize("classes", [["BertForPreTraining"], ["TFBertModel"], None])
def test_a_missing_model_type_is_berts_if_nothing_speaks_against_it(tmp_path, classes):
    encoders.write(tmp_path, encoders.encoder(), model_type=None, architectures=classes)
    assert hidden_states_agree(tmp_path)


@pytest.mark.parametrize("name", ["RobertaModel", "DistilBertForMaskedLM", "ElectraForPreTraining", "AlbertModel"])
def test_another_model_without_model_type_is_refused_by_what_it_is(tmp_path, name):
    encoders.write(tmp_path, encoders.encoder(), model_type=None, architectures=[name])
    with pytest.raises(UserError, match=f'no model_type.* {name}, .*add "model_type": "bert"'):
        check_encoder(tmp_path, SPEC)


@pytest.mark.parametrize(
    "state",
    [
        encoders.old_names,
        lambda state: {f"bert.{name}": tensor for name, tensor in state.items()},
        lambda state: {name: tensor.double() for name, tensor in state.items()},
        lambda state: state | {"classifier.weight": torch.zeros(3, 16), "qa_outputs.bias": torch.zeros(2)},
        lambda state: state | {"cls.predictions.bias": torch.full((60,), torch.nan)},
        lambda state: state | {"embeddings.token_type_ids": torch.zeros(1, 512, dtype=torch.int64)},
    ],
)
def test_old_names_buffers_and_heads_are_no_hindrance(tmp_path, state):
    model = encoders.encoder()
    encoders.write(tmp_path, model, state(model.state_dict()))
    assert hidden_states_agree(tmp_path, model)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_weights_are_computed_in_float32(tmp_path, kind):
    encoders.write(tmp_path, encoders.encoder().to(kind), dtype=str(kind).removeprefix("torch."))
    assert hidden_states_agree(tmp_path)
    assert all(weight.dtype == torch.float32 for weight in start(tmp_path).parameters())


def test_without_a_pooler_a_random_one_is_taken_as_transformers_does(tmp_path):
    model = encoders.encoder()
    state = {name: tensor for name, tensor in model.state_dict().items() if not name.startswith("pooler.")}
    encoders.write(tmp_path, model, state)
    assert hidden_states_agree(tmp_path, model)
    pooler = start(tmp_path).bert.pooler.dense
    assert 0 < float(pooler.weight.detach().std()) < 0.05
    assert not pooler.bias.any()


def test_rows_for_more_tokens_than_the_tokenizer_has_stay(tmp_path):
    encoders.write(tmp_path, encoders.encoder(vocab_size=64))
    model = start(tmp_path, vocabulary=57)
    assert model.bert.embeddings.word_embeddings.num_embeddings == model.config.vocab_size == 64
    with pytest.raises(UserError, match=r"vocab_size is 64, but the tokenizer has 65 tokens"):
        start(tmp_path, vocabulary=65)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"embeddings.word_embeddings.weight": torch.zeros(64, 16)}, r"word_embeddings.* \(64, 16\), .* \(60, 16\)"),
        ({"embeddings.position_embeddings.weight": torch.zeros(128, 16)}, r"position.* \(128, 16\), .* \(512, 16\)"),
        ({"encoder.layer.1.output.dense.weight": torch.zeros(16, 24)}, r"layer\.1\.output.* \(16, 24\), .* \(16, 32\)"),
        ({"encoder.layer.1.output.dense.weight": None}, r"lacks encoder\.layer\.1\.output\.dense\.weight: "),
        ({"pooler.dense.bias": None}, r"lacks pooler\.dense\.bias: "),
        (
            {"encoder.layer.2.output.dense.bias": torch.zeros(16)},
            r"layer\.2.* is no part of the BERT that config\.json",
        ),
        (
            {"encoder.layer.0.attention.self.distance_embedding.weight": torch.zeros(9, 8)},
            "distance_embedding.* no part",
        ),
        ({"embeddings.LayerNorm.gamma": torch.ones(16)}, "LayerNorm.gamma and .*LayerNorm.weight, two names of one"),
        ({"encoder.layer.0.output.dense.weight": torch.zeros(16, 32, dtype=torch.int8)}, "stored as I8: quantized"),
        ({"pooler.dense.bias": torch.full((16,), torch.nan)}, "pooler.dense.bias holds numbers that are not finite"),
        ({"embeddings.LayerNorm.bias": torch.full((16,), -torch.inf)}, "embeddings.LayerNorm.bias holds numbers that"),
        (
            {"encoder.layer.1.intermediate.dense.weight": (torch.ones(32, 16) * 1e6).half()},
            "layer.1.inter.* not finite",
        ),
    ],
)
def test_weights_that_are_not_those_of_the_configuration_are_named(tmp_path, change, message):
    model = encoders.encoder()
    state = {name: tensor for name, tensor in (model.state_dict() | change).items() if tensor is not None}
    encoders.write(tmp_path, model, state)
    with pytest.raises(UserError, match=message) as caught:
        start(tmp_path)
    assert str(tmp_path / "model.safetensors") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("prefix", ["roberta.", "distilbert.", "model.", "module.bert."])
def test_tensors_of_another_model_are_told_by_their_names(tmp_path, prefix):
    model = encoders.encoder()
    state = {prefix + name: tensor for name, tensor in model.state_dict().items()}
    encoders.write(tmp_path, model, state, model_type=None, architectures=None)
    with pytest.raises(UserError, match=rf"begin with {prefix.split('.')[0]}\., so it is no BERT"):
        check_encoder(tmp_path, SPEC)


def test_layers_of_another_model_are_told_by_their_names(tmp_path):
    model = encoders.encoder()
    state = {name.replace("encoder.layer", "transformer.layer"): tensor for name, tensor in model.state_dict().items()}
    encoders.write(tmp_path, model, state, model_type=None, architectures=None)
    with pytest.raises(UserError, match=r"begin with embeddings\., pooler\., transformer\., so it is no BERT"):
        check_encoder(tmp_path, SPEC)


def test_shards_are_read(tmp_path):
    encoders.write(tmp_path / "in", encoders.encoder(hidden_act="relu"))
    encoders.write_shards(tmp_path / "in")
    names = [path.name for path in encoder_sources(tmp_path / "in")]
    assert names[:3] == ["config.json", "model.safetensors.index.json", "model-00001-of-00003.safetensors"]
    process = import_encoder(tmp_path)
    assert process.returncode == 0, process.stderr
    reference = BertModel.from_pretrained(tmp_path / "in").eval()
    assert hidden_states_agree(tmp_path / "out", reference)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda folder: (folder / "model-00002-of-00003.safetensors").unlink(),
            "has no model-00002-of-00003.safetensors",
        ),
        (lambda folder: (folder / "model.safetensors.index.json").write_text("{}"), "is no index of shards"),
        (
            lambda folder: (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../x"}}'),
            "must name files beside it",
        ),
        (
            lambda folder: (folder / "model-00003-of-00003.safetensors").write_bytes(
                (folder / "model-00001-of-00003.safetensors").read_bytes()
            ),
            "is in another shard, too",
        ),
    ],
)
def test_faults_of_shards_are_named(tmp_path, damage, message):
    encoders.write(tmp_path, encoders.encoder())
    encoders.write_shards(tmp_path)
    damage(tmp_path)
    with pytest.raises(UserError, match=message):
        check_encoder(tmp_path, SPEC)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "pytorch_model-00001-of-00001.bin"])
def test_the_command_that_converts_pickled_weights_works(tmp_path, name):
    folder = encoders.write(tmp_path / "with blank", encoders.encoder())
    (folder / "model.safetensors").unlink()
    state = encoders.encoder().state_dict()
    torch.save(state, folder / name)
    if name != "pytorch_model.bin":
        (folder / "pytorch_model.bin.index.json").write_text("{}")
    with pytest.raises(UserError, match="which is a pickle and never loaded; convert it: ") as caught:
        check_encoder(folder, SPEC)
    command = str(caught.value).partition("convert it: ")[2].replace("python -c", f"{shlex.quote(sys.executable)} -c")
    subprocess.run(command, shell=True, check=True)
    assert hidden_states_agree(folder, encoders.encoder())


def test_a_folder_without_weights_or_configuration_is_told(tmp_path):
    with pytest.raises(UserError, match=r"has no config\.json"):
        check_encoder(tmp_path, SPEC)
    encoders.write(tmp_path, encoders.encoder())
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(UserError, match=r"has no model\.safetensors: a model is"):
        check_encoder(tmp_path, SPEC)
    (tmp_path / "tf_model.h5").touch()
    with pytest.raises(UserError, match=r"only tf_model\.h5, of TensorFlow or Flax"):
        check_encoder(tmp_path, SPEC)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_cut_weights_are_refused(tmp_path, share):
    weights = encoders.write(tmp_path, encoders.encoder()) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: int(weights.stat().st_size * share)])
    with pytest.raises(UserError, match="no intact safetensors file"):
        check_encoder(tmp_path, SPEC)


@pytest.mark.parametrize(
    ("text", "message"), [("", "is not valid JSON"), ("[]", "holds no keys"), ("\xff", "is not valid")]
)
def test_a_damaged_configuration_is_told(tmp_path, text, message):
    encoders.write(tmp_path, encoders.encoder())
    (tmp_path / "config.json").write_text(text, encoding="latin-1")
    with pytest.raises(UserError, match=rf"config\.json {message}.*"):
        check_encoder(tmp_path, SPEC)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"layers": 3}, "num_hidden_layers is 2, the architecture has layers 3"),
        ({"hidden": 32}, "hidden_size is 16, the architecture has hidden 32"),
        ({"heads": 4}, "num_attention_heads is 2, the architecture has heads 4"),
        ({"feed_forward": 64}, "intermediate_size is 32, the architecture has feed_forward 64"),
    ],
)
def test_another_shape_is_told_with_both_numbers(tmp_path, field, message):
    encoders.write(tmp_path, encoders.encoder())
    with pytest.raises(UserError, match=message):
        check_encoder(tmp_path, SPEC.model_copy(update=field))


@pytest.mark.parametrize(("positions", "length"), [(512, 512), (130, 128), (40, 40)])
def test_rows_that_have_room_pass(tmp_path, positions, length):
    check_positions(encoders.ours(max_position_embeddings=positions), tmp_path, length, "tokenize.max_length")


@pytest.mark.parametrize(("positions", "length", "most"), [(40, 41, 40), (130, 129, 128), (512, 513, 512)])
def test_rows_longer_than_the_positions_are_told_with_both_numbers(tmp_path, positions, length, most):
    message = (
        f"max_position_embeddings is {positions}, too few for rows of {length} tokens: lower a.key to {most} at most"
    )
    with pytest.raises(UserError, match=message):
        check_positions(encoders.ours(max_position_embeddings=positions), tmp_path, length, "a.key")


def test_an_encoder_with_one_type_of_segments_takes_no_pairs(tmp_path):
    check_pairs(encoders.ours(), tmp_path)
    with pytest.raises(UserError, match="type_vocab_size is 1, but rows of two texts need 2"):
        check_pairs(encoders.ours(type_vocab_size=1), tmp_path)


def test_longer_rows_than_positions_are_told_wherever_they_come_from(tmp_path):
    encoders.write(tmp_path, encoders.encoder(max_position_embeddings=10))
    with pytest.raises(UserError, match=r"rows of 12 tokens, but the model has 10 positions"):
        start(tmp_path)(**encoders.rows())


def test_the_listed_tensors_are_those_of_the_module():
    config = encoders.ours(max_position_embeddings=30, type_vocab_size=3, num_hidden_layers=3)
    assert {name: tuple(tensor.shape) for name, tensor in Bert(config).state_dict().items()} == encoder_shapes(config)


def import_encoder(folder):
    arguments = ["--source-dir", folder / "in", "--output-dir", folder / "out"]
    script = [sys.executable, "-m", "workflow_scripts.import_encoder", "--params", SPEC.model_dump_json()]
    return forked.run_text([*script, *arguments])


def test_import_copies_both_files(tmp_path):
    model = encoders.encoder()
    source = encoders.write(tmp_path / "in", model, encoders.old_names(model.state_dict()))
    (source / "vocab.txt").write_text("not copied")
    process = import_encoder(tmp_path)
    assert process.returncode == 0, process.stderr
    copies = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert copies == {name: (source / name).read_bytes() for name in ("config.json", "model.safetensors")}


def test_import_tells_a_mistake_in_one_line(tmp_path):
    model = encoders.encoder()
    state = model.state_dict() | {"encoder.layer.0.output.dense.bias": torch.full((16,), torch.nan)}
    encoders.write(tmp_path / "in", model, state)
    process = import_encoder(tmp_path)
    assert process.returncode == 1
    assert process.stderr.count("\n") == 1
    assert "encoder.layer.0.output.dense.bias holds numbers that are not finite" in process.stderr
    assert not (tmp_path / "out").exists()
