//! The operands of a command: which granules does the command name?
//!
//! ```text
//!   operands --> known? aligned? sized? in the window? --[edge]--> verdicts --> first page + span --[edge]--> last page,
//!   window ------------------------------------------'      row --[edge]--> its span ----'            leaves the window?
//!                                                           row, span --[edge]--> end block    Compare: grows? shrinks?
//! ```
//!
//! Operands are examined again in each cycle. `verdicts` are valid from Decide on, the values that follow from the verdicts a
//! cycle later.

use super::{command_bank::Operands, command_decoder::CommandKind, command_sequencer::CommandState};
use crate::store::Row;
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// The operands, examined.
    pub struct Verdicts<PAGE> {
        /// High: the tenant exists.
        pub tenant_known: Bit,
        /// High: base and size are whole granules.
        pub aligned: Bit,
        /// High: the size is at least 1 and at most the window.
        pub sized: Bit,
        /// High: the address lies in the window.
        pub in_window: Bit,
        /// High: the slot exists.
        pub slot_known: Bit,
        /// First page of the range.
        pub first_page: Bits<PAGE>,
        /// Granules of the range, less one.
        pub span: Bits<PAGE>,
    }
}

block! {
    /// Examines operands, and computes the ranges that the allocator is to look for.
    pub struct CommandOperands<ADDRESS, TENANT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no operands were examined.
        pub reset: Signal<In, Bit>,
        /// First byte of the window, steady while the gate is open.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// Step that the command is at.
        pub state: Signal<In, CommandState>,
        /// Command that runs.
        pub kind: Signal<In, CommandKind>,
        /// Operands of the command, steady while it runs.
        pub operands: Signal<In, Operands<ADDRESS>>,
        /// Row that the command works on.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// First page of the tail that RESIZE works on.
        pub tail_page: Signal<In, Bits<PAGE>>,
        /// Examined operands, one edge later.
        pub verdicts: Signal<Out, Verdicts<PAGE>>,
        /// High: the range ends behind the window; two edges after the operands.
        pub leaves_window: Signal<Out, Bit>,
        /// Tenant whose rows the allocator looks at.
        pub wanted_tenant: Signal<Out, Bits<TENANT>>,
        /// First page that the allocator looks for.
        pub wanted_first: Signal<Out, Bits<PAGE>>,
        /// Last page of the range, two edges after the operands.
        pub wanted_last: Signal<Out, Bits<PAGE>>,
        /// Granules that the allocator looks for, less one; two edges after the operands.
        pub wanted_span: Signal<Out, Bits<PAGE>>,
        /// Granules of `row`, less one; one edge later.
        pub row_span: Signal<Out, Bits<PAGE>>,
        /// Last granule that `row` ends at with the new size, in the pool's frame; one edge later.
        pub end_block: Signal<Out, Bits<BLOCK>>,
        /// High: RESIZE makes the row larger; valid from Weigh on.
        pub grows: Signal<Out, Bit>,
        /// High: RESIZE makes the row smaller; valid from Weigh on.
        pub shrinks: Signal<Out, Bit>,
        examined: Register<Verdicts<PAGE>> where guarded,
        last: Register<Bits<PAGE>> where guarded,
        span: Register<Bits<PAGE>> where guarded,
        leaves: Register<Bit> where guarded,
        span_of_row: Register<Bits<PAGE>> where guarded,
        first: Register<Bits<PAGE>> where guarded,
        owner: Register<Bits<TENANT>> where guarded,
        row_end: Register<Bits<BLOCK>> where guarded,
        larger: Register<Bit> where guarded,
        smaller: Register<Bit> where guarded,
        logical: Signal<Local, Bits<ADDRESS>>,
        size: Signal<Local, Bits<ADDRESS>>,
        granules_less_one: Signal<Local, Bits<PAGE>>,
        asked_span: Signal<Local, Bits<PAGE>>,
        first_of_sum: Signal<Local, Bits<PAGE>>,
        last_page_sum: Signal<Local, Bits<ADDRESS>>,
        dynamic: Constant<Bit> = Constant::new(geometry.features.dynamic),
        tenants: Constant<Bits<8>> = Constant::new(geometry.tenants.to_bits()),
        slots: Constant<Bits<8>> = Constant::new(geometry.slots.to_bits()),
        granule_bits: Constant<Bits<6>> = Constant::new(geometry.granule_bits.to_bits()),
        page_bits: Constant<Bits<6>> = Constant::new(PAGE.to_bits()),
        granule_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.granule() - 1).to_bits()),
        window_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.window() - 1).to_bits()),
        window_size: Constant<Bits<ADDRESS>> = Constant::new(geometry.window().to_bits()),
        /// High while no register of this block has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    CommandOperands<ADDRESS, TENANT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(examined, last, span, leaves, span_of_row, first, owner, row_end, larger, smaller) {
        self.logical.next = self.operands.val().logical;
        self.size.next = self.operands.val().size;
        self.granules_less_one.next = self.size.val().get_bits::<PAGE>(self.granule_bits.val().index()) - 1;
        self.examined.d.next.tenant_known = self.operands.val().tenant < self.tenants.val();
        // RESIZE has no address, and SHARE no size of its own.
        self.examined.d.next.aligned = (((self.logical.val() & self.granule_mask.val()) == 0) | self.kind.val().resize)
            & (((self.size.val() & self.granule_mask.val()) == 0) | self.kind.val().share);
        self.examined.d.next.sized = (self.size.val() != 0)
            & (((self.size.val() & !self.window_mask.val()) == 0) | (self.size.val() == self.window_size.val()));
        self.examined.d.next.in_window = (self.logical.val() & !self.window_mask.val()) == self.window_base.val();
        self.examined.d.next.slot_known = self.operands.val().slot < self.slots.val();
        self.examined.d.next.first_page = self.logical.val().get_bits::<PAGE>(self.granule_bits.val().index());
        self.examined.d.next.span = self.granules_less_one.val();
        self.verdicts.next = self.examined.q.val();

        // A cycle later: FIND looks for one page and ignores the size.
        self.asked_span.next = 0.into();
        if self.kind.val().create | self.kind.val().resize {
            self.asked_span.next = self.examined.q.val().span;
        } else if self.kind.val().share {
            self.asked_span.next = self.span_of_row.q.val();
        }
        self.first_of_sum.next = self.examined.q.val().first_page;
        self.owner.d.next = bit_cast::<TENANT, 8>(self.operands.val().tenant);
        self.first.d.next = self.examined.q.val().first_page;
        self.span.d.next = self.asked_span.val();
        // RESIZE asks for the tail only.
        if self.kind.val().resize {
            self.first_of_sum.next = self.row.val().first_page;
            self.owner.d.next = self.row.val().tenant;
            self.first.d.next = self.tail_page.val();
            self.span.d.next = (self.examined.q.val().span - self.span_of_row.q.val()) - 1;
        }
        self.last_page_sum.next = bit_cast::<ADDRESS, PAGE>(self.first_of_sum.val())
            + bit_cast::<ADDRESS, PAGE>(self.asked_span.val());
        self.leaves.d.next = self.last_page_sum.val().get_bit(self.page_bits.val().index());
        self.last.d.next = bit_cast::<PAGE, ADDRESS>(self.last_page_sum.val());
        self.span_of_row.d.next = self.row.val().last_page - self.row.val().first_page;
        self.row_end.d.next = self.row.val().first_block + bit_cast::<BLOCK, PAGE>(self.examined.q.val().span);
        if self.state.val() == CommandState::Compare {
            self.larger.d.next = self.kind.val().resize & (self.span_of_row.q.val() < self.examined.q.val().span);
            self.smaller.d.next = self.kind.val().resize & (self.span_of_row.q.val() > self.examined.q.val().span);
        }

        self.leaves_window.next = self.leaves.q.val();
        self.wanted_tenant.next = bit_cast::<TENANT, 8>(self.operands.val().tenant);
        self.wanted_first.next = self.examined.q.val().first_page;
        if self.dynamic.val() {
            self.wanted_tenant.next = self.owner.q.val();
            self.wanted_first.next = self.first.q.val();
        }
        self.wanted_last.next = self.last.q.val();
        self.wanted_span.next = self.span.q.val();
        self.row_span.next = self.span_of_row.q.val();
        self.end_block.next = self.row_end.q.val();
        self.grows.next = self.larger.q.val();
        self.shrinks.next = self.smaller.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::super::command_decoder::tests::kind_of;
    use super::*;
    use pm_interface::Command::{self, Create, Find, Resize, Share};
    use pm_interface::Geometry;

    /// 2 tenants and 2 slots; windows of 8 bytes, granules of 4.
    type Small = CommandOperands<5, 1, 1, 2>;

    const WINDOW: u64 = 8;

    fn given(command: Command, tenant: u64, slot: u64, logical: u64, size: u64) -> Small {
        let mut asked = Small::new(&Geometry::preset("tiny+dynamic").unwrap());
        asked.connect_all();
        asked.window_base.next = WINDOW.into();
        asked.kind.next = kind_of(command);
        asked.operands.next =
            Operands { tenant: tenant.into(), slot: slot.into(), logical: logical.into(), size: size.into(), rights: 0.into() };
        asked
    }

    #[test]
    fn operands_are_examined() {
        // Tenant known, aligned, sized, in the window, slot known.
        let check = |command, [tenant, slot, logical, size]: [u64; 4], expected: [bool; 5]| {
            let mut asked = given(command, tenant, slot, logical, size);
            tick!(asked);
            let verdicts = asked.verdicts.val();
            let found = [verdicts.tenant_known, verdicts.aligned, verdicts.sized, verdicts.in_window, verdicts.slot_known];
            assert_eq!(found, expected, "{command:?} of tenant {tenant}, slot {slot}, {logical}, {size}");
        };
        let all = [true; 5];
        check(Create, [0, 0, WINDOW, 4], all);
        check(Create, [1, 1, WINDOW + 4, 8], all);
        check(Create, [2, 0, WINDOW, 4], [false, true, true, true, true]);
        check(Create, [0, 2, WINDOW, 4], [true, true, true, true, false]);
        check(Create, [255, 255, WINDOW, 4], [false, true, true, true, false]);
        check(Create, [0, 0, WINDOW + 1, 4], [true, false, true, true, true]);
        check(Create, [0, 0, WINDOW, 5], [true, false, true, true, true]);
        check(Create, [0, 0, WINDOW, 0], [true, true, false, true, true]);
        check(Create, [0, 0, WINDOW, 12], [true, true, false, true, true]);
        check(Create, [0, 0, WINDOW - 4, 4], [true, true, true, false, true]);
        check(Create, [0, 0, WINDOW + 8, 4], [true, true, true, false, true]);
        // RESIZE has no address, and SHARE no size of its own.
        check(Resize, [0, 0, 1, 4], [true, true, true, false, true]);
        check(Resize, [0, 0, WINDOW, 5], [true, false, true, true, true]);
        check(Share, [0, 0, WINDOW, 5], all);
        check(Share, [0, 0, WINDOW + 1, 4], [true, false, true, true, true]);
    }

    #[test]
    fn ranges_end_in_the_window_or_leave_it() {
        // First page, last page, granules less one, leaves the window.
        let check = |command, logical, size, expected: [u64; 4]| {
            let mut asked = given(command, 0, 0, logical, size);
            for _ in 0..3 {
                tick!(asked);
            }
            let (first, last) = (asked.verdicts.val().first_page.to_u64(), asked.wanted_last.val().to_u64());
            let found = [first, last, asked.wanted_span.val().to_u64(), asked.leaves_window.val().into()];
            assert_eq!(found, expected, "{command:?} {logical} {size}");
        };
        check(Create, WINDOW, 4, [0, 0, 0, 0]);
        check(Create, WINDOW + 4, 4, [1, 1, 0, 0]);
        check(Create, WINDOW, 8, [0, 1, 1, 0]);
        check(Create, WINDOW + 4, 8, [1, 0, 1, 1]);
        // FIND looks for one page, whatever the size says.
        check(Find, WINDOW + 4, 8, [1, 1, 0, 0]);
    }

    #[test]
    fn a_new_size_is_compared_in_compare() {
        // Grows, shrinks.
        let check = |command, step, last_page: u64, size, expected: (bool, bool)| {
            let mut asked = given(command, 0, 0, WINDOW, size);
            asked.state.next = step;
            asked.row.next = Row { last_page: last_page.into(), ..Row::default() };
            for _ in 0..3 {
                tick!(asked);
            }
            assert_eq!((asked.grows.val(), asked.shrinks.val()), expected, "{command:?} {last_page} {size}");
        };
        check(Resize, CommandState::Compare, 0, 4, (false, false));
        check(Resize, CommandState::Compare, 0, 8, (true, false));
        check(Resize, CommandState::Compare, 1, 4, (false, true));
        check(Resize, CommandState::Compare, 1, 8, (false, false));
        check(Resize, CommandState::Decide, 0, 8, (false, false));
        check(Share, CommandState::Compare, 0, 8, (false, false));
    }
}
