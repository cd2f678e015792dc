import subprocess
import sys

import pytest
import seaborn

from multipress.reporting.figures.mako import mako


def test_colours_are_those_of_seaborn():
    for count in range(1, 40):
        assert mako(count) == list(seaborn.color_palette("mako", count).as_hex())


@pytest.mark.parametrize("script", ["plot", "plot_latency", "plot_training"])
def test_most_figures_are_drawn_without_seaborn(script):
    code = f"import workflow_scripts.{script}, sys; sys.exit('seaborn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
