"""The files of a tokenizer, in its folder and beside every model. For rules and checkpoints, so no more than this."""

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt")
"""Those that are written."""

VOCABULARY_FILES = ("vocab.txt", "tokenizer.json")
"""Those of which a folder from elsewhere has at least one."""

SETTINGS_FILES = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
"""Those that are read beside it, where they are there."""
