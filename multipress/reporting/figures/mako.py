"""The palette mako of seaborn, written out: importing seaborn takes longer than drawing a figure."""

_COLORS = (
    "0b04050d04060e05080f060910060a11070c12080d13090f140910150a12160b13170c15180d16190e181a0e191b0f1a1c101c1d111d"
    "1e111f1f122020132221142322142523152624162825172926172b27182d28192e291930291a312a1b332b1c352c1c362d1d382e1e39"
    "2e1e3b2f1f3d30203e31214031214232224333234534244734254835254a35264c36274d37284f372851382953382a54392b563a2c58"
    "3a2c593b2d5b3b2e5d3b2f5f3c30603c31623d31643d32663e33673e34693e356b3f366d3f366f3f3770403872403974403a76403b78"
    "403c79413d7b413e7d413e7f413f8041408241418441428541438741448840468a40478b40488d40498e3f4a8f3f4b903f4c923e4d93"
    "3e4f943e50953d51953d52963c53973c55983b56983b57993b589a3a599a3a5b9b3a5c9b395d9c395e9c385f9c38619d38629d38639d"
    "37649e37659e37669e37689f36699f366a9f366b9f366ca0366da0366fa03670a03671a03572a13573a13574a13575a13576a23578a2"
    "3579a2357aa2357ba3357ca3357da3357ea4347fa43480a43482a43483a53484a53485a53486a53487a63488a63489a6348ba6348ca7"
    "348da7348ea7348fa73490a83491a83492a83493a83495a93496a93497a93498a93499aa349aaa359baa359caa359eaa359fab35a0ab"
    "35a1ab36a2ab36a3ab36a4ab37a5ac37a6ac37a8ac38a9ac38aaac39abac39acac3aadac3aaead3bafad3cb1ad3cb2ad3db3ad3eb4ad"
    "3fb5ad3fb6ad40b7ad41b8ad42b9ad43baad44bcad45bdad46bead47bfad48c0ad49c1ad4bc2ad4cc3ad4dc4ad4fc5ad50c6ad52c7ad"
    "53c9ad55caad57cbad59ccad5bcdad5ecdad60ceac62cfac65d0ad68d1ad6ad2ad6dd3ad70d4ad73d4ad76d5ae79d6ae7cd6af7fd7af"
    "82d8b085d9b188d9b18bdab28edbb391dbb494dcb596ddb599ddb69cdeb79edfb8a1dfb9a4e0bba6e1bca9e1bdabe2beaee3c0b0e4c1"
    "b2e4c2b5e5c4b7e6c5b9e6c7bbe7c8bee8cac0e9ccc2e9cdc4eacfc6ebd1c8ecd2caedd4ccedd6ceeed7d0efd9d2f0dbd4f1dcd6f1de"
    "d8f2e0daf3e1dcf4e3def5e5"
)
"""256 colours of six hexadecimal digits, dark to light."""

_DIGITS = 6
_COUNT = len(_COLORS) // _DIGITS


def mako(count: int) -> list[str]:
    """Colours at equal distances, dark to light, without the ends of the palette: ``seaborn.color_palette``'s."""
    step = 1 / (count + 1)
    positions = [int(number * step * _COUNT) for number in range(1, count + 1)]
    return [f"#{_COLORS[_DIGITS * position : _DIGITS * (position + 1)]}" for position in positions]
