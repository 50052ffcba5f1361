//! The judge of the patrol: what does this row have to do with the page and the granule, and must the row be written?
//!
//! ```text
//!   row, page, granule ----> has_page, has_block
//!   condition, code now ---> agrees?  writes?  lost?
//! ```

use crate::store::Row;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// State of a row's word in its memory.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Condition {
    /// High when the word had the code with which it was written.
    pub sound: Bit,
    /// High when one bit of the word was wrong.
    pub single: Bit,
}

block! {
    /// Weighs a row that the patrol has taken; combinational.
    pub struct PatrolJudge<TENANT, PAGE, BLOCK> {
        /// Row that was taken, with one wrong bit put right.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// High when the row is valid.
        pub valid: Signal<In, Bit>,
        /// State of the word that was read one cycle before the row was taken.
        pub condition: Signal<In, Condition>,
        /// High when the very word that was taken has its code.
        pub sound: Signal<In, Bit>,
        /// Tenant whose page table is walked.
        pub tenant: Signal<In, Bits<TENANT>>,
        /// Page that is walked.
        pub page: Signal<In, Bits<PAGE>>,
        /// Granule that is walked.
        pub block: Signal<In, Bits<BLOCK>>,
        /// High when the page is the row's.
        pub has_page: Signal<Out, Bit>,
        /// High when the row guards the granule.
        pub has_block: Signal<Out, Bit>,
        /// High when both readings of the word agree; else the row is read again.
        pub agrees: Signal<Out, Bit>,
        /// High when the row is to be written.
        pub writes: Signal<Out, Bit>,
        /// High when the row cannot be known any more.
        pub lost: Signal<Out, Bit>,
    }
}

kernel! {
    PatrolJudge<TENANT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) {
        self.has_page.next = self.valid.val()
            & (self.row.val().tenant == self.tenant.val())
            & (self.row.val().first_page <= self.page.val())
            & (self.row.val().last_page >= self.page.val());
        self.has_block.next = self.valid.val()
            & self.row.val().isolated
            & (self.row.val().first_block <= self.block.val())
            & (self.row.val().last_block >= self.block.val());
        // A row that is not valid needs no repair. All valid rows are written again where a tenant's window begins.
        self.writes.next = self.valid.val() & (!self.condition.val().sound | !self.page.val().any());
        self.agrees.next = self.sound.val() == self.condition.val().sound;
        // SEC_CM: ROW.SECDED
        self.lost.next =
            self.agrees.val() & self.valid.val() & !self.condition.val().sound & !self.condition.val().single;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Valid, sound before, single before, sound now, page.
    type Reading = (bool, bool, bool, bool, u64);

    fn judge(reading: Reading) -> PatrolJudge<2, 3, 3> {
        let mut judge = PatrolJudge::<2, 3, 3>::default();
        judge.connect_all();
        judge.row.next = Row {
            tenant: 1u64.to_bits(),
            first_page: 2u64.to_bits(),
            last_page: 4u64.to_bits(),
            first_block: 5u64.to_bits(),
            last_block: 6u64.to_bits(),
            isolated: true,
            ..Row::default()
        };
        judge.valid.next = reading.0;
        judge.condition.next = Condition { sound: reading.1, single: reading.2 };
        judge.sound.next = reading.3;
        judge.tenant.next = 1u64.to_bits();
        judge.page.next = reading.4.to_bits();
        judge.block.next = 5u64.to_bits();
        simulate(&mut judge, 100);
        judge
    }

    #[test]
    fn a_row_is_written_when_one_bit_was_wrong_and_lost_when_two_were() {
        let check = |reading: Reading, agrees: bool, writes: bool, lost: bool| {
            let judge = judge(reading);
            let told = (judge.agrees.val(), judge.writes.val(), judge.lost.val());
            assert_eq!(told, (agrees, writes, lost), "{reading:?}");
        };
        check((true, true, false, true, 3), true, false, false);
        check((true, true, false, true, 0), true, true, false);
        check((true, false, true, false, 3), true, true, false);
        check((true, false, false, false, 3), true, true, true);
        // Both readings must agree.
        check((true, false, false, true, 3), false, true, false);
        check((true, true, false, false, 3), false, false, false);
        // No row, nothing to repair and nothing to lose.
        for (sound, single) in [(true, false), (false, true), (false, false)] {
            check((false, sound, single, sound, 0), true, false, false);
        }
    }

    #[test]
    fn a_row_has_its_pages_and_its_granules() {
        let check = |change: fn(&mut PatrolJudge<2, 3, 3>), has_page: bool, has_block: bool| {
            let mut judge = judge((true, true, false, true, 3));
            change(&mut judge);
            simulate(&mut judge, 100);
            assert_eq!((judge.has_page.val(), judge.has_block.val()), (has_page, has_block));
        };
        check(|_| {}, true, true);
        check(|judge| judge.page.next = 2u64.to_bits(), true, true);
        check(|judge| judge.page.next = 4u64.to_bits(), true, true);
        check(|judge| judge.page.next = 1u64.to_bits(), false, true);
        check(|judge| judge.page.next = 5u64.to_bits(), false, true);
        check(|judge| judge.tenant.next = 2u64.to_bits(), false, true);
        check(|judge| judge.block.next = 4u64.to_bits(), true, false);
        check(|judge| judge.block.next = 6u64.to_bits(), true, true);
        check(|judge| judge.block.next = 7u64.to_bits(), true, false);
        check(|judge| judge.row.next.isolated = false, true, false);
        check(|judge| judge.valid.next = false, false, false);
    }
}
