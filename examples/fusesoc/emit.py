"""FuseSoC's generator: has `pm verilog` write the file, with every parameter as the option of that name.

    parameters:
      geometry: cu            --geometry cu
      interface: wishbone     --interface wishbone
      mmu: true               --mmu

`pm` refuses what it does not know. A value that names a file beside the core that asks is handed over as that file. PM names
the program, a path that may hold blanks or a command line; without it `./pm` of the project builds and runs it.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

# What this script decides.
OWN = ("out",)


def scalar(text):
    """A scalar of YAML as FuseSoC writes it: plain, or quoted where it must be."""
    text = text.strip()
    if text[:1] == "'":
        return text[1:-1].replace("''", "'")
    if text[:1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def read(order):
    """The order: a mapping of scalars, of which `parameters` is another. The Python on the path need not have a reader of YAML."""
    top, inner, last = {}, {}, None
    for line in order.splitlines():
        found = re.match(r"( *)([A-Za-z_][\w-]*):(?: (.*)|)$", line)
        if found and (not found[1] or len(found[1]) == 2):
            last = (inner if found[1] else top, found[2])
            last[0][last[1]] = found[3] or ""
        elif line.strip() and last:
            # A long scalar goes on in the next line.
            last[0][last[1]] += " " + line.strip()
    return {name: scalar(text) for name, text in top.items()}, {name: scalar(text) for name, text in inner.items()}


def options(parameters, root):
    """Parameters as options of `pm verilog`."""
    arguments = []
    for name, value in parameters.items():
        if name in OWN:
            sys.exit(f"emit.py: FuseSoC decides where the file lies; leave out the parameter {name}")
        option = "--" + name.replace("_", "-")
        if value == "true":
            arguments.append(option)
        elif value not in ("false", ""):
            beside = root / value
            # With `=`, a value that begins with a dash is no option.
            arguments.append(f"{option}={beside if beside.is_file() else value}")
    return arguments


def program():
    """The command that runs `pm`."""
    named = os.environ.get("PM")
    if not named:
        return ["bash", str(Path(__file__).resolve().parents[2] / "pm")]
    return [named] if Path(named).is_file() else shlex.split(named)


def main():
    order, parameters = read(Path(sys.argv[1]).read_text(encoding="utf-8"))
    arguments = options(parameters, Path(order["files_root"]))
    done = subprocess.run([*program(), "verilog", *arguments, "--out", "partition_manager.v"], check=False)
    if done.returncode:
        sys.exit(f"emit.py: pm verilog {shlex.join(arguments)} ended with {done.returncode}")
    vlnv = order["vlnv"]
    core = f"CAPI=2:\nname: {vlnv}\nfilesets:\n  rtl:\n    files: [partition_manager.v]\n    file_type: verilogSource\n"
    Path(f"{vlnv.split(':')[2]}.core").write_text(core + "targets:\n  default:\n    filesets: [rtl]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
