//! Wishbone guard: which beats of the masters' bus reach the memory, and where?
//!
//! ```text
//!                +--> malformed: asked with length 0, so that it is logged -----------------> err
//!   wbs beat ----+--> asked --denied------------------------------------------------------> err
//!                        '----granted--> open: this beat, and those that its burst announces --> wbm, its ack or err
//! ```
//!
//! The guard asks about each classic cycle. A burst has no length on Wishbone, so the guard asks about the naturally aligned 64
//! bytes around the first word: they hold every wrapping burst, and lie in one granule. For the memory a linear burst ends with
//! these bytes, and the guard asks again about the next beat; the guard also asks again after 16 beats of any burst. Where
//! granules are smaller than 64 bytes the guard asks about every beat.
//!
//! The memory may count a burst's addresses by itself, so the guard passes on only the beat that the burst announced. Any other
//! beat ends the grant, and the guard asks about that beat by itself.
//!
//! The memory sees the end of every burst (`cti` 7). When a command waits, the announced beat is passed on as the last one. Where no
//! such beat is offered, or the memory failed, or the master went away, the guard ends the burst itself with a beat of no bytes.
//!
//! Latency: the memory sees the first beat 7 cycles after it was offered (15 when the translate port calls the access not mine
//! and the address stays the same), and each further beat in its own cycle. No signal of a beat reaches the memory's side before
//! the beat is granted. A beat that the memory sees stays until the memory answers, whatever the masters do, and its answer goes
//! to no other master.

use super::{
    beat_match::BeatMatch,
    beat_question::{bursts, unit, BeatQuestion},
    beat_step::BeatStep,
    ports::{BeatSource, WishboneSlave},
};
use crate::guard::bridge::{BridgeSink, BridgeSource};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// State of the beat that is offered.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum GuardState {
    Idle,
    Asking,
    Open,
    /// The burst that the memory sees is not at its end: a beat of no bytes ends it.
    Ending,
    Refusing,
}

block! {
    /// Decides about beats, one transaction at a time.
    pub struct WishboneGuard<ADDRESS, LENGTH> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: drops the beat under way; shared with the bridge, the Partition Manager and the memory.
        pub reset: Signal<In, Bit>,
        /// Wishbone bus of the masters.
        pub wbs: WishboneSlave<ADDRESS>,
        /// Accesses for the MMU bridge to decide.
        pub request: BridgeSource<ADDRESS, LENGTH>,
        /// Verdicts of the MMU bridge.
        pub response: BridgeSink<ADDRESS>,
        /// Granted beats for the memory.
        pub beat: BeatSource<ADDRESS>,
        /// A command waits until every beat that was asked about before has ended.
        pub fence: Signal<In, Bit>,
        /// High: every beat that was asked about before `fence` has ended; valid with `fence`.
        pub settled: Signal<Out, Bit>,
        state: Register<GuardState>,
        /// High: no beat that was asked about before the fence is under way.
        clear: Register<Bit>,
        // The beat that was asked about, then the one that its burst announces.
        malformed: Register<Bit>,
        tenant: Register<Bits<8>>,
        write: Register<Bit>,
        fetch: Register<Bit>,
        logical: Register<Bits<ADDRESS>>,
        physical: Register<Bits<ADDRESS>>,
        cycle_type: Register<Bits<3>>,
        burst_type: Register<Bits<2>>,
        beats: Register<Bits<4>>,
        // The beat that the memory did not answer at once.
        held: Register<Bit>,
        abandoned: Register<Bit>,
        held_last: Register<Bit>,
        /// High: the memory awaits a further beat of the burst.
        owes: Register<Bit>,
        data: Register<Bits<32>>,
        select: Register<Bits<4>>,
        matching: BeatMatch<ADDRESS>,
        question: BeatQuestion<ADDRESS, LENGTH> = BeatQuestion::new(geometry),
        step: BeatStep<ADDRESS>,
        presents: Signal<Local, Bit>,
        // Consequences of the comparison.
        closing: Signal<Local, Bit>,
        ending: Signal<Local, Bit>,
        passes: Signal<Local, Bit>,
        offered: Signal<Local, Bit>,
        answered: Signal<Local, Bit>,
        stays: Signal<Local, Bit>,
        speaks: Signal<Local, Bit>,
        runs: Signal<Local, Bit>,
        last: Signal<Local, Bit>,
        bursts: Constant<Bit> = Constant::new(bursts(geometry)),
        offset_mask: Constant<Bits<ADDRESS>> = Constant::new((unit(geometry) - 1).to_bits()),
    }
}

kernel! {
    WishboneGuard<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) registers(state, clear, malformed, tenant, write, fetch, logical, physical, cycle_type, burst_type, beats, held, abandoned, held_last, owes, data, select) {
        // Checks of the offered beat: is it a beat, the beat that was asked about, the beat that was granted?
        self.presents.next = self.wbs.cyc_i.val() & self.wbs.stb_i.val();
        self.matching.offered.next.valid = self.presents.val();
        self.matching.offered.next.tenant = self.wbs.tga_i.val();
        self.matching.offered.next.write = self.wbs.we_i.val();
        self.matching.offered.next.fetch = self.wbs.tgc_i.val();
        self.matching.offered.next.address = self.wbs.adr_i.val();
        self.matching.offered.next.select = self.wbs.sel_i.val();
        self.matching.offered.next.cycle_type = self.wbs.cti_i.val();
        self.matching.offered.next.burst_type = self.wbs.bte_i.val();
        self.matching.asked.next.valid = false;
        self.matching.asked.next.tenant = self.tenant.q.val();
        self.matching.asked.next.write = self.write.q.val();
        self.matching.asked.next.fetch = self.fetch.q.val();
        self.matching.asked.next.address = self.logical.q.val();
        self.matching.asked.next.select = 0.into();
        self.matching.asked.next.cycle_type = self.cycle_type.q.val();
        self.matching.asked.next.burst_type = self.burst_type.q.val();
        self.runs.next = self.bursts.val() & ((self.cycle_type.q.val() == 1) | (self.cycle_type.q.val() == 2));
        self.matching.runs.next = self.runs.val();

        // SEC_CM: WISHBONE.FENCE
        self.closing.next = self.fence.val() & !self.clear.q.val();
        self.settled.next = self.fence.val() & self.clear.q.val();
        self.clear.d.next = self.fence.val()
            & (self.clear.q.val() | (self.state.q.val() == GuardState::Idle));

        // The question. Handshakes are assigned once and for all: a default that is taken back would go round between the
        // blocks for ever in a simulator that sees it.
        self.request.valid.next = (self.state.q.val() == GuardState::Idle) & self.presents.val();
        self.question.offered.next = self.matching.offered.val();
        self.question.well_formed.next = self.matching.well_formed.val();
        self.request.tenant.next = self.wbs.tga_i.val();
        self.request.address.next = self.question.address.val();
        self.request.length.next = self.question.length.val();
        self.request.kind.next = self.question.kind.val();
        self.request.untranslated.next = false;

        // The beat at the memory.
        // SEC_CM: WISHBONE.END
        self.ending.next = self.state.q.val() == GuardState::Ending;
        // SEC_CM: WISHBONE.BEAT
        self.passes.next = (self.state.q.val() == GuardState::Open)
            & !self.held.q.val()
            & self.matching.announced.val()
            & (!self.closing.val() | self.owes.q.val());
        self.offered.next = self.held.q.val() | self.passes.val() | self.ending.val();
        self.answered.next = self.offered.val() & (self.beat.done.val() | self.beat.failed.val());
        self.step.address.next = self.logical.q.val();
        self.step.cycle_type.next = self.cycle_type.q.val();
        self.step.burst_type.next = self.burst_type.q.val();
        self.last.next = self.held_last.q.val();
        if !self.held.q.val() {
            // SEC_CM: WISHBONE.UNIT
            self.last.next = !self.runs.val()
                | self.closing.val()
                | self.ending.val()
                | self.wbs.cti_i.val().all()
                | self.beats.q.val().all()
                | self.step.leaves.val();
        }
        self.beat.open.next = (self.state.q.val() == GuardState::Open) | self.ending.val();
        self.beat.wants.next = (self.state.q.val() == GuardState::Asking)
            & self.response.valid.val()
            & self.response.granted.val()
            & !self.malformed.q.val();
        self.beat.valid.next = self.offered.val();
        self.beat.write.next = false;
        self.beat.address.next = 0.into();
        self.beat.data.next = 0.into();
        self.beat.select.next = 0.into();
        self.beat.cycle_type.next = 0.into();
        self.beat.burst_type.next = 0.into();
        if self.offered.val() {
            self.beat.write.next = self.write.q.val();
            self.beat.address.next = self.physical.q.val();
            self.beat.select.next = self.wbs.sel_i.val();
            if self.write.q.val() {
                self.beat.data.next = self.wbs.dat_i.val();
            }
            if self.held.q.val() {
                self.beat.select.next = self.select.q.val();
                self.beat.data.next = self.data.q.val();
            }
            if self.ending.val() {
                self.beat.select.next = 0.into();
                self.beat.data.next = 0.into();
            }
            if self.runs.val() {
                self.beat.cycle_type.next = self.cycle_type.q.val();
                self.beat.burst_type.next = self.burst_type.q.val();
                if self.last.val() {
                    self.beat.cycle_type.next = 7.into();
                }
            }
        }

        // The answer goes only to the master that asked.
        // SEC_CM: WISHBONE.ANSWER
        // A refusal is for the beat that was asked about: one that stayed, as well or as badly formed as it was.
        self.stays.next = self.matching.same.val() & (self.matching.well_formed.val() ^ self.malformed.q.val());
        self.speaks.next = self.matching.same.val() & !self.abandoned.q.val() & !self.ending.val();
        self.wbs.ack_o.next = self.answered.val() & !self.beat.failed.val() & self.speaks.val();
        self.wbs.err_o.next = self.speaks.val()
            & ((self.answered.val() & self.beat.failed.val())
                | ((self.state.q.val() == GuardState::Refusing) & self.stays.val()));
        self.wbs.dat_o.next = 0.into();
        if self.answered.val() & !self.beat.failed.val() & self.speaks.val() & !self.write.q.val() {
            self.wbs.dat_o.next = self.beat.read_data.val();
        }

        self.response.ready.next = (self.state.q.val() == GuardState::Asking)
            & (!self.response.granted.val() | self.malformed.q.val() | self.closing.val() | self.beat.may_open.val());
        match self.state.q.val() {
            GuardState::Asking => {
                if !self.stays.val() {
                    self.abandoned.d.next = true;
                }
                if self.response.valid.val() {
                    if !self.response.granted.val() | self.malformed.q.val() {
                        self.state.d.next = GuardState::Refusing;
                    } else if self.closing.val() {
                        // Decided before what waits at the fence: it is asked again.
                        self.state.d.next = GuardState::Idle;
                    } else if self.beat.may_open.val() {
                        self.state.d.next = GuardState::Open;
                        self.abandoned.d.next = false;
                        self.physical.d.next =
                            self.response.physical.val() | (self.logical.q.val() & self.offset_mask.val());
                    }
                }
            }
            GuardState::Open => {
                if self.answered.val() {
                    self.held.d.next = false;
                    self.abandoned.d.next = false;
                    self.beats.d.next = self.beats.q.val() + 1;
                    self.logical.d.next =
                        (self.logical.q.val() & !self.offset_mask.val()) | self.step.next_offset.val();
                    self.physical.d.next =
                        (self.physical.q.val() & !self.offset_mask.val()) | self.step.next_offset.val();
                    self.owes.d.next = true;
                    if self.last.val() {
                        self.state.d.next = GuardState::Idle;
                    } else if self.beat.failed.val() | !self.speaks.val() {
                        self.state.d.next = GuardState::Ending;
                    }
                } else if self.offered.val() {
                    self.held.d.next = true;
                    self.abandoned.d.next = !self.speaks.val();
                    if !self.held.q.val() {
                        self.held_last.d.next = self.last.val();
                        self.data.d.next = self.beat.data.val();
                        self.select.d.next = self.wbs.sel_i.val();
                    }
                } else if self.closing.val() | self.beat.pressed.val() | self.presents.val() | !self.wbs.cyc_i.val() {
                    // A pause between beats lasts while neither a fence nor the scrubber waits. A beat that was not announced
                    // ends the grant.
                    self.state.d.next = GuardState::Idle;
                    if self.owes.q.val() {
                        self.state.d.next = GuardState::Ending;
                    }
                }
            }
            GuardState::Ending => {
                if self.answered.val() {
                    self.state.d.next = GuardState::Idle;
                }
            }
            GuardState::Refusing => {
                self.state.d.next = GuardState::Idle;
            }
            _ => {
                self.owes.d.next = false;
                self.abandoned.d.next = false;
                self.malformed.d.next = !self.matching.well_formed.val();
                self.tenant.d.next = self.wbs.tga_i.val();
                self.write.d.next = self.wbs.we_i.val();
                self.fetch.d.next = self.wbs.tgc_i.val();
                self.logical.d.next = self.wbs.adr_i.val();
                self.cycle_type.d.next = self.wbs.cti_i.val();
                self.burst_type.d.next = self.wbs.bte_i.val();
                self.beats.d.next = 0.into();
                if self.presents.val() & self.request.ready.val() {
                    self.state.d.next = GuardState::Asking;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    type Guard = WishboneGuard<16, 8>;

    /// A beat as a master offers it.
    #[derive(Clone, Copy, Debug)]
    struct Offer {
        write: bool,
        fetch: bool,
        address: u64,
        data: u64,
        select: u64,
        cycle: u64,
        burst: u64,
        tenant: u64,
    }

    const READ: Offer =
        Offer { write: false, fetch: false, address: 0x1234, data: 0xD0, select: 15, cycle: 0, burst: 0, tenant: 3 };
    const WRITE: Offer = Offer { write: true, ..READ };
    /// From here on everything is denied.
    const DENIED: u64 = 0x8000;
    /// Physical address of the other pages.
    const MOVED: u64 = 0x4000;

    /// Beat that the memory saw: write, address, data, select, cycle type, burst type.
    type Seen = (bool, u64, u64, u64, u64, u64);

    /// Result of a beat.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Answer {
        Ack(u64),
        Err,
    }

    /// The guard between a master, a bridge and a memory that are all made up.
    struct Bench {
        guard: Guard,
        /// Cycles to go until the bridge answers; the address it was asked about.
        bridge: Option<(usize, u64)>,
        asked: Vec<(u64, u64, u64, u64)>,
        /// Cycles that the memory takes beyond the beat's first.
        patience: usize,
        waited: usize,
        fails: bool,
        seen: Vec<Seen>,
        /// Beat that was offered to the memory in the cycle before and not answered.
        offered: Option<Seen>,
        may_open: bool,
        pressed: bool,
        fence: bool,
    }

    impl Bench {
        fn new(preset: &str, patience: usize) -> Bench {
            let mut guard = Guard::new(&Geometry::preset(preset).unwrap());
            guard.connect_all();
            check_all(&guard).unwrap();
            Bench {
                guard,
                bridge: None,
                asked: vec![],
                patience,
                waited: 0,
                fails: false,
                seen: vec![],
                offered: None,
                may_open: true,
                pressed: false,
                fence: false,
            }
        }

        fn offer(&mut self, offer: Option<Offer>, cyc: bool) {
            let wbs = &mut self.guard.wbs;
            wbs.cyc_i.next = cyc;
            wbs.stb_i.next = offer.is_some();
            // Without a strobe there is noise.
            let offer = offer.unwrap_or(Offer { write: true, address: 0xFFFF, data: 0xBAD, tenant: 0xFF, ..READ });
            wbs.we_i.next = offer.write;
            wbs.tgc_i.next = offer.fetch;
            wbs.adr_i.next = offer.address.into();
            wbs.dat_i.next = offer.data.into();
            wbs.sel_i.next = offer.select.into();
            wbs.cti_i.next = offer.cycle.into();
            wbs.bte_i.next = offer.burst.into();
            wbs.tga_i.next = offer.tenant.into();
        }

        /// Runs one cycle with the offered beat; returns the answer, if the guard gives one.
        fn step(&mut self) -> Option<Answer> {
            let guard = &mut self.guard;
            guard.fence.next = self.fence;
            guard.beat.may_open.next = false;
            guard.beat.pressed.next = self.pressed;
            guard.beat.done.next = false;
            guard.beat.failed.next = false;
            guard.beat.read_data.next = 0xBAD.into();
            guard.request.ready.next = self.bridge.is_none();
            let answers = self.bridge.filter(|(wait, _)| *wait == 0);
            guard.response.valid.next = answers.is_some();
            let granted = answers.is_none_or(|(_, address)| address < DENIED);
            guard.response.granted.next = granted;
            let physical = answers.map_or(0xBAD, |(_, address)| if granted { address + MOVED } else { 0 });
            guard.response.physical.next = physical.into();
            simulate(guard, 100);
            guard.beat.may_open.next = self.may_open;
            let beat = &guard.beat;
            let now = beat.valid.val().then(|| {
                (
                    beat.write.val(),
                    beat.address.val().to_u64(),
                    beat.data.val().to_u64(),
                    beat.select.val().to_u64(),
                    beat.cycle_type.val().to_u64(),
                    beat.burst_type.val().to_u64(),
                )
            });
            if now.is_none() {
                let quiet = [beat.address.val().to_u64(), beat.data.val().to_u64(), beat.select.val().to_u64()];
                assert_eq!(quiet, [0; 3], "nothing shows without a grant");
            }
            assert!(self.offered.is_none() || now == self.offered, "a beat stays until answered: {:?}, {now:?}", self.offered);
            let answered = now.is_some() && self.waited == self.patience;
            self.waited = if now.is_none() || answered { 0 } else { self.waited + 1 };
            self.offered = now.filter(|_| !answered);
            self.seen.extend(now.filter(|_| answered));
            guard.beat.done.next = answered && !self.fails;
            guard.beat.failed.next = answered && self.fails;
            if answered {
                guard.beat.read_data.next = 0xFEED.into();
            }
            simulate(guard, 100);
            let wbs = &guard.wbs;
            assert!(!(wbs.ack_o.val() && wbs.err_o.val()));
            let data = wbs.dat_o.val().to_u64();
            let answer = if wbs.ack_o.val() { Some(Answer::Ack(data)) } else { wbs.err_o.val().then_some(Answer::Err) };
            assert!(data == 0 || wbs.ack_o.val(), "data without an acknowledgement");
            if let Some((wait, _)) = self.bridge.as_mut() {
                if *wait > 0 {
                    *wait -= 1;
                } else if guard.response.ready.val() {
                    self.bridge = None;
                }
            } else if guard.request.valid.val() {
                let request = &guard.request;
                let address = request.address.val().to_u64();
                self.asked.push((
                    request.tenant.val().to_u64(),
                    address,
                    request.length.val().to_u64(),
                    request.kind.val().to_u64(),
                ));
                self.bridge = Some((3, address));
            }
            guard.clock.next = true.into();
            simulate(guard, 100);
            guard.clock.next = false.into();
            simulate(guard, 100);
            answer
        }

        /// Offers a beat until it is answered; the answer, and in which cycle it came.
        fn run(&mut self, offer: Offer) -> (Answer, usize) {
            self.offer(Some(offer), true);
            for cycle in 0..60 {
                if let Some(answer) = self.step() {
                    return (answer, cycle);
                }
            }
            panic!("no answer to {offer:?}");
        }

        /// Cycles without a beat: how many times an answer came all the same.
        fn rest(&mut self, cycles: usize) -> usize {
            self.offer(None, false);
            (0..cycles).filter(|_| self.step().is_some()).count()
        }
    }

    #[test]
    fn a_classic_cycle_is_asked_and_passed_or_refused() {
        for patience in [0, 1, 4] {
            for (offer, kind) in [(READ, 0), (WRITE, 1), (Offer { fetch: true, ..READ }, 2), (Offer { cycle: 7, ..WRITE }, 1)] {
                let mut bench = Bench::new("cu", patience);
                for select in [15, 1, 10] {
                    let offer = Offer { select, ..offer };
                    let (answer, _) = bench.run(offer);
                    assert_eq!(answer, Answer::Ack(if offer.write { 0 } else { 0xFEED }));
                    let data = if offer.write { 0xD0 } else { 0 };
                    assert_eq!(bench.seen.pop(), Some((offer.write, 0x5234, data, select, 0, 0)));
                    assert_eq!(bench.asked.pop(), Some((3, 0x1234, 4, kind)));
                    assert_eq!(bench.rest(2), 0);
                }
                let denied = Offer { address: DENIED, ..offer };
                assert_eq!(bench.run(denied).0, Answer::Err);
                assert_eq!(bench.asked.pop(), Some((3, DENIED, 4, kind)));
                bench.fails = true;
                assert_eq!(bench.run(offer).0, Answer::Err);
                assert_eq!((bench.seen.len(), bench.rest(9)), (1, 0));
            }
        }
    }

    #[test]
    fn what_is_malformed_is_refused_and_logged() {
        let malformed = [
            Offer { select: 0, ..READ },
            Offer { address: 0x1235, ..READ },
            Offer { address: 0x1236, ..WRITE },
            Offer { address: 0x1237, ..READ },
            Offer { cycle: 3, ..READ },
            Offer { cycle: 4, ..WRITE },
            Offer { cycle: 5, ..READ },
            Offer { cycle: 6, ..READ },
            Offer { fetch: true, ..WRITE },
        ];
        let mut bench = Bench::new("cu", 0);
        for offer in malformed {
            // The bridge grants it: its form alone refuses it.
            assert_eq!(bench.run(offer).0, Answer::Err, "{offer:?}");
            assert_eq!(bench.asked.pop(), Some((3, offer.address, 0, 3)), "{offer:?}");
            assert_eq!(bench.seen, [], "{offer:?}");
            assert_eq!(bench.run(READ).0, Answer::Ack(0xFEED));
            bench.seen.clear();
        }
    }

    /// The beats of a burst, and what the memory must see of them: address, cycle type.
    fn burst(preset: &str, first: u64, kind: (u64, u64), count: usize, expected: &[(u64, u64)]) -> (Bench, Vec<usize>) {
        let mut bench = Bench::new(preset, 0);
        let mut times = vec![];
        let wrap = [0, 16, 32, 64][kind.1 as usize];
        let mut address = first;
        for beat in 0..count {
            let cycle = if beat + 1 == count { 7 } else { kind.0 };
            let (answer, time) = bench.run(Offer { address, cycle, burst: kind.1, ..READ });
            assert_eq!(answer, Answer::Ack(0xFEED));
            times.push(time);
            let next = address + 4;
            address = match kind {
                (1, _) => address,
                (_, 0) => next,
                _ if next.is_multiple_of(wrap) => next - wrap,
                _ => next,
            };
        }
        let seen: Vec<(u64, u64)> = bench.seen.iter().map(|seen| (seen.1 - MOVED, seen.4)).collect();
        assert_eq!(seen, expected);
        assert_eq!(bench.rest(9), 0);
        (bench, times)
    }

    #[test]
    fn a_burst_goes_on_at_a_beat_a_cycle_where_it_was_granted() {
        let (bench, times) = burst("cu", 0x100, (2, 0), 4, &[(0x100, 2), (0x104, 2), (0x108, 2), (0x10C, 7)]);
        assert_eq!(bench.asked, [(3, 0x100, 64, 0)]);
        assert_eq!(times[1..], [0, 0, 0]);
        // The burst ends with the 64 bytes, and the guard asks again.
        let (bench, times) = burst("cu", 0x178, (2, 0), 4, &[(0x178, 2), (0x17C, 7), (0x180, 2), (0x184, 7)]);
        assert_eq!(bench.asked, [(3, 0x140, 64, 0), (3, 0x180, 64, 0)]);
        assert!(times[1] == 0 && times[2] > 0 && times[3] == 0, "{times:?}");
        // Wrapping.
        let (bench, _) = burst("cu", 0x108, (2, 1), 4, &[(0x108, 2), (0x10C, 2), (0x100, 2), (0x104, 7)]);
        assert_eq!(bench.asked, [(3, 0x100, 64, 0)]);
        assert!(bench.seen.iter().all(|seen| seen.5 == 1));
        let eight = [0x138, 0x13C, 0x120, 0x124, 0x128, 0x12C, 0x130].map(|address| (address, 2));
        let (bench, _) = burst("cu", 0x138, (2, 2), 8, &[&eight[..], &[(0x134, 7)]].concat());
        assert_eq!(bench.asked, [(3, 0x100, 64, 0)]);
        let around: Vec<_> = (0..16).map(|beat| (0x100 + (0x34 + 4 * beat) % 64, if beat == 15 { 7 } else { 2 })).collect();
        burst("cu", 0x134, (2, 3), 16, &around);
        // A burst at a constant address; the guard asks again after 16 beats.
        let again: Vec<_> = (0..18).map(|beat| (0x104, if beat == 15 || beat == 17 { 7 } else { 1 })).collect();
        let (bench, _) = burst("cu", 0x104, (1, 0), 18, &again);
        assert_eq!(bench.asked, [(3, 0x104, 4, 0); 2]);
        // The guard asks again after 16 beats of a wrapping burst, too.
        let endless: Vec<_> =
            (0..20).map(|beat| (0x100 + 4 * (beat % 4), if beat == 15 || beat == 19 { 7 } else { 2 })).collect();
        burst("cu", 0x100, (2, 1), 20, &endless);
        // Where a granule holds one word, the guard asks about every beat.
        let (bench, _) = burst("tiny", 0x108, (2, 1), 4, &[(0x108, 0), (0x10C, 0), (0x100, 0), (0x104, 0)]);
        assert_eq!(bench.asked.len(), 4);
        assert!(bench.asked.iter().all(|asked| asked.2 == 4));
    }

    #[test]
    fn only_the_announced_beat_is_passed_on() {
        let first = Offer { cycle: 2, address: 0x100, ..WRITE };
        let next = Offer { address: 0x104, ..first };
        // Another address of the same 64 bytes, the same again, another tenant, direction, tag, burst, no byte.
        let others = [
            Offer { address: 0x108, ..next },
            first,
            Offer { tenant: 4, ..next },
            Offer { write: false, ..next },
            Offer { write: false, fetch: true, ..next },
            Offer { burst: 1, ..next },
            Offer { cycle: 0, ..next },
            Offer { cycle: 1, ..next },
        ];
        for other in others {
            let mut bench = Bench::new("cu", 0);
            assert_eq!(bench.run(first).0, Answer::Ack(0));
            let (answer, time) = bench.run(other);
            assert!(matches!(answer, Answer::Ack(_)) && time > 0, "{other:?}");
            assert_eq!(bench.asked.len(), 2, "{other:?}");
            assert_eq!(bench.asked[1].0, other.tenant);
        }
        let mut bench = Bench::new("cu", 0);
        bench.run(first);
        assert_eq!(bench.run(Offer { select: 0, ..next }).0, Answer::Err);
        assert_eq!(bench.seen[1..], [ENDS]);
    }

    /// Beat of no bytes that ends a burst which began at 0x100.
    const ENDS: Seen = (true, 0x4104, 0, 0, 7, 0);

    #[test]
    fn every_burst_ends_at_the_memory() {
        let first = Offer { cycle: 2, address: 0x100, ..WRITE };
        // The master goes away, offers another beat, or takes its beat back while the memory takes its time; the memory fails.
        let goes_away = |bench: &mut Bench| {
            bench.run(first);
            assert_eq!(bench.rest(9), 0);
        };
        let offers_another = |bench: &mut Bench| {
            bench.run(first);
            bench.run(Offer { address: 0x200, ..WRITE });
            bench.seen.pop();
        };
        let fails = |bench: &mut Bench| {
            bench.fails = true;
            assert_eq!(bench.run(first).0, Answer::Err);
            assert_eq!(bench.rest(9), 0);
        };
        for patience in [0, 3] {
            for (name, what) in
                [("goes away", &goes_away as &dyn Fn(&mut Bench)), ("another", &offers_another), ("fails", &fails)]
            {
                let mut bench = Bench::new("cu", patience);
                what(&mut bench);
                assert_eq!(bench.seen, [(true, 0x4100, 0xD0, 15, 2, 0), ENDS], "{name}, patience {patience}");
                assert!(!bench.guard.beat.open.val(), "{name}");
            }
        }
        // A burst whose last beat was announced as such, and a classic cycle, need no such beat.
        for cycle in [0, 7] {
            let mut bench = Bench::new("cu", 0);
            bench.run(Offer { cycle, ..first });
            assert_eq!((bench.rest(9), bench.seen.len()), (0, 1));
        }
    }

    #[test]
    fn an_answer_goes_to_who_asked_and_to_nobody_else() {
        // While the memory takes its time the beat is withdrawn, and then comes back or is replaced by a different beat.
        for (patience, back) in [(5, READ), (5, Offer { tenant: 9, ..READ }), (5, Offer { address: 0x1238, ..READ })] {
            let mut bench = Bench::new("cu", patience);
            bench.offer(Some(READ), true);
            while bench.offered.is_none() {
                assert_eq!(bench.step(), None);
            }
            if back.tenant == READ.tenant && back.address == READ.address {
                assert_eq!(bench.rest(1), 0);
            }
            let (answer, time) = bench.run(back);
            assert_eq!((answer, bench.asked.len(), bench.seen.len()), (Answer::Ack(0xFEED), 2, 2), "{back:?}");
            assert!(time > patience + 3, "the first answer was nobody's: {time}");
            assert_eq!(bench.asked[1], (back.tenant, back.address, 4, 0));
        }
        // A verdict on a beat that was withdrawn is answered to no master, be it a refusal or a grant.
        for address in [DENIED, 0x1234] {
            let mut bench = Bench::new("cu", 0);
            bench.offer(Some(Offer { address, ..READ }), true);
            while bench.bridge.is_none() {
                assert_eq!(bench.step(), None);
            }
            assert_eq!((bench.rest(9), bench.seen.len()), (0, 0));
        }
    }

    #[test]
    fn a_refusal_goes_to_the_beat_that_was_asked_about_and_to_no_other() {
        // A malformed beat of the same tenant, address and direction, in every cycle of the question, with a pause or without.
        let malformed = Offer { select: 0, ..READ };
        let denied = Offer { address: DENIED, ..READ };
        for (first, second, expected) in [
            (malformed, READ, Answer::Ack(0xFEED)),
            (denied, Offer { select: 0, ..denied }, Answer::Err),
            (malformed, malformed, Answer::Err),
        ] {
            for (cycles, pause) in (1..8).flat_map(|cycles| [0, 1, 2].map(|pause| (cycles, pause))) {
                let mut bench = Bench::new("cu", 0);
                bench.offer(Some(first), true);
                let before = (0..cycles).find_map(|_| bench.step());
                if before.is_some() {
                    continue;
                }
                if pause > 0 {
                    assert_eq!(bench.rest(pause), 0, "{first:?} withdrawn after {cycles}");
                } else if first.select == second.select {
                    continue;
                }
                let (answer, _) = bench.run(second);
                assert_eq!(answer, expected, "{first:?}, after {cycles} cycles and {pause} more {second:?}");
                assert_eq!(bench.asked.len(), 2, "{first:?}, after {cycles} cycles and {pause} more {second:?}: asked by itself");
            }
        }
    }

    #[test]
    fn a_beat_stays_as_it_began_whatever_the_master_does() {
        let mut bench = Bench::new("cu", 5);
        bench.offer(Some(WRITE), true);
        while bench.offered.is_none() {
            assert_eq!(bench.step(), None);
        }
        // The bench objects to a beat that changes.
        for (data, select) in [(0xBAD, 15), (0xD0, 1), (0, 0)] {
            bench.offer(Some(Offer { data, select, ..WRITE }), true);
            assert_eq!(bench.step(), None);
        }
        assert_eq!(bench.run(Offer { data: 0xBAD, select: 3, ..WRITE }).0, Answer::Ack(0));
        assert_eq!(bench.seen, [(true, 0x5234, 0xD0, 15, 0, 0)]);
    }

    #[test]
    fn the_fence_settles_when_what_was_asked_before_has_ended() {
        let settles = |bench: &mut Bench, limit: usize| {
            bench.fence = true;
            (0..limit).find(|_| {
                bench.step();
                bench.guard.settled.val()
            })
        };
        // At rest; again after it fell.
        let mut bench = Bench::new("cu", 0);
        bench.rest(1);
        for _ in 0..2 {
            assert!(settles(&mut bench, 3).is_some());
            bench.fence = false;
            bench.rest(1);
            assert!(!bench.guard.settled.val());
        }
        // Not before the memory has answered.
        let mut bench = Bench::new("cu", 20);
        bench.offer(Some(WRITE), true);
        while bench.offered.is_none() {
            bench.step();
        }
        let waited = settles(&mut bench, 40).expect("it settles");
        assert_eq!(bench.seen.len(), 1);
        assert!(waited >= 19, "{waited}");
        // A beat that was decided and has not begun is asked about again; then it goes on, though the fence stands.
        let mut bench = Bench::new("cu", 0);
        bench.may_open = false;
        bench.offer(Some(WRITE), true);
        for _ in 0..9 {
            assert_eq!(bench.step(), None);
        }
        assert!(settles(&mut bench, 3).is_some());
        bench.may_open = true;
        assert_eq!(bench.run(WRITE).0, Answer::Ack(0));
        assert_eq!((bench.asked.len(), bench.seen.len()), (2, 1));
        // A burst ends, paused or not, and what follows is asked again.
        for pauses in [true, false] {
            let mut bench = Bench::new("cu", 0);
            bench.run(Offer { cycle: 2, ..WRITE });
            bench.offer(if pauses { None } else { Some(Offer { cycle: 2, address: 0x1238, ..WRITE }) }, true);
            assert!(settles(&mut bench, 4).is_some());
            // The announced beat ends the burst, or a beat of no bytes does.
            let ends = if pauses { (true, 0x5238, 0, 0, 7, 0) } else { (true, 0x5238, 0xD0, 15, 7, 0) };
            assert_eq!(bench.seen[1..], [ends], "pauses {pauses}");
            assert_eq!(bench.run(Offer { cycle: 2, address: 0x123C, ..WRITE }).0, Answer::Ack(0));
            // The beat that ended the burst stood there a cycle longer, and was asked about.
            assert_eq!(bench.asked.len(), if pauses { 2 } else { 3 });
        }
    }

    #[test]
    fn a_pause_lasts_until_somebody_waits_for_the_bus() {
        let next = Offer { cycle: 2, address: 0x1238, ..WRITE };
        for pressed in [false, true] {
            let mut bench = Bench::new("cu", 0);
            bench.run(Offer { cycle: 2, ..WRITE });
            bench.offer(None, true);
            bench.pressed = pressed;
            for _ in 0..5 {
                assert_eq!(bench.step(), None);
            }
            assert_eq!(bench.guard.beat.open.val(), !pressed);
            bench.pressed = false;
            assert_eq!(bench.run(next).0, Answer::Ack(0));
            assert_eq!(bench.asked.len(), if pressed { 2 } else { 1 });
        }
    }

    #[test]
    fn a_reset_at_any_moment_leaves_no_half_transaction() {
        for moment in 0..16 {
            let mut bench = Bench::new("cu", 3);
            bench.offer(Some(Offer { cycle: 2, ..WRITE }), true);
            for _ in 0..moment {
                bench.step();
            }
            bench.guard.reset.next = true;
            bench.offer(None, false);
            bench.step();
            bench.guard.reset.next = false;
            (bench.bridge, bench.offered, bench.waited) = (None, None, 0); // they share the reset
            let before = bench.seen.len();
            assert_eq!((bench.rest(12), bench.seen.len()), (0, before), "moment {moment}");
            bench.asked.clear();
            assert_eq!(bench.run(Offer { address: DENIED, ..WRITE }).0, Answer::Err);
            assert_eq!((bench.asked.len(), bench.seen.len()), (1, before), "moment {moment}");
        }
    }
}
