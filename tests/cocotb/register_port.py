"""A register port that is made up, for the control slaves by themselves."""

from cocotb.triggers import RisingEdge

#: Edges from a register strobe to its answer.
LATENCY = 4


class RegisterPort:
    """Registers at multiples of 4 below 0x80; the rest is refused."""

    def __init__(self, dut):
        self.dut, self.words, self.strobes = dut, {}, 0

    async def run(self):
        dut, under_way = self.dut, [None] * LATENCY
        while True:
            answer = under_way.pop(0)
            dut.response_valid.value = int(answer is not None)
            error, data = answer if answer else (0, 0x0BAD_0BAD)
            dut.response_error.value, dut.response_read_data.value = error, data
            await RisingEdge(dut.clock)
            if dut.reset.value:
                under_way = [None] * LATENCY
                continue
            read, write = bool(dut.request_read.value), bool(dut.request_write.value)
            assert not (read and write)
            under_way.append(None)
            if read or write:
                assert under_way == [None] * LATENCY, "one access at a time"
                self.strobes += 1
                address = int(dut.request_address.value)
                error = int(address % 4 != 0 or address >= 0x80)
                if write and not error:
                    self.words[address] = int(dut.request_write_data.value)
                # What comes with an error is none of the master's business: the master must read zero.
                under_way[-1] = (error, 0x5EC2_E75E if error else self.words.get(address, 0) if read else 0)
