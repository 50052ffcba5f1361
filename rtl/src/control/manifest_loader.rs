//! The manifest loader: authenticated boot, with the feature `boot`. May this device open, and with what?
//!
//! ```text
//!   Waiting --CONTROL=1--> Nonce --> Feed <--> Offer       the words go to the tag; nothing has been looked at
//!      ^ BOOT_DATA                      |tag right
//!                                       v
//!                            Fetch --> Look --> Judge      once over all words: is it a manifest, and new enough?
//!                              ^                  |        then again, from the pool on: each word is
//!                              |                  v
//!                              +--- Answer <-- Write       written to the register that it is for
//!                              |      |'--> Configure --> Scrub        after the window: checked, the pool zeroed
//!                              +------|---- Command <-- Write <-- Room after a partition: CREATE
//!                                     v                            at the end, if asked for: SEAL
//!                                  Record --> Open         whatever goes wrong: Failing --> Failed, until reset
//! ```
//!
//! Pool, window and partitions go through the same registers, the same checks and the same commands as without the
//! feature; the host cannot reach those registers meanwhile. The gate's own state says that the configuration is right; it
//! is this block that opens. A word that comes after the manifest has ended, whether it is a second manifest or not, closes
//! until reset.
//!
//! It must never open before the tag of all words has been verified, nor take anything from a word before; nor open after
//! anything was refused.

use super::{
    audit::AuditEntry,
    command_bank::Commands,
    manifest_buffer::WordFacts,
    register_bank::{BankAnswer, RegisterAccess},
};
use crate::constants;
use pm_interface::{registers::offset, BootState as States, Event, Geometry, Status};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Where the boot is.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum LoaderState {
    /// For words, and for their end.
    Waiting,
    /// The tag takes the security version for its nonce.
    Nonce,
    /// A word for the tag is being read.
    Feed,
    /// The tag may take it.
    Offer,
    /// A word is being read.
    Fetch,
    /// It is being looked at.
    Look,
    /// It is asked about.
    Judge,
    /// What was asked about is refused, or the loader goes on.
    Turn,
    /// A register waits for a cycle that the host leaves free.
    Write,
    /// For the register's answer.
    Answer,
    /// For the gate's verdict on pool and window.
    Configure,
    /// The pool is being zeroed.
    Scrub,
    /// For room in the log.
    Room,
    /// For the end of a command.
    Command,
    /// The record is on its way to the log.
    Record,
    /// Open.
    Open,
    /// Closed; for room in the log, and for the record.
    Failing,
    /// Closed.
    Failed,
}

constants! {
    /// Word offsets that the loader knows.
    pub struct LoaderOffsets: Bits<8> {
        /// `CONTROL`.
        control = offset::CONTROL / 4,
        /// `BOOT_DATA`.
        boot_data = offset::BOOT_DATA / 4,
        /// `BOOT_STATE`.
        boot_state = offset::BOOT_STATE / 4,
        /// From a word of the header to its register.
        header = offset::POOL_BASE_LO / 4 - 4,
        /// From a word of a partition to its register, for all but the first.
        partition = offset::CMD_LOGICAL_LO / 4 - 1,
        /// `CMD_TENANT`.
        tenant = offset::CMD_TENANT / 4,
        /// `CMD_RIGHTS`.
        rights = offset::CMD_RIGHTS / 4,
        /// `CMD`.
        cmd = offset::CMD / 4,
    }
}

constants! {
    /// Why a boot ends.
    pub struct BootStatuses: Bits<4> {
        /// `Ok`.
        ok = Status::Ok.code(),
        /// `BadAlignment`: a register does not have the bits.
        bad_alignment = Status::BadAlignment.code(),
        /// `BadSize`: these words are no manifest.
        bad_size = Status::BadSize.code(),
        /// `Locked`: there was one already.
        locked = Status::Locked.code(),
        /// `Integrity`: a wrong tag.
        integrity = Status::Integrity.code(),
        /// `OldVersion`.
        old_version = Status::OldVersion.code(),
    }
}

constants! {
    /// What `BOOT_STATE` shows.
    pub struct BootStates: Bits<3> {
        /// `Closed`.
        closed = States::Closed.code(),
        /// `Checking`.
        checking = States::Checking.code(),
        /// `Active`.
        active = States::Active.code(),
        /// `Failed`.
        failed = States::Failed.code(),
    }
}

/// What a state has found out.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct LoaderOutcome {
    /// The loader has done with this word.
    pub advances: Bit,
    /// It was the manifest's last.
    pub ends: Bit,
    /// It was one of a partition.
    pub steps: Bit,
    /// The boot fails.
    pub fails: Bit,
}

/// A register write in the making.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct LoaderOrder {
    /// The register's word offset.
    pub place: Bits<6>,
    /// Not the word, but `code`.
    pub coded: Bit,
    /// A value of the loader's own.
    pub code: Bits<3>,
    /// The word's lowest byte only.
    pub tenant: Bit,
    /// The word's rights only.
    pub rights: Bit,
}

/// Boots with a manifest, or stays closed.
#[derive(Clone, Debug, LogicBlock)]
pub struct ManifestLoader<const ADDRESS: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: closed, no manifest.
    pub reset: Signal<In, Bit>,
    /// A register access.
    pub access: Signal<In, RegisterAccess>,
    /// It is this block's own.
    pub inner_access: Signal<In, Bit>,
    /// The answer of the gate's registers.
    pub gate_answer: Signal<In, BankAnswer>,
    /// What the register port is told: the gate's answer, but for what this block knows better.
    pub answer: Signal<Out, BankAnswer>,
    /// The access as the gate may see it: it takes writes from here only.
    pub gate_access: Signal<Out, RegisterAccess>,
    /// The access as the command registers may see it: while booting, they take writes from here only.
    pub command_access: Signal<Out, RegisterAccess>,
    /// See [`super::ManifestBuffer::push`].
    pub push: Signal<Out, Bit>,
    /// See [`super::ManifestBuffer::some`].
    pub some: Signal<In, Bit>,
    /// See [`super::ManifestBuffer::enough`].
    pub enough: Signal<In, Bit>,
    /// See [`super::ManifestBuffer::full`].
    pub full: Signal<In, Bit>,
    /// Which word is looked at.
    pub address: Signal<Out, Bits<8>>,
    /// It, one edge later.
    pub word: Signal<In, Bits<32>>,
    /// What it is, two edges later.
    pub facts: Signal<In, WordFacts>,
    /// See [`crate::crypto::ManifestTag::start`].
    pub tag_start: Signal<Out, Bit>,
    /// See [`crate::crypto::ManifestTag::cancel`].
    pub tag_cancel: Signal<Out, Bit>,
    /// A word for the tag; it stays until taken.
    pub tag_valid: Signal<Out, Bit>,
    /// The tag takes it.
    pub tag_ready: Signal<In, Bit>,
    /// The last one before the tag's own.
    pub tag_last: Signal<Out, Bit>,
    /// There is a verdict.
    pub tag_done: Signal<In, Bit>,
    /// It is right.
    pub tag_matches: Signal<In, Bit>,
    /// A register is to be written; it stays until taken.
    pub write: Signal<Out, Bit>,
    /// Which.
    pub write_place: Signal<Out, Bits<6>>,
    /// What.
    pub write_data: Signal<Out, Bits<32>>,
    /// It was taken at the last edge, and is no longer offered.
    pub write_ready: Signal<In, Bit>,
    /// The answer to it comes in this cycle.
    pub answered: Signal<In, Bit>,
    /// It was refused.
    pub answer_error: Signal<In, Bit>,
    /// The shadow page tables are being cleared.
    pub clearing: Signal<In, Bit>,
    /// The gate has a verdict on pool and window.
    pub configured: Signal<In, Bit>,
    /// It is heard in this cycle.
    pub hears_verdict: Signal<Out, Bit>,
    /// It.
    pub gate_status: Signal<In, Bits<4>>,
    /// The gate holds pool and window for right.
    pub gate_active: Signal<In, Bit>,
    /// The scrubber begins, with the whole pool.
    pub scrub_start: Signal<Out, Bit>,
    /// What the scrubber zeroes is the pool.
    pub scrubs_pool: Signal<Out, Bit>,
    /// The scrubber works.
    pub scrub_busy: Signal<In, Bit>,
    /// A command runs.
    pub command_busy: Signal<In, Bit>,
    /// How the last one ended.
    pub command_status: Signal<In, Bits<4>>,
    /// Commands may run: the loader's own, or the gate is open.
    pub commands_run: Signal<Out, Bit>,
    /// The gate is open.
    pub active: Signal<Out, Bit>,
    /// There are quotas.
    pub limited: Signal<Out, Bit>,
    /// For one cycle: it is closed until reset.
    pub alarm: Signal<Out, Bit>,
    /// The log has room for a record, and a place is left beside it.
    pub audit_room: Signal<In, Bit>,
    /// There is a record of the boot.
    pub record_valid: Signal<Out, Bit>,
    /// The record.
    pub record: Signal<Out, AuditEntry<ADDRESS>>,
    /// What is told of the pool.
    pub pool_base: Signal<In, Bits<ADDRESS>>,
    /// The log has taken the record.
    pub record_taken: Signal<In, Bit>,
    state: Register<LoaderState>,
    status: Register<Bits<4>>,
    pointer: Register<Bits<8>>,
    phase: Register<Bits<3>>,
    left: Register<Bits<8>>,
    skip: Register<Bits<8>>,
    limits: Register<Bit>,
    header: Register<Bit>,
    loads: Register<Bit>,
    seals: Register<Bit>,
    order: Register<LoaderOrder>,
    judged: Register<Bit>,
    genuine: Register<Bit>,
    verified: Register<Bit>,
    accepted: Register<Bit>,
    opened: Register<Bit>,
    alarming: Register<Bit>,
    resume: Register<LoaderState>,
    outcome: Register<LoaderOutcome>,
    why: Register<Bits<4>>,
    late: Register<Bit>,
    cleared: Register<Bit>,
    begun: Register<Bit>,
    recording: Register<Bit>,
    scrubs: Register<Bit>,
    scrubbing: Register<Bit>,
    selects_data: Signal<Local, Bit>,
    selects_control: Signal<Local, Bit>,
    words: Signal<Local, Bit>,
    booting: Register<Bit>,
    fails: Signal<Local, Bit>,
    reason: Signal<Local, Bits<4>>,
    advances: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    whole: Signal<Local, Bit>,
    closed: Signal<Local, Bit>,
    corner: Signal<Local, Bits<2>>,
    state_code: Signal<Local, Bits<3>>,
    offsets: LoaderOffsets,
    statuses: BootStatuses,
    states: BootStates,
    commands: Commands,
    event: Constant<Bits<4>>,
    version_word: Constant<Bits<8>>,
    pool_word: Constant<Bits<8>>,
    window_word: Constant<Bits<8>>,
    counts_word: Constant<Bits<8>>,
    /// With `integrity`: no register that a grant rests on has lost a bit.
    pub intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: see [`super::ManifestBuffer::word_odd`].
    pub word_odd: Vec<Signal<In, Bits<4>>>,
    /// With `integrity`: see [`super::ManifestBuffer::rights_odd`].
    pub rights_odd: Vec<Signal<In, Bit>>,
    /// With `integrity`: the parity of `write_data`.
    pub write_odd: Vec<Signal<Out, Bit>>,
    _guards: usize,
    _reports: usize,
}

impl<const ADDRESS: usize> ManifestLoader<ADDRESS> {
    /// With the registers that a grant rests on guarded, and what is told of the boot as well, as the geometry's features say.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        let reports = usize::from(geometry.features.reports_twice());
        Self {
            clock: Default::default(),
            reset: Default::default(),
            access: Default::default(),
            inner_access: Default::default(),
            gate_answer: Default::default(),
            answer: Default::default(),
            gate_access: Default::default(),
            command_access: Default::default(),
            push: Default::default(),
            some: Default::default(),
            enough: Default::default(),
            full: Default::default(),
            address: Default::default(),
            word: Default::default(),
            facts: Default::default(),
            tag_start: Default::default(),
            tag_cancel: Default::default(),
            tag_valid: Default::default(),
            tag_ready: Default::default(),
            tag_last: Default::default(),
            tag_done: Default::default(),
            tag_matches: Default::default(),
            write: Default::default(),
            write_place: Default::default(),
            write_data: Default::default(),
            write_ready: Default::default(),
            answered: Default::default(),
            answer_error: Default::default(),
            clearing: Default::default(),
            configured: Default::default(),
            hears_verdict: Default::default(),
            gate_status: Default::default(),
            gate_active: Default::default(),
            scrub_start: Default::default(),
            scrubs_pool: Default::default(),
            scrub_busy: Default::default(),
            command_busy: Default::default(),
            command_status: Default::default(),
            commands_run: Default::default(),
            active: Default::default(),
            limited: Default::default(),
            alarm: Default::default(),
            audit_room: Default::default(),
            record_valid: Default::default(),
            record: Default::default(),
            pool_base: Default::default(),
            record_taken: Default::default(),
            state: Register::guarded(guards),
            status: Register::guarded(reports),
            pointer: Register::guarded(guards),
            phase: Default::default(),
            left: Default::default(),
            skip: Default::default(),
            limits: Register::guarded(guards),
            header: Register::guarded(guards),
            loads: Register::guarded(guards),
            seals: Register::guarded(guards),
            order: Register::guarded(guards),
            judged: Register::guarded(guards),
            genuine: Register::guarded(guards),
            verified: Register::guarded(guards),
            accepted: Register::guarded(guards),
            opened: Register::guarded(guards),
            alarming: Default::default(),
            resume: Register::guarded(guards),
            outcome: Register::guarded(guards),
            why: Default::default(),
            late: Register::guarded(guards),
            cleared: Default::default(),
            begun: Default::default(),
            recording: Register::guarded(reports),
            scrubs: Default::default(),
            scrubbing: Default::default(),
            selects_data: Default::default(),
            selects_control: Default::default(),
            words: Default::default(),
            booting: Register::guarded(guards),
            fails: Default::default(),
            reason: Default::default(),
            advances: Default::default(),
            ends: Default::default(),
            whole: Default::default(),
            closed: Default::default(),
            corner: Default::default(),
            state_code: Default::default(),
            offsets: Default::default(),
            statuses: Default::default(),
            states: Default::default(),
            commands: Default::default(),
            event: Constant::new(Event::Boot.code().to_bits()),
            version_word: Constant::new(2u64.into()),
            pool_word: Constant::new(4u64.into()),
            window_word: Constant::new(9u64.into()),
            counts_word: Constant::new(10u64.into()),
            intact: vec![Default::default(); guards],
            word_odd: vec![Default::default(); guards],
            rights_odd: vec![Default::default(); guards],
            write_odd: vec![Default::default(); guards],
            _guards: guards,
            _reports: reports,
        }
    }
}

impl<const ADDRESS: usize> Logic for ManifestLoader<ADDRESS> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(
            state, status, pointer, phase, left, skip, limits, header, loads, seals, order, judged, genuine, verified, accepted, opened,
            alarming, recording, booting, scrubs, scrubbing, resume, outcome, why, late, cleared, begun
        ) {
            // Registers: what the host may do, and what it is told.
            self.selects_data.next = self.access.val().selected.get_bit(self.offsets.boot_data.val().index());
            self.selects_control.next = self.access.val().selected.get_bit(self.offsets.control.val().index());
            self.closed.next = (self.state.q.val() == LoaderState::Failing) | (self.state.q.val() == LoaderState::Failed);
            // While a record is on its way a word is refused; otherwise it is one of the manifest, or one too many.
            self.words.next = self.access.val().write
                & self.selects_data.val()
                & self.cleared.q.val()
                & !self.closed.val()
                & (self.state.q.val() != LoaderState::Record);
            self.gate_access.next = self.access.val();
            self.gate_access.next.write = self.access.val().write & self.inner_access.val();
            self.gate_access.next.writes_one = self.access.val().writes_one & self.inner_access.val();
            self.command_access.next = self.access.val();
            self.command_access.next.write = self.access.val().write & (self.inner_access.val() | !self.booting.q.val());

            self.state_code.next = self.states.checking.val();
            match self.state.q.val() {
                LoaderState::Waiting => {
                    self.state_code.next = self.states.closed.val();
                    if !self.cleared.q.val() {
                        self.state_code.next = 0.into();
                    }
                }
                LoaderState::Open => { self.state_code.next = self.states.active.val(); }
                LoaderState::Failing => { self.state_code.next = self.states.failed.val(); }
                LoaderState::Failed => { self.state_code.next = self.states.failed.val(); }
                _ => {}
            }
            self.answer.next = self.gate_answer.val();
            if self.access.val().selected.get_bit(self.offsets.boot_state.val().index()) & self.access.val().read {
                self.answer.next.data =
                    bit_cast::<32, 3>(self.state_code.val()) | (bit_cast::<32, 4>(self.status.q.val()) << 8);
            }
            if self.words.val() {
                self.answer.next.accepted = true;
            }
            if self.selects_control.val()
                & self.access.val().writes_one
                & self.some.val()
                & (self.state.q.val() == LoaderState::Waiting)
            {
                self.answer.next.accepted = true;
            }

            // Nothing happens unless a state says so.
            // As `words`, which in Waiting asks no more than this. A word in the cycle after is one too many: it fails the boot.
            self.push.next =
                self.access.val().write & self.selects_data.val() & self.cleared.q.val() & !self.begun.q.val();
            self.fails.next = false;
            self.reason.next = self.statuses.bad_size.val();
            self.advances.next = false;
            self.ends.next = false;
            self.tag_start.next = false;
            self.tag_valid.next = false;
            self.tag_last.next = self.facts.val().last;
            self.write.next = false;
            self.alarming.d.next = false;
            self.recording.d.next = false;
            self.scrubs.d.next = false;
            self.scrubbing.d.next = false;
            // The last word of a partition, and the last partition's.
            self.corner.next = self.pointer.q.val().get_bits::<2>(0);
            self.whole.next = (self.phase.q.val() == 4) & (self.left.q.val() == 1);

            match self.state.q.val() {
                LoaderState::Waiting => {
                    self.pointer.d.next = self.version_word.val();
                    if self.selects_control.val() & self.access.val().writes_one & self.some.val() {
                        self.state.d.next = LoaderState::Turn;
                        self.resume.d.next = LoaderState::Nonce;
                        self.booting.d.next = true;
                        self.fails.next = !self.enough.val();
                    }
                }
                LoaderState::Nonce => {
                    self.tag_start.next = true;
                    if self.tag_ready.val() {
                        self.pointer.d.next = 0.into();
                        self.state.d.next = LoaderState::Feed;
                    }
                }
                LoaderState::Feed => {
                    self.state.d.next = LoaderState::Offer;
                }
                LoaderState::Offer => {
                    self.tag_valid.next = true;
                    if self.tag_ready.val() {
                        self.pointer.d.next = self.pointer.q.val() + 1;
                        self.state.d.next = LoaderState::Feed;
                    }
                }
                LoaderState::Fetch => {
                    self.state.d.next = LoaderState::Look;
                }
                LoaderState::Look => {
                    self.state.d.next = LoaderState::Judge;
                }
                LoaderState::Judge => {
                    self.state.d.next = LoaderState::Turn;
                    self.resume.d.next = LoaderState::Write;
                    self.order.d.next.place = bit_cast::<6, 8>(self.pointer.q.val() + self.offsets.header.val());
                    self.order.d.next.coded = false;
                    self.order.d.next.code = 1.into();
                    self.order.d.next.tenant = false;
                    self.order.d.next.rights = false;
                    if !self.header.q.val() & (self.skip.q.val() != 0) {
                        // A quota stays where it is, for the gate that compares.
                        self.skip.d.next = self.skip.q.val() - 1;
                        self.fails.next =
                            self.facts.val().last & !((self.skip.q.val() == 1) & (self.left.q.val() == 0));
                        self.advances.next = true;
                        self.ends.next = self.facts.val().last;
                    } else if !self.header.q.val() {
                        self.order.d.next.place =
                            bit_cast::<6, 8>(bit_cast::<8, 3>(self.phase.q.val()) + self.offsets.partition.val());
                        if self.phase.q.val() == 0 {
                            self.order.d.next.place = bit_cast::<6, 8>(self.offsets.tenant.val());
                            self.order.d.next.tenant = true;
                            self.fails.next = (self.left.q.val() == 0) | !self.facts.val().rights_only;
                        }
                        self.fails.next = self.fails.val()
                            | (self.facts.val().last & !self.whole.val())
                            | (self.whole.val() & !self.facts.val().last);
                        if !self.loads.q.val() {
                            self.advances.next = true;
                            self.ends.next = self.facts.val().last;
                        }
                    } else if self.pointer.q.val() == self.counts_word.val() {
                        self.left.d.next = self.word.val().get_bits::<8>(8);
                        self.phase.d.next = 0.into();
                        self.header.d.next = false;
                        self.skip.d.next = self.word.val().get_bits::<8>(0);
                        self.limits.d.next = !self.facts.val().no_quotas;
                        self.fails.next = !self.facts.val().counts_only
                            | (self.facts.val().last & !(self.facts.val().no_partitions & self.facts.val().no_quotas))
                            | !(self.facts.val().no_quotas | self.facts.val().all_quotas);
                        self.advances.next = true;
                        self.ends.next = self.facts.val().last;
                    } else if !self.loads.q.val() {
                        self.advances.next = true;
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
                                self.seals.d.next = self.word.val().get_bit(0);
                            }
                        }
                        // Words 4 to 9: what the gate and the registers say to them is asked when they are written.
                        if self.pointer.q.val().get_bit(2) | self.pointer.q.val().get_bit(3) {
                            self.fails.next = false;
                            self.seals.d.next = self.seals.q.val();
                        }
                    }
                }
                LoaderState::Write => {
                    self.write.next = true;
                    if self.write_ready.val() {
                        self.state.d.next = LoaderState::Answer;
                    }
                }
                LoaderState::Answer => {
                    if self.answered.val() {
                        self.fails.next = self.answer_error.val();
                        self.reason.next = self.statuses.bad_alignment.val();
                        self.state.d.next = LoaderState::Turn;
                        self.resume.d.next = LoaderState::Write;
                        if self.order.q.val().coded {
                            self.resume.d.next = LoaderState::Command;
                            if self.header.q.val() {
                                self.resume.d.next = LoaderState::Configure;
                            }
                        } else if self.header.q.val() {
                            if self.pointer.q.val() == self.window_word.val() {
                                self.order.d.next.place = bit_cast::<6, 8>(self.offsets.control.val());
                                self.order.d.next.coded = true;
                            } else {
                                self.advances.next = true;
                            }
                        } else if self.order.q.val().tenant {
                            self.order.d.next.place = bit_cast::<6, 8>(self.offsets.rights.val());
                            self.order.d.next.tenant = false;
                            self.order.d.next.rights = true;
                        } else if self.phase.q.val() == 4 {
                            self.order.d.next.place = bit_cast::<6, 8>(self.offsets.cmd.val());
                            self.order.d.next.coded = true;
                            self.order.d.next.code = bit_cast::<3, 4>(self.commands.create.val());
                            self.resume.d.next = LoaderState::Room;
                        } else {
                            self.advances.next = true;
                        }
                    }
                }
                LoaderState::Configure => {
                    if self.configured.val() {
                        self.fails.next = self.gate_status.val() != self.statuses.ok.val();
                        self.reason.next = self.gate_status.val();
                        self.accepted.d.next = self.gate_status.val() == self.statuses.ok.val();
                        self.state.d.next = LoaderState::Turn;
                        self.resume.d.next = LoaderState::Scrub;
                    }
                }
                LoaderState::Scrub => {
                    self.scrubbing.d.next = true;
                    self.scrubs.d.next = !self.scrubbing.q.val();
                    if self.scrubbing.q.val() & !self.scrubs.q.val() & !self.scrub_busy.val() {
                        self.advances.next = true;
                        self.state.d.next = LoaderState::Turn;
                    }
                }
                LoaderState::Room => {
                    if self.audit_room.val() {
                        self.state.d.next = LoaderState::Write;
                    }
                }
                LoaderState::Command => {
                    if !self.command_busy.val() {
                        self.fails.next = self.command_status.val() != self.statuses.ok.val();
                        self.reason.next = self.command_status.val();
                        self.advances.next = true;
                        self.ends.next = self.facts.val().last;
                        self.state.d.next = LoaderState::Turn;
                    }
                }
                LoaderState::Record => {
                    self.status.d.next = self.statuses.ok.val();
                    self.recording.d.next = self.recording.q.val() | self.audit_room.val();
                    if self.record_taken.val() {
                        self.recording.d.next = false;
                        self.opened.d.next = self.verified.q.val() & self.accepted.q.val();
                        self.state.d.next = LoaderState::Open;
                        self.booting.d.next = false;
                    }
                }
                // The next word, the second turn, SEAL, or the end.
                LoaderState::Turn => {
                    self.state.d.next = self.resume.q.val();
                    if self.outcome.q.val().advances {
                        self.state.d.next = LoaderState::Fetch;
                        self.pointer.d.next = self.pointer.q.val() + 1;
                        if self.outcome.q.val().steps {
                            self.phase.d.next = self.phase.q.val() + 1;
                            if self.phase.q.val() == 4 {
                                self.phase.d.next = 0.into();
                                self.left.d.next = self.left.q.val() - 1;
                            }
                        }
                        if self.outcome.q.val().ends {
                            if !self.loads.q.val() {
                                self.loads.d.next = true;
                                self.header.d.next = true;
                                self.pointer.d.next = self.pool_word.val();
                            } else if self.seals.q.val() {
                                self.seals.d.next = false;
                                self.pointer.d.next = self.pointer.q.val();
                                self.order.d.next.place = bit_cast::<6, 8>(self.offsets.cmd.val());
                                self.order.d.next.coded = true;
                                self.order.d.next.code = bit_cast::<3, 4>(self.commands.seal.val());
                                self.state.d.next = LoaderState::Room;
                            } else {
                                self.state.d.next = LoaderState::Record;
                            }
                        }
                    }
                    if self.outcome.q.val().fails {
                        self.state.d.next = LoaderState::Failing;
                    }
                }
                LoaderState::Open => {}
                LoaderState::Failing => {
                    self.recording.d.next = self.recording.q.val() | self.audit_room.val();
                    if self.record_taken.val() {
                        self.recording.d.next = false;
                        self.state.d.next = LoaderState::Failed;
                    }
                }
                LoaderState::Failed => {}
                _ => {
                    self.state.d.next = LoaderState::Failing;
                }
            }

            self.judged.d.next = self.tag_done.val();
            self.genuine.d.next = self.tag_done.val() & self.tag_matches.val();
            // SEC_CM: BOOT.TAG
            if self.judged.q.val() & ((self.state.q.val() == LoaderState::Feed) | (self.state.q.val() == LoaderState::Offer)) {
                self.state.d.next = LoaderState::Turn;
                self.resume.d.next = LoaderState::Fetch;
                self.pointer.d.next = 0.into();
                self.header.d.next = true;
                self.verified.d.next = self.genuine.q.val();
                self.fails.next = !self.genuine.q.val();
                self.reason.next = self.statuses.integrity.val();
            }

            // SEC_CM: BOOT.ONCE
            self.late.d.next = self.words.val() & ((self.state.q.val() != LoaderState::Waiting) | self.full.val());
            if self.late.q.val() {
                self.state.d.next = LoaderState::Failing;
            }

            // What a state found out takes effect in Turn, an edge later.
            self.outcome.d.next.advances = self.advances.val();
            self.outcome.d.next.ends = self.ends.val();
            self.outcome.d.next.steps = !self.header.q.val() & (self.skip.q.val() == 0);
            self.outcome.d.next.fails = self.fails.val();
            self.why.d.next = self.reason.val();
            if (self.outcome.q.val().fails | self.late.q.val()) & !self.closed.val() {
                self.booting.d.next = false;
                self.scrubs.d.next = false;
                self.alarming.d.next = true;
                self.status.d.next = self.why.q.val();
                if self.late.q.val() {
                    // A word that no longer fits, or one after the end.
                    self.status.d.next = self.statuses.bad_size.val();
                    if self.begun.q.val() {
                        self.status.d.next = self.statuses.locked.val();
                    }
                }
            }
            self.cleared.d.next = !self.clearing.val();
            self.begun.d.next = self.state.q.val() != LoaderState::Waiting;

            // An edge later, so that nothing slow stands before these.
            if self.closed.val() {
                self.verified.d.next = false;
                self.accepted.d.next = false;
                self.opened.d.next = false;
            }

            self.address.next = self.pointer.q.val();
            self.write_place.next = self.order.q.val().place;
            self.write_data.next = self.word.val();
            if self.order.q.val().coded {
                self.write_data.next = bit_cast::<32, 3>(self.order.q.val().code);
            } else if self.order.q.val().tenant {
                self.write_data.next = bit_cast::<32, 8>(self.word.val().get_bits::<8>(0));
            } else if self.order.q.val().rights {
                self.write_data.next = bit_cast::<32, 5>(self.word.val().get_bits::<5>(8));
            }
            self.tag_cancel.next = self.alarming.q.val();
            self.limited.next = self.limits.q.val();
            self.alarm.next = self.alarming.q.val();
            self.hears_verdict.next = self.state.q.val() == LoaderState::Configure;
            self.scrubs_pool.next = self.state.q.val() == LoaderState::Scrub;
            self.scrub_start.next = self.scrubs.q.val() & (self.state.q.val() == LoaderState::Scrub);
            self.commands_run.next = self.accepted.q.val() & self.verified.q.val();
            self.active.next = self.opened.q.val() & self.verified.q.val() & self.gate_active.val();
            self.record_valid.next = self.recording.q.val();
            self.record.next.event = self.event.val();
            self.record.next.tenant = 0.into();
            self.record.next.slot = 0.into();
            self.record.next.kind = 0.into();
            self.record.next.reason = self.status.q.val();
            self.record.next.address = self.pool_base.val();
            // The others tell and begin, and nothing rests on them. What counts words and partitions has the end for its witness:
            // a count that has lost a bit does not come out even with the manifest's last word, which fails the boot.
            for i in 0..self._guards {
                // The word has been read for long when it is written.
                self.write_odd[i].next = self.word_odd[i].val().xor();
                if self.order.q.val().coded {
                    self.write_odd[i].next = self.order.q.val().code.xor();
                } else if self.order.q.val().tenant {
                    self.write_odd[i].next = self.word_odd[i].val().get_bit(0);
                } else if self.order.q.val().rights {
                    self.write_odd[i].next = self.rights_odd[i].val();
                }
                // Not for a single cycle.
                self.active.next =
                    self.active.val() & self.opened.intact[i].val() & self.verified.intact[i].val();
                self.commands_run.next =
                    self.commands_run.val() & self.accepted.intact[i].val() & self.verified.intact[i].val();
                self.intact[i].next = self.state.intact[i].val()
                    & self.pointer.intact[i].val()
                    & self.limits.intact[i].val()
                    & self.header.intact[i].val()
                    & self.loads.intact[i].val()
                    & self.seals.intact[i].val()
                    & self.order.intact[i].val()
                    & self.judged.intact[i].val()
                    & self.genuine.intact[i].val()
                    & self.verified.intact[i].val()
                    & self.accepted.intact[i].val()
                    & self.opened.intact[i].val()
                    & self.booting.intact[i].val()
                    & self.resume.intact[i].val()
                    & self.outcome.intact[i].val()
                    & self.late.intact[i].val();
                for j in 0..self._reports {
                    self.intact[i].next = self.intact[i].val() & self.status.intact[j].val() & self.recording.intact[j].val();
                }
            }
        }
    }
}
