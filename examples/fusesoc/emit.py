"""FuseSoC's generator: has `pm verilog` write the file. PM names the program; without it cargo builds and runs it."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path


def value(text, name):
    """A scalar of the order. The Python on the path need not have FuseSoC's reader of YAML."""
    found = re.search(rf"^\s*{name}:\s*(.+?)\s*$", text, re.MULTILINE)
    return found.group(1).strip("'\"") if found else None


def main():
    order = Path(sys.argv[1]).read_text(encoding="utf-8")
    root = Path(__file__).resolve().parents[2]
    program = os.environ.get("PM")
    command = shlex.split(program) if program else ["cargo", "run", "--quiet", "--manifest-path", str(root / "Cargo.toml"), "-p", "pm", "--"]
    arguments = ["verilog", "--geometry", value(order, "geometry"), "--interface", value(order, "interface")]
    if value(order, "mmu") == "true":
        arguments.append("--mmu")
    subprocess.run([*command, *arguments, "--out", "partition_manager.v"], check=True)
    vlnv = value(order, "vlnv")
    core = f"CAPI=2:\nname: {vlnv}\nfilesets:\n  rtl:\n    files: [partition_manager.v]\n    file_type: verilogSource\n"
    Path(f"{vlnv.split(':')[2]}.core").write_text(core + "targets:\n  default:\n    filesets: [rtl]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
