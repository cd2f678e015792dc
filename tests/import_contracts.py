"""A contract of import-linter's: methods of compression know nothing of each other. It finds them by their folders."""

from importlinter import Contract, ContractCheck, fields, output


class IndependentMethods(Contract):
    """Each subpackage that holds a ``spec`` imports nothing from another one, unless it is allowed to."""

    package = fields.StringField()
    allowed = fields.ListField(subfield=fields.StringField(), required=False)
    """As ``one -> other``."""

    def check(self, graph, verbose):
        """Look at every direct import between two methods."""
        methods = sorted(child for child in graph.find_children(self.package) if f"{child}.spec" in graph.modules)
        allowed = {tuple(f"{self.package}.{name.strip()}" for name in pair.split("->")) for pair in self.allowed or []}
        found = [
            f"{importer} imports {imported}"
            for one in methods
            for importer in sorted({one} | graph.find_descendants(one))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            for other in methods
            if other != one and (one, other) not in allowed and f"{imported}.".startswith(f"{other}.")
        ]
        return ContractCheck(kept=bool(methods) and not found, metadata={"methods": methods, "imports": found})

    def render_broken_contract(self, check):
        """Name the imports."""
        for line in check.metadata["imports"] or ["no method was found"]:
            output.print_error(line)
