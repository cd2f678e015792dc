"""python -m multipress.shrink."""

import sys

from multipress.shrink.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
