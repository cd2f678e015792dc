"""multipress: do compressions of BERT multiply? The paper's experiment as a workflow."""

__version__ = "0.1.0"
