"""Which layers stay when a model loses some."""


def kept_layers(layers: int, kept: int, choice: str) -> list[int]:
    """Indices of the ``kept`` of ``layers`` encoder layers, in order.

    ``spaced``: the last layer of each of ``kept`` blocks of equal size (Wu et al. 2022, XTC); where the blocks do not
    fill the model, half of the rest lies before them, as in XTC's five of twelve: 2, 4, 6, 8, 10. ``bottom``: the first
    ones (Sajjad et al. 2023).

    Raises:
        ValueError: there are not more layers than are to stay.
    """
    if not 0 < kept < layers:
        raise ValueError(f"keeps {kept} layers, but the parent has {layers}: keep fewer")
    if choice == "bottom":
        return list(range(kept))
    block = layers // kept
    first = block - 1 + (layers - kept * block) // 2
    return [first + block * number for number in range(kept)]
