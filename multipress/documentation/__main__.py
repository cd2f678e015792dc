"""Bring the parts of docs/reference that are made from the code up to date, and name the pages that were not."""

import argparse

from multipress.documentation.pages import write


def main() -> None:
    """Write."""
    argparse.ArgumentParser(prog="python -m multipress.documentation", description=__doc__).parse_args()
    for page in write():
        print(f"docs/reference/{page}")


if __name__ == "__main__":
    main()
