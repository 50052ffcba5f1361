#!/usr/bin/env python3
"""A `yosys` command over the PyPI package pyosys, which ships the library without it.

Understands what this project and common front ends pass: -V, -q, -l LOG, -p COMMANDS (repeatable), -s SCRIPT, and
files to read first. Exit status 0 on success, 1 when yosys stops on an error, 2 for bad arguments.
"""
import argparse
import contextlib
import os
import sys


def arguments():
    parser = argparse.ArgumentParser(prog="yosys", description="yosys over pyosys")
    parser.add_argument("-V", "--version", action="store_true", help="print the version and stop")
    parser.add_argument("-q", "--quiet", action="store_true", help="print warnings and errors only")
    parser.add_argument("-l", "--log", help="write everything that yosys says to this file")
    parser.add_argument("-p", "--commands", action="append", default=[], help="commands, run after the files are read")
    parser.add_argument("-s", "--script", help="a file of commands, run before those of -p")
    parser.add_argument("files", nargs="*", help="Verilog files (.sv is read as SystemVerilog)")
    return parser.parse_args()


def main():
    args = arguments()
    from pyosys import libyosys as yosys

    if args.version:
        print(yosys.yosys_maybe_version() if callable(yosys.yosys_maybe_version) else yosys.yosys_maybe_version)
        return 0
    passes = [f"read_verilog {'-sv ' if name.endswith('.sv') else ''}{quoted(name)}" for name in args.files]
    passes += [f"script {quoted(args.script)}"] if args.script else []
    passes += args.commands
    for commands in passes:
        prefix = "tee " + ("-q " if args.quiet else "") + (f"-a {quoted(args.log)} " if args.log else "")
        # `tee` takes one command; a line of several goes through them one by one, as `yosys -p` would.
        for command in filter(None, (part.strip() for part in commands.split(";"))):
            yosys.run_pass(prefix + command if args.quiet or args.log else command)
    return 0


def quoted(name):
    return f'"{name}"'


if __name__ == "__main__":
    sys.exit(main())
