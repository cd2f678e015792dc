"""Which layers share their weights."""


def layer_groups(layers: int, groups: int) -> list[int]:
    """The group of each layer, from 0 on: neighbours share, and sizes of groups differ by one at most.

    Raises:
        ValueError: there are not more layers than groups.
    """
    if not 0 < groups < layers:
        raise ValueError(f"makes {groups} groups of layers, but the parent has {layers} layers: use fewer groups")
    return [number * groups // layers for number in range(layers)]
