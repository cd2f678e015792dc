"""Tokenizers from elsewhere: what their files say of themselves, honoured or refused by name."""
