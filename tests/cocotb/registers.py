"""The register map by name, from what `pm registers --format json` prints (its file is named by PM_REGISTERS)."""

import json
import os


class Registers:
    """Offsets by name, fields by place: `offset["CMD"]`, `field("RESULT", "status", word)`, `code("RESULT", "status", "Ok")`."""

    def __init__(self, path=None):
        with open(path or os.environ["PM_REGISTERS"], encoding="utf-8") as file:
            rows = json.load(file)
        self.rows = {row["name"]: row for row in rows}
        self.offset = {row["name"]: row["offset"] for row in rows}

    def _field(self, register, name):
        return next(field for field in self.rows[register]["fields"] if field["name"] == name)

    def field(self, register, name, word):
        """The field's value in a word that was read."""
        place = self._field(register, name)
        return word >> place["low"] & (1 << (place["high"] - place["low"] + 1)) - 1

    def code(self, register, name, member):
        """The number that stands for a member of an enumerated field."""
        return self._field(register, name)["codes"][member]

    def member(self, register, name, word):
        """The member's name that a word says, or its number if it has none."""
        value = self.field(register, name, word)
        names = {code: member for member, code in self._field(register, name)["codes"].items()}
        return names.get(value, value)
