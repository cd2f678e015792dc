"""The steps of recipes, as the specs of their methods have them."""

from collections.abc import Iterator

from multipress.compression.method import Method
from multipress.compression.registry import methods
from multipress.documentation.markdown import code, plain, table

_IMITATES = {"": "", "logits": "a teacher's logits", "features": "a teacher's logits, hidden states and attention"}


def steps() -> str:
    """A table of all steps, in the default order."""
    rows = (
        (f"[{code(method.expected)}](#{method.name})", plain(_summary(method)), method.label or "–")
        for method in methods().values()
    )
    return table(("step", "what it does", "in subsets"), rows)


def methods_in_detail() -> str:
    """A heading for each method, with what its spec says."""
    return "\n\n".join(map(_method, methods().values()))


def _summary(method: Method) -> str:
    return (method.settings.__doc__ or "").partition(": ")[2].splitlines()[0].rstrip(".")


def _method(method: Method) -> str:
    facts = "\n".join(f"* {fact}" for fact in _facts(method))
    return f"### {method.name}\n\n{code(method.expected)}: {plain(_summary(method))}.\n\n{facts}"


def _facts(method: Method) -> Iterator[str]:
    if method.argument or method.control is not None:
        yield f"After its name: {method.allowed}."
    yield f"Its settings: [`{method.name}`](configuration.md#{method.name})."
    if not method.trains:
        yield "It does not train."
    if method.imitates:
        yield f"It trains for {_IMITATES[method.imitates]}, on augmented rows, too, unless its settings say otherwise."
    if method.also_after:
        yield f"It may also come after {', '.join(map(code, sorted(method.also_after)))}."
    if not method.has_attention:
        yield "Of later steps those of precision alone may follow, for its models have no Transformer layers."
    if method.needs_float32:
        yield "It cannot train in bfloat16."
    for other, reason in method.refuses.items():
        yield f"It may not come after `{other}`: {plain(reason)}."
