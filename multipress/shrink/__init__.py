"""From one file of labelled texts and an encoder to the smallest model that is good enough: ``multipress shrink``."""
