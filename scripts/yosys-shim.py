#!/usr/bin/env python3
"""A `yosys` command over the PyPI package pyosys, which ships the library without it.

Understands what this project and common front ends pass: -V, -q, -l LOG, -p COMMANDS (repeatable), -s SCRIPT, and
files to read first. Exit status 0 on success, 1 when yosys stops on an error (which goes to standard error, also with
-q), 2 for bad arguments.
"""
import argparse
import os
import sys


def arguments():
    parser = argparse.ArgumentParser(prog="yosys", description="yosys over pyosys")
    parser.add_argument("-V", "--version", action="store_true", help="print the version and stop")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    parser.add_argument("-l", "--log", help="write everything that yosys says to this file")
    parser.add_argument("-p", "--commands", action="append", default=[], help="commands, run after the files are read")
    parser.add_argument("-s", "--script", help="a file of commands, run before those of -p")
    parser.add_argument("files", nargs="*", help="Verilog files (.sv is read as SystemVerilog)")
    return parser.parse_args()


def main():
    args = arguments()
    from pyosys import libyosys as yosys

    if args.version:
        print(yosys.yosys_maybe_version())
        return 0
    commands = [f'read_verilog {"-sv " if name.endswith(".sv") else ""}"{name}"' for name in args.files]
    commands += [f'script "{args.script}"'] if args.script else []
    # One pass at a time, as `tee` takes them.
    commands += [part.strip() for text in args.commands for part in text.split(";") if part.strip()]
    if args.log:
        open(args.log, "w").close()
        commands = [f'tee -a "{args.log}" {command}' for command in commands]
    if args.quiet:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for command in commands:
        yosys.run_pass(command)
    return 0


if __name__ == "__main__":
    sys.exit(main())
