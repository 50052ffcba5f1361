//! Granted beats and scrub words on one memory bus; neither starves the other.
//!
//! ```text
//!   guard's beats ----+--> wbm     after a transaction of the guard (16 beats at most) a waiting scrub word is next,
//!   scrub words --> held --'       after a scrub word a waiting transaction is next
//! ```
//!
//! Latency: none for beats; a scrub word goes out two cycles after it was taken, those that follow it one a cycle while the guard
//! does not want the bus. The block must never call a scrub word landed that the memory has not acknowledged: a word that fails
//! is offered again until the memory takes it, so that no partition is made, or freed, on memory that was not cleared.
//!
//! A beat that was granted before a block was revoked must not land after the block was cleared. While the guard wants the bus,
//! at most one scrub word goes first, and that word was offered before the grant was given: the words that clear a block are
//! offered after the last grant in the block.

use super::ports::{BeatSink, WishboneMaster};
use crate::ports::ScrubSink;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Shares the memory's bus between the guard and the scrubber.
    pub struct WishboneMerge<ADDRESS> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: drops the scrub word.
        pub reset: Signal<In, Bit>,
        /// Granted beats of the guard.
        pub beat: BeatSink<ADDRESS>,
        /// Words of the scrubber.
        pub scrub: ScrubSink<ADDRESS>,
        /// A word of the scrubber was taken and is not in the memory yet.
        pub landing: Signal<Out, Bit>,
        /// The memory has not answered a beat that it sees.
        pub waits: Signal<Out, Bit>,
        /// Wishbone bus of the memory.
        pub wbm: WishboneMaster<ADDRESS>,
        /// High: a scrub word waits or is on the bus.
        pending: Register<Bit>,
        address: Register<Bits<ADDRESS>>,
        /// High: the scrub word is on the bus.
        scrubbing: Register<Bit>,
        /// The guard had the bus last.
        scrub_turn: Register<Bit>,
        landed: Signal<Local, Bit>,
    }
}

kernel! {
    WishboneMerge<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) registers(pending, address, scrubbing, scrub_turn) {
        self.beat.may_open.next =
            !self.scrubbing.q.val() & !(self.pending.q.val() & self.scrub_turn.q.val());
        self.beat.pressed.next = self.pending.q.val();
        self.landing.next = self.pending.q.val();
        // SEC_CM: WISHBONE.SCRUB
        self.landed.next = self.scrubbing.q.val() & self.wbm.ack_i.val() & !self.wbm.err_i.val();
        self.scrub.ready.next = !self.pending.q.val() | self.landed.val();

        if self.beat.open.val() {
            self.scrub_turn.d.next = true;
        } else if self.pending.q.val()
            & !self.scrubbing.q.val()
            & (self.scrub_turn.q.val() | !self.beat.wants.val())
        {
            self.scrubbing.d.next = true;
            self.scrub_turn.d.next = false;
        }
        if self.scrubbing.q.val() & self.wbm.err_i.val() {
            self.scrubbing.d.next = false;
        }
        if self.landed.val() {
            self.pending.d.next = false;
            self.scrubbing.d.next = self.scrub.valid.val() & !self.beat.wants.val();
        }
        if self.scrub.valid.val() & (!self.pending.q.val() | self.landed.val()) {
            self.pending.d.next = true;
            self.address.d.next = self.scrub.address.val();
        }

        self.wbm.cyc_o.next = self.beat.open.val() | self.scrubbing.q.val();
        self.wbm.stb_o.next = self.beat.valid.val();
        self.wbm.we_o.next = self.beat.write.val();
        self.wbm.adr_o.next = self.beat.address.val();
        self.wbm.dat_o.next = self.beat.data.val();
        self.wbm.sel_o.next = self.beat.select.val();
        self.wbm.cti_o.next = self.beat.cycle_type.val();
        self.wbm.bte_o.next = self.beat.burst_type.val();
        if self.scrubbing.q.val() {
            self.wbm.stb_o.next = true;
            self.wbm.we_o.next = true;
            self.wbm.adr_o.next = self.address.q.val();
            self.wbm.dat_o.next = 0.into();
            self.wbm.sel_o.next = 15.into();
            self.wbm.cti_o.next = 0.into();
            self.wbm.bte_o.next = 0.into();
        }
        self.waits.next = self.wbm.stb_o.val() & !self.wbm.ack_i.val() & !self.wbm.err_i.val();
        self.beat.done.next = self.beat.open.val() & self.wbm.ack_i.val() & !self.wbm.err_i.val();
        self.beat.failed.next = self.beat.open.val() & self.wbm.err_i.val();
        self.beat.read_data.next = self.wbm.dat_i.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Merge = WishboneMerge<16>;

    /// User of the memory's bus in a cycle.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Use {
        Nobody,
        Guard,
        Scrub(u64),
    }

    /// The merge between a guard that uses the bus for `beats` cycles at a time, a scrubber of `words` words, and a memory.
    struct Bench {
        merge: Merge,
        /// The guard always wants the bus.
        busy: bool,
        left: usize,
        words: Vec<u64>,
        /// In which cycles the memory answers, and whether it fails.
        answers: fn(u64) -> (bool, bool),
        cycle: u64,
        used: Vec<Use>,
        written: Vec<u64>,
        /// Scrub words that were written since the guard wants the bus, but for one that was on it.
        passed: usize,
    }

    impl Bench {
        fn new(busy: bool, words: u64, answers: fn(u64) -> (bool, bool)) -> Bench {
            let mut merge = Merge::default();
            merge.connect_all();
            check_all(&merge).unwrap();
            let words = (0..words).map(|word| 0x100 + 4 * word).rev().collect();
            Bench { merge, busy, left: 0, words, answers, cycle: 0, used: vec![], written: vec![], passed: 0 }
        }

        fn step(&mut self) {
            let merge = &mut self.merge;
            let open = self.left > 0;
            merge.beat.open.next = open;
            merge.beat.wants.next = self.busy & !open;
            merge.beat.valid.next = open;
            merge.beat.address.next = 0x5550.into();
            merge.beat.data.next = 0xFFFF.into();
            merge.beat.cycle_type.next = 2.into();
            merge.scrub.valid.next = !self.words.is_empty();
            merge.scrub.address.next = self.words.last().copied().unwrap_or(0xBAD).into();
            merge.scrub.data.next = 0xDADA.into();
            let (done, failed) = (self.answers)(self.cycle);
            merge.wbm.ack_i.next = done;
            merge.wbm.err_i.next = failed;
            simulate(merge, 100);
            let wbm = &merge.wbm;
            let uses = match (wbm.cyc_o.val() && wbm.stb_o.val(), wbm.adr_o.val().to_u64()) {
                (false, _) => Use::Nobody,
                (true, 0x5550) => Use::Guard,
                (true, address) => Use::Scrub(address),
            };
            if let Use::Scrub(address) = uses {
                let word = (wbm.we_o.val(), wbm.dat_o.val().to_u64(), wbm.sel_o.val().to_u64(), wbm.cti_o.val().to_u64());
                assert_eq!(word, (true, 0, 15, 0));
                assert!(merge.landing.val());
                assert!(!merge.beat.done.val() && !merge.beat.failed.val(), "the guard hears nothing of it");
                if done && !failed {
                    self.written.push(address);
                    self.passed += usize::from(self.busy);
                }
                assert!(self.passed <= 1, "the guard waits for one word");
            }
            assert_eq!(uses == Use::Guard, open);
            assert_eq!((merge.beat.done.val(), merge.beat.failed.val()), (open && done && !failed, open && failed));
            self.used.push(uses);
            if open {
                self.left -= usize::from(done | failed);
            } else if self.busy && merge.beat.may_open.val() {
                self.left = 16;
                self.passed = 0;
            }
            if merge.scrub.ready.val() {
                self.words.pop();
            }
            merge.clock.next = true.into();
            simulate(merge, 100);
            merge.clock.next = false.into();
            simulate(merge, 100);
            self.cycle += 1;
        }
    }

    #[test]
    fn scrub_words_go_out_one_a_cycle_while_nobody_else_wants_the_bus() {
        let mut bench = Bench::new(false, 8, |_| (true, false));
        for _ in 0..12 {
            bench.step();
        }
        let words: Vec<Use> = (0..8).map(|word| Use::Scrub(0x100 + 4 * word)).collect();
        assert_eq!(bench.used, [&[Use::Nobody; 2][..], &words, &[Use::Nobody; 2]].concat());
        assert!(!bench.merge.landing.val());
    }

    #[test]
    fn neither_starves_the_other() {
        for answers in [|_| (true, false), |cycle| (cycle % 3 == 0, false), |cycle| (cycle % 2 == 0, cycle % 5 == 0)] {
            let mut bench = Bench::new(true, 1000, answers);
            for _ in 0..2000 {
                bench.step();
            }
            let longest = bench.used.chunk_by(|left, right| left == right).map(<[Use]>::len).max().unwrap_or(0);
            assert!(longest <= 48, "{longest} cycles of one");
            assert!(bench.written.len() > 30, "{} words", bench.written.len());
            assert!(bench.used.iter().filter(|uses| **uses == Use::Guard).count() > 500);
            assert!(bench.written.windows(2).all(|pair| pair[1] == pair[0] + 4), "each word once, in order");
        }
    }

    #[test]
    fn a_word_that_fails_is_offered_again_and_has_not_landed() {
        let mut bench = Bench::new(false, 1, |cycle| (true, cycle < 20));
        for _ in 0..20 {
            bench.step();
            assert!(bench.cycle < 2 || bench.merge.landing.val());
        }
        assert!(bench.written.is_empty());
        for _ in 0..4 {
            bench.step();
        }
        assert_eq!(bench.written, [0x100]);
        assert!(!bench.merge.landing.val());
    }

    #[test]
    fn a_reset_drops_the_word() {
        for moment in 0..6 {
            let mut bench = Bench::new(false, 3, |_| (false, false));
            for _ in 0..moment {
                bench.step();
            }
            bench.merge.reset.next = true;
            bench.step();
            bench.words.clear(); // the scrubber shares the reset
            bench.merge.reset.next = false;
            bench.used.clear();
            for _ in 0..5 {
                bench.step();
            }
            assert_eq!(bench.used, [Use::Nobody; 5]);
            assert!(!bench.merge.landing.val());
        }
    }
}
