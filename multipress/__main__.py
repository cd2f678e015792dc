"""The command ``multipress``, also as ``python -m multipress``."""

from multipress.commands.verbs import main

if __name__ == "__main__":
    main()
