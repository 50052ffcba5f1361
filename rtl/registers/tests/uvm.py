"""Reads UVM and a register model with slang, every warning of the model an error: uvm.py UVM_FOLDER [MODEL.sv BENCH.sv]

Prints the members of UVM's classes, a class a line, then what slang says; ends with 1 where that is anything.
"""

import sys

from pyslang.driver import CommandLineOptions, Driver


def members(kind):
    """Names that a class has, of its own and of what it extends."""
    found = set()
    while kind is not None and not kind.isError:
        found.update(member.name for member in kind if member.name)
        kind = kind.baseClass
    return found - {"new"}


def main(uvm, files):
    driver = Driver()
    driver.addStandardArgs()
    package = f"{uvm}/uvm_pkg.sv"
    names = " ".join(f'"{name}"' for name in [package, *files])
    strict = f'--std 1800-2017 -Weverything -Werror -Wno-missing-top --suppress-warnings "{package}"'
    if not driver.parseCommandLine(f'slang -I "{uvm}" {strict} {names}', CommandLineOptions()):
        return 3
    if not (driver.processOptions() and driver.parseAllSources()):
        return 3
    compilation = driver.createCompilation()
    package = compilation.getPackage("uvm_pkg")
    for name in ("uvm_reg", "uvm_reg_block"):
        print(name, *sorted(members(package.find(name))))
    sys.stdout.flush()
    driver.reportCompilation(compilation, True)
    return 0 if driver.reportDiagnostics(True) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
