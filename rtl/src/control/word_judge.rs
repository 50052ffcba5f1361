//! The judge of a manifest's word: is the word right in its place, and which register gets the word?
//!
//! ```text
//!   position, facts --> fails, and why
//!                   --> advances: done with    order: to be written to this register
//! ```
//!
//! In the first turn no word is written: all words are judged before the first one takes effect. Words 4 to 9 are judged in
//! the second turn, by the gate and the registers to which they are written.

use super::{manifest_place::ManifestPosition, word_examiner::WordFacts};
use crate::constants;
use pm_interface::{registers::offset, Status};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

constants! {
    /// From a word of the manifest to its register, in words.
    pub struct PlaceOffsets: Bits<8> {
        /// Distance of a word of the header from its register.
        header = offset::POOL_BASE_LO / 4 - 4,
        /// Distance of a word of a partition from its register, for all but the first.
        partition = offset::CMD_LOGICAL_LO / 4 - 1,
        /// `CMD_TENANT`, for the first word of a partition.
        tenant = offset::CMD_TENANT / 4,
        /// Number of the word with the counts.
        counts = 10u8,
    }
}

constants! {
    /// Statuses of words that do not belong where they stand.
    pub struct WordStatuses: Bits<4> {
        /// `BadSize`: these words are no manifest.
        bad_size = Status::BadSize.code(),
        /// `OldVersion`: the manifest is older than the oldest that is taken.
        old_version = Status::OldVersion.code(),
    }
}

/// Order to write a register.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct LoaderOrder {
    /// Word offset of the register.
    pub place: Bits<6>,
    /// High: `code` is written in place of the word.
    pub coded: Bit,
    /// Value that is no word of the manifest.
    pub code: Bits<3>,
    /// High: only the lowest byte of the word is written.
    pub tenant: Bit,
    /// High: only the rights of the word are written.
    pub rights: Bit,
}

/// Judgement of a word.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct WordVerdict {
    /// High: the word does not belong here, and the boot fails.
    pub fails: Bit,
    /// High: the loader is done with this word.
    pub advances: Bit,
    /// High: the word was the manifest's last; has a meaning with `advances`.
    pub ends: Bit,
    /// High: the word is a quota, which the quota gate reads in the manifest buffer.
    pub skips: Bit,
    /// High: the word holds the counts of quotas and partitions.
    pub counts: Bit,
    /// High: the word holds the flags.
    pub flags: Bit,
}

block! {
    /// Judges a word; combinational.
    pub struct WordJudge {
        /// Place of the word.
        pub position: Signal<In, ManifestPosition>,
        /// Properties of the word.
        pub facts: Signal<In, WordFacts>,
        /// Judgement of the word.
        pub verdict: Signal<Out, WordVerdict>,
        /// Status with which the boot fails, if the word does not belong here.
        pub reason: Signal<Out, Bits<4>>,
        /// Order that writes the word to its register, unless `verdict.advances`.
        pub order: Signal<Out, LoaderOrder>,
        corner: Signal<Local, Bits<2>>,
        whole: Signal<Local, Bit>,
        fails: Signal<Local, Bit>,
        places: PlaceOffsets,
        statuses: WordStatuses,
    }
}

kernel! {
    WordJudge
    #[hdl_gen]
    fn update(&mut self) {
        // The last word of the last partition.
        self.whole.next = (self.position.val().phase == 4) & (self.position.val().left == 1);
        self.corner.next = self.position.val().pointer.get_bits::<2>(0);
        self.reason.next = self.statuses.bad_size.val();
        self.fails.next = false;
        self.verdict.next.advances = !self.position.val().loads;
        self.verdict.next.ends = false;
        self.verdict.next.skips = false;
        self.verdict.next.counts = false;
        self.verdict.next.flags = false;
        self.order.next.place = bit_cast::<6, 8>(self.position.val().pointer + self.places.header.val());
        self.order.next.coded = false;
        self.order.next.code = 1.into();
        self.order.next.tenant = false;
        self.order.next.rights = false;
        if !self.position.val().header & (self.position.val().skip != 0) {
            self.fails.next = self.facts.val().last & !((self.position.val().skip == 1) & (self.position.val().left == 0));
            self.verdict.next.skips = true;
            self.verdict.next.advances = true;
            self.verdict.next.ends = self.facts.val().last;
        } else if !self.position.val().header {
            self.order.next.place =
                bit_cast::<6, 8>(bit_cast::<8, 3>(self.position.val().phase) + self.places.partition.val());
            if self.position.val().phase == 0 {
                self.order.next.place = bit_cast::<6, 8>(self.places.tenant.val());
                self.order.next.tenant = true;
                self.fails.next = (self.position.val().left == 0) | !self.facts.val().rights_only;
            }
            self.fails.next = self.fails.val() | (self.facts.val().last ^ self.whole.val());
            self.verdict.next.ends = self.facts.val().last & !self.position.val().loads;
        } else if self.position.val().pointer == self.places.counts.val() {
            self.verdict.next.counts = true;
            self.fails.next = !self.facts.val().counts_only
                | (self.facts.val().last & !(self.facts.val().no_partitions & self.facts.val().no_quotas))
                | !(self.facts.val().no_quotas | self.facts.val().all_quotas);
            self.verdict.next.advances = true;
            self.verdict.next.ends = self.facts.val().last;
        } else if !self.position.val().loads {
            match self.corner.val().index() {
                0 => { self.fails.next = !self.facts.val().magic; }
                1 => { self.fails.next = !self.facts.val().shaped; }
                2 => {
                    // SEC_CM: BOOT.ROLLBACK
                    self.fails.next = self.facts.val().old;
                    self.reason.next = self.statuses.old_version.val();
                }
                _ => {
                    self.fails.next = !self.facts.val().flags_known;
                    self.verdict.next.flags = true;
                }
            }
            // Words 4 to 9 are judged when they are written.
            if self.position.val().pointer.get_bit(2) | self.position.val().pointer.get_bit(3) {
                self.fails.next = false;
                self.verdict.next.flags = false;
            }
        }
        self.verdict.next.fails = self.fails.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(position: ManifestPosition, facts: WordFacts) -> (WordVerdict, u64, LoaderOrder) {
        let mut judge = WordJudge::default();
        judge.connect_all();
        judge.position.next = position;
        judge.facts.next = facts;
        simulate(&mut judge, 100);
        (judge.verdict.val(), judge.reason.val().to_u64(), judge.order.val())
    }

    fn header(pointer: u64, loads: bool) -> ManifestPosition {
        ManifestPosition { pointer: pointer.to_bits(), header: true, loads, ..Default::default() }
    }

    fn partition(phase: u64, left: u64, loads: bool) -> ManifestPosition {
        ManifestPosition { pointer: 30u64.to_bits(), phase: phase.to_bits(), left: left.to_bits(), loads, ..Default::default() }
    }

    fn quota(skip: u64, left: u64) -> ManifestPosition {
        ManifestPosition { pointer: 12u64.to_bits(), skip: skip.to_bits(), left: left.to_bits(), ..Default::default() }
    }

    /// A word that would be right anywhere but at the end.
    const RIGHT: WordFacts = WordFacts {
        magic: true,
        shaped: true,
        old: false,
        flags_known: true,
        counts_only: true,
        no_quotas: true,
        all_quotas: false,
        no_partitions: true,
        rights_only: true,
        last: false,
    };
    const LAST: WordFacts = WordFacts { last: true, ..RIGHT };

    #[test]
    fn a_word_that_does_not_belong_here_fails_the_boot() {
        let check = |position: ManifestPosition, facts: WordFacts, expected: Option<Status>| {
            let (verdict, reason, _) = judged(position, facts);
            let status = verdict.fails.then_some(reason);
            assert_eq!(status, expected.map(|status| u64::from(status.code())), "{position:?} {facts:?}");
        };
        let bad = Some(Status::BadSize);
        for pointer in 0..11 {
            check(header(pointer, false), RIGHT, None);
            check(header(pointer, true), RIGHT, None);
        }
        check(header(0, false), WordFacts { magic: false, ..RIGHT }, bad);
        check(header(1, false), WordFacts { shaped: false, ..RIGHT }, bad);
        check(header(2, false), WordFacts { old: true, ..RIGHT }, Some(Status::OldVersion));
        check(header(3, false), WordFacts { flags_known: false, ..RIGHT }, bad);
        // Only in its own place.
        check(header(1, false), WordFacts { magic: false, ..RIGHT }, None);
        check(header(4, false), WordFacts { magic: false, ..RIGHT }, None);
        check(header(6, false), WordFacts { old: true, ..RIGHT }, None);
        for loads in [false, true] {
            check(header(10, loads), WordFacts { counts_only: false, ..RIGHT }, bad);
            check(header(10, loads), WordFacts { no_quotas: false, ..RIGHT }, bad);
            check(header(10, loads), WordFacts { no_quotas: false, all_quotas: true, ..RIGHT }, None);
            check(header(10, loads), LAST, None);
            check(header(10, loads), WordFacts { no_partitions: false, ..LAST }, bad);
            check(header(10, loads), WordFacts { no_quotas: false, all_quotas: true, ..LAST }, bad);
            check(partition(0, 0, loads), RIGHT, bad);
            check(partition(0, 1, loads), RIGHT, None);
            check(partition(0, 1, loads), WordFacts { rights_only: false, ..RIGHT }, bad);
            check(partition(1, 1, loads), WordFacts { rights_only: false, ..RIGHT }, None);
            // The last word is the last of the last partition, and no other.
            check(partition(4, 1, loads), LAST, None);
            check(partition(4, 1, loads), RIGHT, bad);
            check(partition(4, 2, loads), LAST, bad);
            check(partition(3, 1, loads), LAST, bad);
        }
        check(quota(2, 1), RIGHT, None);
        check(quota(1, 0), LAST, None);
        check(quota(1, 1), LAST, bad);
        check(quota(2, 0), LAST, bad);
    }

    #[test]
    fn a_word_is_done_with_or_goes_to_its_register() {
        let check = |position: ManifestPosition, expected: Option<u8>| {
            let (verdict, _, order) = judged(position, RIGHT);
            let register = (!verdict.advances).then_some(order.place.to_u64() * 4);
            assert_eq!(register, expected.map(u64::from), "{position:?}");
            let tenant = expected == Some(offset::CMD_TENANT);
            assert!(verdict.advances || (order.tenant == tenant && !order.coded && !order.rights), "{position:?}");
        };
        for pointer in 0..11 {
            check(header(pointer, false), None);
        }
        check(header(4, true), Some(offset::POOL_BASE_LO));
        check(header(6, true), Some(offset::POOL_SIZE_LO));
        check(header(8, true), Some(offset::WINDOW_BASE_LO));
        check(header(10, true), None);
        check(quota(2, 1), None);
        check(partition(0, 1, false), None);
        check(partition(0, 1, true), Some(offset::CMD_TENANT));
        check(partition(1, 1, true), Some(offset::CMD_LOGICAL_LO));
        check(partition(3, 1, true), Some(offset::CMD_SIZE_LO));
    }
}
