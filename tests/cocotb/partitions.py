"""What should become of an access, and what memory should hold: the partitions as the suites made them.

While a command runs there are several truths: an access may be decided before it, during it or after. `Partitions.states`
holds those that are possible now, and who has an access under way (`begin`) keeps all that were possible meanwhile.
"""

from dataclasses import dataclass, replace

from device import EXECUTE, ISOLATED, READ, WRITE
from shadow import Words

RIGHTS = {"read": READ, "write": WRITE, "fetch": EXECUTE}


@dataclass(frozen=True)
class Partition:
    """A row, or, without a physical address, one that is being made."""

    slot: int
    tenant: int
    logical: int
    size: int
    physical: int
    rights: int
    #: A command makes it or takes it away: nobody reaches its block.
    held: bool = False

    def holds(self, tenant, address):
        return self.tenant == tenant and self.logical <= address < self.logical + self.size

    def covers(self, physical):
        return self.physical is not None and self.physical <= physical < self.physical + self.size


@dataclass(frozen=True)
class Place:
    """Where an access may go: to a physical address, or, in a partition that is being made, to a place in any free granule."""

    physical: int
    managed: bool
    anywhere: bool = False


class Access:
    """A word that a tenant accesses, while it is under way."""

    def __init__(self, partitions, tenant, address, kind):
        self.partitions, self.tenant, self.address, self.kind = partitions, tenant, address, kind
        #: Where it may go; None stands for nowhere, so that it is denied.
        self.places = set()
        #: What it may read, once the memory was asked.
        self.expected = None
        self.seen = False

    def hear(self, state):
        self.places.add(self.partitions.decide(state, self.tenant, self.address, self.kind))

    def reaches(self, physical):
        """Whether it may go there; by what way."""
        for place in self.places - {None}:
            if place.physical == physical and not place.anywhere:
                return place
            offset = self.partitions.device.granule - 1
            if place.anywhere and (physical - self.address) & offset == 0 and self.partitions.free(physical):
                return place
        return None


class Partitions:
    """Every partition, now or a moment ago, and what memory should hold."""

    def __init__(self, device):
        self.device = device
        self.states = [frozenset()]
        self.under_way = []
        self.shadow = Words()
        self.forget_commands()

    def forget_commands(self):
        #: Granules that a command clears, or may.
        self.clearing = set()
        #: Words written while it runs, by way of a partition and past all of them.
        self.by_partition, self.by_address = set(), set()

    def reset(self):
        """The device forgot everything; memory did not, but for what a command was about to clear."""
        for granule in self.clearing:
            for physical in range(granule, granule + self.device.granule, 4):
                self.shadow.forget(physical)
        self.states = [frozenset()]
        self.forget_commands()

    def begin(self, tenant, address, kind):
        """An access is offered; `end` when it was answered."""
        access = Access(self, tenant, address, kind)
        for state in self.states:
            access.hear(state)
        self.under_way.append(access)
        return access

    def end(self, access):
        self.under_way.remove(access)

    def possible(self, *states):
        """From now on accesses are decided on one of these."""
        self.states = [frozenset(state) for state in states]
        for access in self.under_way:
            if len(states) == 1 and not access.seen:
                # The command was acknowledged: what has not reached the memory goes where it now may, or is refused as before.
                access.places &= {None}
            for state in self.states:
                access.hear(state)

    def decide(self, state, tenant, address, kind):
        """Where an access of a word goes; None when it is denied."""
        if tenant >= self.device.tenants:
            return None
        row = next((row for row in state if row.holds(tenant, address)), None)
        if row is not None:
            if row.held or not row.rights & RIGHTS[kind]:
                return None
            if row.physical is None:
                return Place(0, True, anywhere=True)
            return Place(row.physical + address - row.logical, True)
        window = range(self.device.window_base, self.device.window_base + self.device.window)
        if self.device.strict and address in window:
            return None
        # Not managed: it keeps its address, if that is in no isolated block.
        guarded = any(row.covers(address) and (row.held or row.rights & ISOLATED) for row in state)
        return None if guarded else Place(address, False)

    def granules(self):
        base, granule = self.device.pool_base, self.device.granule
        return range(base, base + self.device.pool, granule)

    def free(self, physical):
        """Whether nobody has this granule, or it is about to be somebody's."""
        return physical & -self.device.granule in self.clearing

    def reached(self, access, physical, write, data, select):
        """The memory did an access there: what should it hold now, and what was read?"""
        place = access.reaches(physical)
        access.seen = True
        if write:
            if place.anywhere and physical not in self.by_partition:
                # The block was cleared before there was a way to it: what this write leaves of the word is zero, unless somebody
                # wrote past all partitions, before or after that.
                if physical in self.by_address:
                    self.shadow.forget(physical)
                else:
                    self.shadow.write(physical, 0)
            self.shadow.write(physical, data, select)
            (self.by_partition if place.managed else self.by_address).add(physical)
        else:
            expected = self.shadow.read(physical)
            access.expected = {expected}
            if self.free(physical):
                # Cleared or not yet; through the partition that is being made it is cleared, but for what was written.
                access.expected = {0, expected}
                if place.anywhere and physical not in self.by_partition | self.by_address:
                    access.expected = {0}
            if expected is None:
                access.expected = None

    def cleared(self, row, written_through_it):
        """A command has zeroed a block."""
        for physical in range(row.physical, row.physical + row.size, 4):
            if physical in self.by_address and not row.rights & ISOLATED:
                self.shadow.forget(physical)
            elif not (written_through_it and physical in self.by_partition):
                self.shadow.write(physical, 0)

    async def create(self, tenant, logical, size, rights):
        """CREATE, and what the model makes of it; the status."""
        (before,) = self.states
        pending = Partition(-1, tenant, logical, size, None, rights)
        free = [granule for granule in self.granules() if not any(row.covers(granule) for row in before)]
        guards = {Partition(-1, -1, 0, self.device.granule, granule, 0, True) for granule in free}
        self.forget_commands()
        self.clearing = set(free)
        taken = any(row.tenant == tenant and row.logical < logical + size and logical < row.logical + row.size for row in before)
        # Overlapping rows are refused: then nothing is ever made. Pages are mapped before the row is valid, and denied meanwhile.
        made = [] if taken else [before | {replace(pending, held=True)}, before | {pending}]
        self.possible(before, before | guards, *made)
        status, slot, physical = await self.device.command("Create", tenant, 0, logical, size, rights)
        assert (status == "Overlap") == taken, status
        if status == "Ok":
            row = replace(pending, slot=slot, physical=physical)
            assert all(granule in self.clearing for granule in range(physical, physical + size, self.device.granule))
            self.cleared(row, True)
            self.forget_commands()
            self.possible(before | {row})
        else:
            self.forget_commands()
            self.possible(before)
        return status

    async def destroy(self, row):
        """DESTROY of a row that is there."""
        (before,) = self.states
        self.forget_commands()
        self.clearing = set(range(row.physical, row.physical + row.size, self.device.granule))
        self.possible(before, before - {row} | {replace(row, held=True)}, before - {row})
        status, _, _ = await self.device.command("Destroy", slot=row.slot)
        if status == "Ok":
            # Once it is free everybody writes it.
            self.cleared(replace(row, rights=0), False)
            before -= {row}
        assert status in ("Ok", "AuditFull"), status
        self.forget_commands()
        self.possible(before)
        return status

    async def protect(self, row, rights):
        """PROTECT of a row that is there."""
        (before,) = self.states
        after = before - {row} | {replace(row, rights=rights)}
        self.possible(before, after)
        status, _, _ = await self.device.command("Protect", slot=row.slot, rights=rights)
        assert status in ("Ok", "AuditFull"), status
        self.possible(after if status == "Ok" else before)
        return status

    async def change(self, choice):
        """Some command, chosen by a `random.Random`; what it was and its status."""
        (now,) = self.states
        rows = sorted(now, key=lambda row: row.slot)
        action = choice.choice(["create", "create", "destroy", "protect"]) if rows else "create"
        if action == "create":
            granule = self.device.granule
            pages = min(self.device.window // granule, 8)
            size = granule * choice.choice([1, 1, 2, 3])
            page = choice.randrange(max(1, pages - size // granule + 1))
            rights = choice.choice([READ | WRITE, READ | WRITE, READ, READ | WRITE | EXECUTE, EXECUTE]) | choice.choice([0, ISOLATED])
            tenant = choice.randrange(min(self.device.tenants, 4))
            return action, await self.create(tenant, self.device.window_base + page * granule, size, rights)
        row = choice.choice(rows)
        if action == "destroy":
            return action, await self.destroy(row)
        rights = choice.choice([READ | WRITE, READ, WRITE, EXECUTE, 0]) | choice.choice([0, ISOLATED])
        return action, await self.protect(row, rights)
