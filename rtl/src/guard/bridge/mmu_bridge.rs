//! MMU bridge: which of the two translations answers, and may its result be touched? One access at a time.
//!
//! ```text
//!   request --> translate port --granted------------------------------------------> response
//!           |        |---------denied---------------------------------------------> refused: the PM's reason
//!           |        '---------not mine--> standard MMU --fault-------------------> refused: MmuFault
//!           |                                   '--address--> physical port ------> granted, or refused: Isolated
//!           '--physical (DMA) --------------------------------^
//! ```
//!
//! The next request is taken after the response was. The ports of the Partition Manager have no back pressure, so after a reset
//! the bridge waits until the response to a request from before the reset would be past. A refused response never carries an
//! address.

use super::ports::{BridgeRequest, BridgeResponse, MmuSink, MmuSource};
use crate::ports::{AccessSource, PhysicalSink, TranslateSink};
use pm_interface::Reason;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// State of the bridge.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum BridgeState {
    Settling,
    Idle,
    Translate,
    Translating,
    AskMmu,
    AwaitMmu,
    Check,
    Checking,
    Answering,
}

block! {
    /// Joins translate port, standard MMU and physical port into one in-order stream.
    pub struct MmuBridge<ADDRESS, LENGTH> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: drops the request under way.
        pub reset: Signal<In, Bit>,
        /// Accesses of the device to decide.
        pub request: BridgeRequest<ADDRESS, LENGTH>,
        /// Verdicts on the accesses, in the order of the requests.
        pub response: BridgeResponse<ADDRESS>,
        /// Requests to the translate port of the Partition Manager.
        pub translate_request: AccessSource<ADDRESS, LENGTH>,
        /// Responses of the translate port, four edges after their requests.
        pub translate_response: TranslateSink<ADDRESS>,
        /// Requests to the standard MMU.
        pub mmu_request: MmuSource<ADDRESS, LENGTH>,
        /// Responses of the standard MMU.
        pub mmu_response: MmuSink<ADDRESS>,
        /// Requests to the physical port of the Partition Manager.
        pub physical_request: AccessSource<ADDRESS, LENGTH>,
        /// Responses of the physical port, four edges after their requests.
        pub physical_response: PhysicalSink,
        state: Register<BridgeState>,
        settled: Register<Bits<3>>,
        tenant: Register<Bits<8>>,
        /// Logical; physical, where the Partition Manager does not translate.
        address: Register<Bits<ADDRESS>>,
        /// Physical, where it does.
        translated: Register<Bits<ADDRESS>>,
        length: Register<Bits<LENGTH>>,
        kind: Register<Bits<2>>,
        granted: Register<Bit>,
        /// High: the translate port called the access not mine.
        unclaimed: Register<Bit>,
        managed: Register<Bit>,
        reason: Register<Bits<4>>,
        slot: Register<Bits<8>>,
        integrity: Constant<Bits<4>> = Constant::new(Reason::Integrity.code().to_bits()),
        mmu_fault: Constant<Bits<4>> = Constant::new(Reason::MmuFault.code().to_bits()),
    }
}

kernel! {
    MmuBridge<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) registers(state, settled, tenant, address, translated, length, kind, granted, unclaimed, managed, reason, slot) {
        self.request.ready.next = false;
        self.response.valid.next = false;
        self.response.granted.next = self.granted.q.val();
        self.response.managed.next = self.managed.q.val();
        self.response.reason.next = self.reason.q.val();
        self.response.slot.next = self.slot.q.val();
        self.response.physical.next = 0.into();
        if self.granted.q.val() {
            self.response.physical.next = self.address.q.val();
            if self.managed.q.val() {
                self.response.physical.next = self.translated.q.val();
            }
        }
        self.translate_request.valid.next = false;
        self.translate_request.tenant.next = self.tenant.q.val();
        self.translate_request.address.next = self.address.q.val();
        self.translate_request.length.next = self.length.q.val();
        self.translate_request.kind.next = self.kind.q.val();
        self.mmu_request.valid.next = false;
        self.mmu_request.tenant.next = self.tenant.q.val();
        self.mmu_request.address.next = self.address.q.val();
        self.mmu_request.length.next = self.length.q.val();
        self.mmu_request.kind.next = self.kind.q.val();
        self.mmu_response.ready.next = false;
        self.physical_request.valid.next = false;
        self.physical_request.tenant.next = self.tenant.q.val();
        self.physical_request.address.next = self.address.q.val();
        self.physical_request.length.next = self.length.q.val();
        self.physical_request.kind.next = self.kind.q.val();

        match self.state.q.val() {
            BridgeState::Idle => {
                self.request.ready.next = true;
                self.granted.d.next = false;
                self.unclaimed.d.next = false;
                self.managed.d.next = false;
                self.reason.d.next = 0.into();
                self.slot.d.next = 0.into();
                self.tenant.d.next = self.request.tenant.val();
                self.address.d.next = self.request.address.val();
                self.length.d.next = self.request.length.val();
                self.kind.d.next = self.request.kind.val();
                if self.request.valid.val() {
                    self.state.d.next = BridgeState::Translate;
                    if self.request.untranslated.val() {
                        self.state.d.next = BridgeState::Check;
                    }
                }
            }
            BridgeState::Translate => {
                self.translate_request.valid.next = true;
                self.state.d.next = BridgeState::Translating;
            }
            BridgeState::Translating => {
                // The fields are loaded in every cycle until the response comes: only the next state waits for `valid`.
                self.managed.d.next = true;
                self.granted.d.next = self.translate_response.granted.val();
                self.unclaimed.d.next = self.translate_response.not_mine.val();
                self.slot.d.next = self.translate_response.slot.val();
                self.reason.d.next = self.translate_response.reason.val();
                self.translated.d.next = self.translate_response.physical.val();
                if self.translate_response.valid.val() {
                    self.state.d.next = BridgeState::Answering;
                }
            }
            BridgeState::AskMmu => {
                self.mmu_request.valid.next = true;
                if self.mmu_request.ready.val() {
                    self.state.d.next = BridgeState::AwaitMmu;
                }
            }
            BridgeState::AwaitMmu => {
                self.mmu_response.ready.next = true;
                self.slot.d.next = 0.into();
                self.reason.d.next = self.mmu_fault.val();
                if self.mmu_response.valid.val() {
                    self.state.d.next = BridgeState::Answering;
                    if !self.mmu_response.fault.val() {
                        self.address.d.next = self.mmu_response.physical.val();
                        self.state.d.next = BridgeState::Check;
                    }
                }
            }
            BridgeState::Check => {
                self.physical_request.valid.next = true;
                self.state.d.next = BridgeState::Checking;
            }
            BridgeState::Checking => {
                self.granted.d.next = self.physical_response.allowed.val();
                self.slot.d.next = self.physical_response.slot.val();
                self.reason.d.next = self.physical_response.reason.val();
                if self.physical_response.valid.val() {
                    self.state.d.next = BridgeState::Answering;
                }
            }
            BridgeState::Answering => {
                if self.unclaimed.q.val() {
                    self.unclaimed.d.next = false;
                    if self.granted.q.val() {
                        // Granted and not mine at once is a fault.
                        self.granted.d.next = false;
                        self.reason.d.next = self.integrity.val();
                    } else {
                        self.managed.d.next = false;
                        self.state.d.next = BridgeState::AskMmu;
                    }
                } else {
                    self.response.valid.next = true;
                    if self.response.ready.val() {
                        self.state.d.next = BridgeState::Idle;
                    }
                }
            }
            _ => {
                self.address.d.next = 0.into();
                self.settled.d.next = self.settled.q.val() + 1;
                if self.settled.q.val().all() {
                    self.state.d.next = BridgeState::Idle;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    type Bridge = MmuBridge<16, 4>;

    /// Response of the fake translate port.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Verdict {
        Granted(u64),
        NotMine,
        Denied(Reason),
        Both,
    }

    /// Responses of the fakes around the bridge, and the requests that they saw.
    #[derive(Debug)]
    struct Around {
        verdict: Verdict,
        mapped: Option<u64>,
        mmu_patience: usize,
        isolated: bool,
        asked: Vec<(&'static str, [u64; 4])>,
        translate: VecDeque<bool>,
        physical: VecDeque<bool>,
        mmu_wait: Option<usize>,
    }

    impl Around {
        fn new(verdict: Verdict, mapped: Option<u64>, mmu_patience: usize, isolated: bool) -> Self {
            let idle: VecDeque<bool> = [false; 4].into();
            Around {
                verdict,
                mapped,
                mmu_patience,
                isolated,
                asked: vec![],
                translate: idle.clone(),
                physical: idle,
                mmu_wait: None,
            }
        }

        /// Drives the bridge's inputs for this cycle and steps over the edge.
        fn step(&mut self, bridge: &mut Bridge) {
            let answer = self.translate[0];
            bridge.translate_response.valid.next = answer;
            // Between answers the payload is noise.
            bridge.translate_response.granted.next = !answer | matches!(self.verdict, Verdict::Granted(_) | Verdict::Both);
            bridge.translate_response.not_mine.next = matches!(self.verdict, Verdict::NotMine | Verdict::Both);
            let (reason, physical) = match self.verdict {
                Verdict::Granted(physical) => (Reason::None, physical),
                Verdict::Denied(reason) => (reason, 0),
                Verdict::NotMine | Verdict::Both => (Reason::None, 0),
            };
            bridge.translate_response.reason.next = u64::from(reason.code()).into();
            bridge.translate_response.slot.next = 5.into();
            bridge.translate_response.physical.next = if answer { physical } else { 0xDEAD }.into();
            let answer = self.physical[0];
            bridge.physical_response.valid.next = answer;
            bridge.physical_response.allowed.next = !answer | !self.isolated;
            let reason = if self.isolated { Reason::Isolated } else { Reason::None };
            bridge.physical_response.reason.next = u64::from(reason.code()).into();
            bridge.physical_response.slot.next = if self.isolated { 9 } else { 0 }.into();
            let mmu_answers = self.mmu_wait == Some(0);
            bridge.mmu_request.ready.next = self.mmu_wait.is_none() && self.asked.len() % 2 == 1;
            bridge.mmu_response.valid.next = mmu_answers;
            bridge.mmu_response.fault.next = mmu_answers & self.mapped.is_none();
            bridge.mmu_response.physical.next = if mmu_answers { self.mapped.unwrap_or(0) } else { 0xBEEF }.into();
            simulate(bridge, 100);

            let seen = |source: &AccessSource<16, 4>| {
                [
                    source.tenant.val().to_u64(),
                    source.address.val().to_u64(),
                    source.length.val().to_u64(),
                    source.kind.val().to_u64(),
                ]
            };
            self.translate.pop_front();
            self.translate.push_back(bridge.translate_request.valid.val());
            self.physical.pop_front();
            self.physical.push_back(bridge.physical_request.valid.val());
            if bridge.translate_request.valid.val() {
                self.asked.push(("translate", seen(&bridge.translate_request)));
            }
            if bridge.physical_request.valid.val() {
                self.asked.push(("physical", seen(&bridge.physical_request)));
            }
            if mmu_answers && bridge.mmu_response.ready.val() {
                self.mmu_wait = None;
            } else if let Some(wait) = self.mmu_wait.as_mut().filter(|wait| **wait > 0) {
                *wait -= 1;
            }
            if bridge.mmu_request.valid.val() && bridge.mmu_request.ready.val() {
                let mmu = &bridge.mmu_request;
                let payload =
                    [mmu.tenant.val().to_u64(), mmu.address.val().to_u64(), mmu.length.val().to_u64(), mmu.kind.val().to_u64()];
                self.asked.push(("mmu", payload));
                self.mmu_wait = Some(self.mmu_patience);
            }
            bridge.clock.next = true.into();
            simulate(bridge, 100);
            bridge.clock.next = false.into();
            simulate(bridge, 100);
        }
    }

    fn new() -> Bridge {
        let mut bridge = Bridge::default();
        bridge.connect_all();
        check_all(&bridge).unwrap();
        bridge
    }

    fn offer(bridge: &mut Bridge, around: &mut Around, untranslated: bool) {
        bridge.request.valid.next = true;
        bridge.request.tenant.next = 3.into();
        bridge.request.address.next = 0x1234.into();
        bridge.request.length.next = 4.into();
        bridge.request.kind.next = 1.into();
        bridge.request.untranslated.next = untranslated;
        for _ in 0..20 {
            simulate(bridge, 100);
            if bridge.request.ready.val() {
                around.step(bridge);
                bridge.request.valid.next = false;
                bridge.request.address.next = 0xFFFF.into();
                bridge.request.tenant.next = 0xFF.into();
                return;
            }
            around.step(bridge);
        }
        panic!("never ready");
    }

    #[derive(Debug, PartialEq)]
    struct Fate {
        granted: bool,
        managed: bool,
        reason: Reason,
        slot: u64,
        physical: u64,
    }

    fn collect(bridge: &mut Bridge, around: &mut Around) -> Fate {
        for _ in 0..100 {
            if bridge.response.valid.val() {
                let fate = |bridge: &Bridge| Fate {
                    granted: bridge.response.granted.val(),
                    managed: bridge.response.managed.val(),
                    reason: Reason::from_code(bridge.response.reason.val().to_u8()).unwrap(),
                    slot: bridge.response.slot.val().to_u64(),
                    physical: bridge.response.physical.val().to_u64(),
                };
                let first = fate(bridge);
                for _ in 0..3 {
                    around.step(bridge);
                    assert!(bridge.response.valid.val() && !bridge.request.ready.val());
                    assert_eq!(fate(bridge), first, "the response holds until taken");
                }
                bridge.response.ready.next = true;
                around.step(bridge);
                bridge.response.ready.next = false;
                assert!(!bridge.response.valid.val());
                return first;
            }
            around.step(bridge);
        }
        panic!("no response");
    }

    fn check(mut around: Around, untranslated: bool, expected: Fate, asked: &[(&'static str, u64)]) {
        let mut bridge = new();
        for _ in 0..2 {
            around.asked.clear();
            offer(&mut bridge, &mut around, untranslated);
            assert_eq!(collect(&mut bridge, &mut around), expected, "{around:?}");
            let expected: Vec<_> = asked.iter().map(|(who, address)| (*who, [3, *address, 4, 1])).collect();
            assert_eq!(around.asked, expected);
        }
    }

    fn granted(managed: bool, slot: u64, physical: u64) -> Fate {
        Fate { granted: true, managed, reason: Reason::None, slot, physical }
    }

    fn refused(managed: bool, slot: u64, reason: Reason) -> Fate {
        Fate { granted: false, managed, reason, slot, physical: 0 }
    }

    #[test]
    fn every_way_through() {
        use Verdict::*;
        let pm = ("translate", 0x1234);
        let mmu = ("mmu", 0x1234);
        check(Around::new(Granted(0x8010), None, 0, true), false, granted(true, 5, 0x8010), &[pm]);
        for reason in [Reason::NotActive, Reason::Permission, Reason::OutOfRange, Reason::Integrity, Reason::InvalidPartition] {
            check(Around::new(Denied(reason), Some(0x40), 0, false), false, refused(true, 5, reason), &[pm]);
        }
        check(Around::new(Both, Some(0x40), 0, false), false, refused(true, 5, Reason::Integrity), &[pm]);
        for patience in [0, 1, 7] {
            check(Around::new(NotMine, None, patience, false), false, refused(false, 0, Reason::MmuFault), &[pm, mmu]);
            let checked = [pm, mmu, ("physical", 0x40)];
            check(Around::new(NotMine, Some(0x40), patience, false), false, granted(false, 0, 0x40), &checked);
            check(Around::new(NotMine, Some(0x40), patience, true), false, refused(false, 9, Reason::Isolated), &checked);
        }
        // DMA meets the physical port only.
        check(Around::new(Granted(0x8010), None, 0, false), true, granted(false, 0, 0x1234), &[("physical", 0x1234)]);
        check(Around::new(Granted(0x8010), None, 0, true), true, refused(false, 9, Reason::Isolated), &[("physical", 0x1234)]);
    }

    #[test]
    fn a_reset_at_any_moment_leaves_no_half_transaction() {
        for moment in 0..16 {
            // Before the reset the access would be granted, after it everything is denied: an answer that survived shows.
            let mut bridge = new();
            let mut around = Around::new(Verdict::NotMine, Some(0x40), 1, false);
            offer(&mut bridge, &mut around, false);
            for _ in 0..moment {
                around.step(&mut bridge);
            }
            bridge.reset.next = true;
            around.step(&mut bridge);
            bridge.reset.next = false;
            around.mmu_wait = None; // the standard MMU shares the reset; the fake Partition Manager does not
            around.verdict = Verdict::Granted(0x66);
            assert!(!bridge.response.valid.val() && !bridge.request.ready.val());
            assert_eq!(bridge.response.physical.val().to_u64(), 0);
            bridge.request.valid.next = true;
            for _ in 0..4 {
                around.step(&mut bridge);
                assert!(!bridge.request.ready.val(), "moment {moment}: ready while an old answer may be under way");
            }
            around.verdict = Verdict::Denied(Reason::NoTenant);
            around.asked.clear();
            offer(&mut bridge, &mut around, false);
            assert_eq!(collect(&mut bridge, &mut around), refused(true, 5, Reason::NoTenant), "moment {moment}");
            assert_eq!(around.asked.len(), 1);
        }
    }
}
