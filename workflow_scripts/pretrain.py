"""Pre-train an encoder as a masked language model, where no pretrained weights can be had."""

import argparse
from pathlib import Path

from multipress.core import devices
from multipress.core.files import stable_seed, write_json
from multipress.core.settings import Section
from multipress.core.tensor_files import write_tensors
from multipress.data.corpus import lines
from multipress.data.tokenization import read_tokenizer
from multipress.model.bert import BertMaskedModel, config_json
from multipress.model.build import bert_config
from multipress.model.shape import ArchitectureSpec
from multipress.training.loop import TrainingContext, train
from multipress.training.pretraining import MaskedBatches, masked_objective, pack
from multipress.training.pretraining_settings import PretrainSettings
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._runtime import add_precision, add_runtime, prepare_training
from workflow_scripts._states import add_states, open_states


class Params(Section):
    """The settings of this rule."""

    arch: str
    architecture: ArchitectureSpec
    settings: PretrainSettings


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Pack the corpus, train, and keep the encoder without the prediction head."""
    settings = params.settings
    seed = stable_seed(settings.seed, "pretrain", params.arch)
    device = prepare_training(arguments, seed)
    tokenizer = read_tokenizer(arguments.tokenizer / "tokenizer.json")
    sequences = pack(lines(arguments.corpus), tokenizer, settings.sequence_length, settings.max_tokens)
    padding = tokenizer.token_to_id("[PAD]")
    config = bert_config(params.architecture, tokenizer.get_vocab_size(), settings.dropout, padding)
    model = BertMaskedModel(config)
    batches = MaskedBatches(sequences, tokenizer, settings.masked_fraction, settings.batch_size, seed, device)
    inputs = [arguments.tokenizer / "tokenizer.json", *arguments.corpus]
    states = open_states("pretrain", f"pretrain-{params.arch}", params, inputs, device, arguments)
    bfloat16 = devices.uses_bfloat16(arguments.precision, device)
    context = TrainingContext[BertMaskedModel](device, bfloat16=bfloat16, states=states)
    training = train(model, batches, masked_objective, settings, context)
    training.write_history(arguments.history)
    write_json(arguments.output_dir / "config.json", config_json(config) | {"architectures": ["BertModel"]})
    write_tensors(arguments.output_dir / "model.safetensors", model.bert.state_dict())
    if states:
        states.clear()
    print(f"{sequences.size} tokens, {training.steps} steps, {training.seconds:.1f} s: {arguments.output_dir}")


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(
        arguments,
        tokenizer="folder with the tokenizer",
        output_dir="folder of the encoder to write",
        history="CSV file of losses to write",
    )
    arguments.add_argument("--corpus", type=Path, nargs="+", required=True, metavar="PATH", help="text, plain or .zst")
    add_runtime(arguments)
    add_precision(arguments)
    add_states(arguments)
    run(main, Params, arguments)
