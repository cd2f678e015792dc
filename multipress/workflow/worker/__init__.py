"""A process that has the libraries loaded and forks a child for each job of a local run.

Without it a job loads PyTorch or pandas for a second before it does anything. ``server`` is that process and ``child``
what it forks; ``launcher`` stands in the job's place meanwhile, ``messages`` says what they tell each other, and
``start`` is what a run calls.
"""
