"""What every suite needs: the clock, the seed, how much to do, and how to say what was done."""

import os
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge

#: A short run does this many transactions in each random test, a long one more.
TRANSACTIONS = int(os.environ.get("PM_TRANSACTIONS", "300"))
SEED = int(os.environ.get("PM_SEED", "1"))


def choice(name):
    """Random choices of a test: the same for the same seed."""
    return random.Random(f"{SEED} {name}")


def start_clock(signal):
    cocotb.start_soon(Clock(signal, 10, "ns").start())


async def cycles(clock, count):
    for _ in range(count):
        await RisingEdge(clock)


def tell(test, transactions, **more):
    """The line that the runner adds up."""
    details = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in more.items())
    print(f"transactions {transactions} {test}: {details}", flush=True)
