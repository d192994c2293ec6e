"""Lets papermill write the parameters of TypeScript notebooks: papermill loads it by its entry point."""
import json
import re

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators


class TypeScriptTranslator(Translator):
    """`let name = value;`: every value that YAML and JSON know is TypeScript as it is."""

    declaration = re.compile(r"^\s*(?:let|const|var)\s+(\w+)\s*(?::\s*([^=]+?))?\s*=\s*(.*?);?\s*(?://\s*(.*))?$")

    @classmethod
    def translate(cls, val):
        return json.dumps(val, ensure_ascii=False, default=str)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        return f"let {name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell):
        found = map(cls.declaration.match, parameters_cell["source"].splitlines())
        return [Parameter(m[1], m[2] or "None", m[3], m[4] or "") for m in found if m]


class Engine(NBClientEngine):
    """What the entry point names. Notebooks run as with papermill's own engine."""


papermill_translators.register("typescript", TypeScriptTranslator)
