"""The files of a tokenizer, in its folder and beside every model. For rules and checkpoints, so no more than this."""

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt")
