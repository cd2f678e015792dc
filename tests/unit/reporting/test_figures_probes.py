"""The figure of probes: a panel for each probe, means over tasks and seeds, floors as lines."""

from multipress.reporting.figures.probes import probes_figure
from tests.unit.dissection.probes.test_claims import table


def test_each_probe_has_a_panel_with_means_and_floors():
    probes = table(seeds=(1, 3), noise=0.01)
    probes.loc[probes["probe"] == "odd_word", "accuracy"] = None
    figure = probes_figure(probes, "heading")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [
        *("length (surface)", "word content (surface)", "word swap (syntax)"),
        *("part of speech (syntax)", "supersense (semantics)", "odd word (semantics)"),
    ]
    dense, *_ = figure.axes[2].lines
    assert dense.get_ydata().tolist() == [50, 92, 92]
    assert dense.get_color() == "#222222"
    assert [text.get_text() for text in figure.axes[5].texts] == ["left out: probes.csv says why"]
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["ft", "ft-mp20", "ft-mp80", "ft-int8", "untrained", "most frequent label"]
    assert figure.legends[0].get_title().get_text() == "Mean over sst2, rte; seeds: 2"
    assert (
        "no probe has enough examples" in probes_figure(probes.assign(accuracy=None), "h").axes[0].texts[0].get_text()
    )
