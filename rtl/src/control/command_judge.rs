//! The command judge: with which status does this command end?
//!
//! ```text
//!   Decide   log's room, gate, seal, operands, slot, lock --+
//!   Weigh    RESIZE, SHARE: window, shared, isolated -------+--> status, refuses
//!   Choose   the allocator's survey, quota -----------------+
//!   Update   PROTECT: isolates a shared block? -------------'
//! ```
//!
//! Combinational. The first reason in the order of the status table counts. In Decide the judge starts from a refusal. In the
//! later steps the judge starts from `Ok`, because a command that Decide refused does not come to these steps. The judge must
//! never say `Ok` for a command that would let two rows overlap, or change a locked row, or change any row after SEAL.

use super::{allocator::Survey, command_decoder::CommandKind, command_operands::Verdicts, command_sequencer::CommandState};
use crate::constants::Statuses;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Decides at four steps whether a command goes on.
    pub struct CommandJudge<SLOT, PAGE, BLOCK> for geometry {
        /// Step that the command is at.
        pub state: Signal<In, CommandState>,
        /// Command that runs.
        pub kind: Signal<In, CommandKind>,
        /// High while the log has room for the command's record.
        pub audit_room: Signal<In, Bit>,
        /// High while the boot gate is open and no alarm has closed it.
        pub active: Signal<In, Bit>,
        /// High from SEAL to reset.
        pub sealed: Signal<In, Bit>,
        /// Verdicts on the operands of the command.
        pub verdicts: Signal<In, Verdicts<PAGE>>,
        /// High: the range ends behind the window.
        pub leaves_window: Signal<In, Bit>,
        /// High: the row of `CMD_SLOT` is valid; read in Decide.
        pub live: Signal<In, Bit>,
        /// High: the row of `CMD_SLOT` is locked; read in Decide.
        pub locked: Signal<In, Bit>,
        /// Findings of the allocator; read in Choose.
        pub survey: Signal<In, Survey<SLOT, BLOCK>>,
        /// High: the tenant would own more than its quota; read in Choose.
        pub over_quota: Signal<In, Bit>,
        /// High: the operands ask for an isolated block.
        pub isolates: Signal<In, Bit>,
        /// High: the block that the command works on is isolated already.
        pub isolated: Signal<In, Bit>,
        /// High: another row has the block of the row that was read three cycles before.
        pub shared: Signal<In, Bit>,
        /// High: another row has the block that RESIZE works on; read in Weigh.
        pub block_shared: Signal<In, Bit>,
        /// High: RESIZE changes the size; read in Weigh.
        pub resizes: Signal<In, Bit>,
        /// Code of a `Status`; valid in Decide, Weigh, Choose and Update.
        pub status: Signal<Out, Bits<4>>,
        /// High: `status` is not `Ok`.
        pub refuses: Signal<Out, Bit>,
        /// High: PROTECT would isolate a block that further rows share.
        pub exposes: Signal<Out, Bit>,
        statuses: Statuses,
        dynamic: Constant<Bit> = Constant::new(geometry.features.dynamic),
    }
}

kernel! {
    CommandJudge<SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) {
        self.status.next = self.statuses.ok.val();
        self.exposes.next = self.dynamic.val() & self.kind.val().protect & self.isolates.val() & self.shared.val();
        match self.state.val() {
            CommandState::Decide => {
                self.status.next = self.statuses.not_active.val();
                if !self.audit_room.val() {
                    self.status.next = self.statuses.audit_full.val();
                } else if !self.active.val() {
                    self.status.next = self.statuses.not_active.val();
                } else if self.sealed.val() & !(self.kind.val().query | self.kind.val().find) {
                    self.status.next = self.statuses.sealed.val();
                } else if self.kind.val().create | self.kind.val().find {
                    if !self.verdicts.val().tenant_known {
                        self.status.next = self.statuses.bad_tenant.val();
                    } else if self.kind.val().create & !self.verdicts.val().aligned {
                        self.status.next = self.statuses.bad_alignment.val();
                    } else if self.kind.val().create & !self.verdicts.val().sized {
                        self.status.next = self.statuses.bad_size.val();
                    } else if !self.verdicts.val().in_window | self.leaves_window.val() {
                        self.status.next = self.statuses.outside_window.val();
                    } else {
                        self.status.next = self.statuses.ok.val();
                    }
                } else if self.kind.val().seal {
                    self.status.next = self.statuses.ok.val();
                } else if self.kind.val().uses_slot {
                    if !self.verdicts.val().slot_known | !self.live.val() {
                        self.status.next = self.statuses.bad_slot.val();
                    } else if self.locked.val() & !self.kind.val().query {
                        self.status.next = self.statuses.locked.val();
                    } else if self.kind.val().share & !self.verdicts.val().tenant_known {
                        self.status.next = self.statuses.bad_tenant.val();
                    } else if (self.kind.val().resize | self.kind.val().share) & !self.verdicts.val().aligned {
                        self.status.next = self.statuses.bad_alignment.val();
                    } else if self.kind.val().resize & !self.verdicts.val().sized {
                        self.status.next = self.statuses.bad_size.val();
                    } else {
                        self.status.next = self.statuses.ok.val();
                    }
                }
            }
            CommandState::Weigh => {
                if self.leaves_window.val() | (self.kind.val().share & !self.verdicts.val().in_window) {
                    self.status.next = self.statuses.outside_window.val();
                } else if (self.block_shared.val() & self.resizes.val())
                    | (self.kind.val().share & (self.isolates.val() | self.isolated.val()))
                {
                    self.status.next = self.statuses.overlap.val();
                }
            }
            CommandState::Choose => {
                if self.kind.val().find {
                    if !self.survey.val().overlaps {
                        self.status.next = self.statuses.bad_slot.val();
                    }
                } else if self.survey.val().overlaps {
                    self.status.next = self.statuses.overlap.val();
                } else if self.over_quota.val() {
                    self.status.next = self.statuses.quota_exceeded.val();
                } else if !self.survey.val().slot_free & !self.kind.val().resize {
                    self.status.next = self.statuses.table_full.val();
                } else if !self.survey.val().fits & !self.kind.val().share {
                    self.status.next = self.statuses.no_space.val();
                }
            }
            // A block that other rows have may not be isolated.
            CommandState::Update => {
                if self.exposes.val() {
                    self.status.next = self.statuses.overlap.val();
                }
            }
            _ => {}
        }
        self.refuses.next = self.status.val() != self.statuses.ok.val();
    }
}

#[cfg(test)]
mod tests {
    use super::super::command_decoder::tests::kind_of;
    use super::*;
    use pm_interface::Command::{self, Create, Destroy, Find, Lock, Protect, Query, Resize, Seal, Share};
    use pm_interface::{
        Geometry,
        Status::{
            self, AuditFull, BadAlignment, BadSize, BadSlot, BadTenant, Locked, NoSpace, NotActive, Ok, OutsideWindow, Overlap,
            QuotaExceeded, Sealed, TableFull,
        },
    };

    type Judge = CommandJudge<1, 1, 2>;

    /// The commands, in the order of a line of the tables.
    const COMMANDS: [Command; 9] = [Create, Find, Query, Seal, Destroy, Protect, Lock, Resize, Share];

    /// A judge to which nothing is an objection.
    fn content(geometry: &str, step: CommandState, command: Command) -> Judge {
        let mut judge = Judge::new(&Geometry::preset(geometry).unwrap());
        judge.connect_all();
        judge.state.next = step;
        judge.kind.next = kind_of(command);
        judge.audit_room.next = true;
        judge.active.next = true;
        judge.live.next = true;
        judge.verdicts.next.tenant_known = true;
        judge.verdicts.next.aligned = true;
        judge.verdicts.next.sized = true;
        judge.verdicts.next.in_window = true;
        judge.verdicts.next.slot_known = true;
        judge.survey.next.slot_free = true;
        judge.survey.next.fits = true;
        judge.survey.next.overlaps = command == Find;
        judge
    }

    /// Each command meets the stimulus at this step and gets the status of its place.
    #[track_caller]
    fn check(step: CommandState, stimulus: impl Fn(&mut Judge), expected: [Status; 9]) {
        for (command, expected) in COMMANDS.into_iter().zip(expected) {
            let mut judge = content("tiny+dynamic", step, command);
            stimulus(&mut judge);
            simulate(&mut judge, 100);
            let status = judge.status.val().to_u64();
            assert_eq!(status, u64::from(expected.code()), "{command:?} at {step:?}: {expected:?} was expected");
            assert_eq!(judge.refuses.val(), expected != Ok, "{command:?} at {step:?}");
        }
    }

    #[test]
    fn decide_each_status_for_each_command() {
        let decide = |stimulus: fn(&mut Judge), expected| check(CommandState::Decide, stimulus, expected);
        // Create, Find, Query, Seal, Destroy, Protect, Lock, Resize, Share
        decide(|_| {}, [Ok; 9]);
        decide(|judge| judge.audit_room.next = false, [AuditFull; 9]);
        decide(|judge| judge.active.next = false, [NotActive; 9]);
        decide(|judge| judge.sealed.next = true, [Sealed, Ok, Ok, Sealed, Sealed, Sealed, Sealed, Sealed, Sealed]);
        decide(|judge| judge.verdicts.next.tenant_known = false, [BadTenant, BadTenant, Ok, Ok, Ok, Ok, Ok, Ok, BadTenant]);
        decide(|judge| judge.verdicts.next.aligned = false, [BadAlignment, Ok, Ok, Ok, Ok, Ok, Ok, BadAlignment, BadAlignment]);
        decide(|judge| judge.verdicts.next.sized = false, [BadSize, Ok, Ok, Ok, Ok, Ok, Ok, BadSize, Ok]);
        // SHARE is asked for its window in Weigh, when the row's size is known.
        decide(|judge| judge.verdicts.next.in_window = false, [OutsideWindow, OutsideWindow, Ok, Ok, Ok, Ok, Ok, Ok, Ok]);
        decide(|judge| judge.leaves_window.next = true, [OutsideWindow, OutsideWindow, Ok, Ok, Ok, Ok, Ok, Ok, Ok]);
        let of_slot = [Ok, Ok, BadSlot, Ok, BadSlot, BadSlot, BadSlot, BadSlot, BadSlot];
        decide(|judge| judge.verdicts.next.slot_known = false, of_slot);
        decide(|judge| judge.live.next = false, of_slot);
        decide(|judge| judge.locked.next = true, [Ok, Ok, Ok, Ok, Locked, Locked, Locked, Locked, Locked]);
        // The questions of later steps refuse no command in Decide.
        decide(|judge| judge.survey.next = Survey::default(), [Ok; 9]);
        decide(|judge| judge.over_quota.next = true, [Ok; 9]);
        decide(|judge| judge.block_shared.next = true, [Ok; 9]);
        decide(|judge| judge.shared.next = true, [Ok; 9]);
        decide(|judge| judge.isolated.next = true, [Ok; 9]);
    }

    #[test]
    fn decide_the_first_of_several_reasons_counts() {
        fn worst(judge: &mut Judge) {
            judge.audit_room.next = false;
            judge.active.next = false;
            judge.sealed.next = true;
            judge.verdicts.next = Verdicts::default();
            judge.leaves_window.next = true;
            judge.live.next = false;
            judge.locked.next = true;
        }
        let decide = |stimulus: &dyn Fn(&mut Judge), expected| {
            check(
                CommandState::Decide,
                |judge| {
                    worst(judge);
                    stimulus(judge);
                },
                expected,
            );
        };
        decide(&|_| {}, [AuditFull; 9]);
        let room = |judge: &mut Judge| judge.audit_room.next = true;
        decide(&room, [NotActive; 9]);
        let active = |judge: &mut Judge| {
            room(judge);
            judge.active.next = true;
        };
        decide(&active, [Sealed, BadTenant, BadSlot, Sealed, Sealed, Sealed, Sealed, Sealed, Sealed]);
        let unsealed = |judge: &mut Judge| {
            active(judge);
            judge.sealed.next = false;
        };
        decide(&unsealed, [BadTenant, BadTenant, BadSlot, Ok, BadSlot, BadSlot, BadSlot, BadSlot, BadSlot]);
        let live = |judge: &mut Judge| {
            unsealed(judge);
            judge.verdicts.next.slot_known = true;
            judge.live.next = true;
        };
        decide(&live, [BadTenant, BadTenant, Ok, Ok, Locked, Locked, Locked, Locked, Locked]);
        let unlocked = |judge: &mut Judge| {
            live(judge);
            judge.locked.next = false;
        };
        decide(&unlocked, [BadTenant, BadTenant, Ok, Ok, Ok, Ok, Ok, BadAlignment, BadTenant]);
        let known = |judge: &mut Judge| {
            unlocked(judge);
            judge.verdicts.next.tenant_known = true;
        };
        decide(&known, [BadAlignment, OutsideWindow, Ok, Ok, Ok, Ok, Ok, BadAlignment, BadAlignment]);
        let aligned = |judge: &mut Judge| {
            known(judge);
            judge.verdicts.next.aligned = true;
        };
        decide(&aligned, [BadSize, OutsideWindow, Ok, Ok, Ok, Ok, Ok, BadSize, Ok]);
    }

    #[test]
    fn decide_refuses_what_is_no_command() {
        let mut judge = content("tiny+dynamic", CommandState::Decide, Create);
        judge.kind.next = CommandKind::default();
        simulate(&mut judge, 100);
        assert!(judge.refuses.val());
        assert_eq!(judge.status.val().to_u64(), u64::from(NotActive.code()));
    }

    #[test]
    fn choose_each_status_for_each_command() {
        let choose = |stimulus: fn(&mut Judge), expected| check(CommandState::Choose, stimulus, expected);
        // Only CREATE, FIND, RESIZE and SHARE come to Choose; what the judge says of the others is never taken.
        choose(|_| {}, [Ok; 9]);
        choose(
            |judge| judge.survey.next.overlaps = !judge.kind.next.find,
            [Overlap, BadSlot, Overlap, Overlap, Overlap, Overlap, Overlap, Overlap, Overlap],
        );
        choose(
            |judge| judge.over_quota.next = true,
            [
                QuotaExceeded,
                Ok,
                QuotaExceeded,
                QuotaExceeded,
                QuotaExceeded,
                QuotaExceeded,
                QuotaExceeded,
                QuotaExceeded,
                QuotaExceeded,
            ],
        );
        choose(
            |judge| judge.survey.next.slot_free = false,
            [TableFull, Ok, TableFull, TableFull, TableFull, TableFull, TableFull, Ok, TableFull],
        );
        choose(|judge| judge.survey.next.fits = false, [NoSpace, Ok, NoSpace, NoSpace, NoSpace, NoSpace, NoSpace, NoSpace, Ok]);
        // Overlap before the quota, the quota before the slot, the slot before the room.
        choose(
            |judge| {
                judge.survey.next = Survey { overlaps: true, ..Survey::default() };
                judge.over_quota.next = true;
            },
            [Overlap, Ok, Overlap, Overlap, Overlap, Overlap, Overlap, Overlap, Overlap],
        );
        choose(
            |judge| judge.survey.next = Survey { overlaps: judge.kind.next.find, ..Survey::default() },
            [TableFull, Ok, TableFull, TableFull, TableFull, TableFull, TableFull, NoSpace, TableFull],
        );
    }

    #[test]
    fn weigh_each_status_for_each_command() {
        let weigh = |stimulus: fn(&mut Judge), expected| check(CommandState::Weigh, stimulus, expected);
        // Only RESIZE and SHARE come to Weigh.
        weigh(|_| {}, [Ok; 9]);
        weigh(|judge| judge.leaves_window.next = true, [OutsideWindow; 9]);
        weigh(|judge| judge.verdicts.next.in_window = false, [Ok, Ok, Ok, Ok, Ok, Ok, Ok, Ok, OutsideWindow]);
        weigh(|judge| judge.isolates.next = true, [Ok, Ok, Ok, Ok, Ok, Ok, Ok, Ok, Overlap]);
        weigh(|judge| judge.isolated.next = true, [Ok, Ok, Ok, Ok, Ok, Ok, Ok, Ok, Overlap]);
        weigh(|judge| judge.block_shared.next = true, [Ok; 9]);
        weigh(|judge| judge.resizes.next = true, [Ok; 9]);
        weigh(
            |judge| {
                judge.block_shared.next = true;
                judge.resizes.next = true;
            },
            [Overlap; 9],
        );
        weigh(
            |judge| {
                judge.leaves_window.next = true;
                judge.isolates.next = true;
            },
            [OutsideWindow; 9],
        );
    }

    #[test]
    fn update_refuses_to_isolate_a_shared_block() {
        let update = |stimulus: fn(&mut Judge), expected| check(CommandState::Update, stimulus, expected);
        update(|_| {}, [Ok; 9]);
        update(|judge| judge.isolates.next = true, [Ok; 9]);
        update(|judge| judge.shared.next = true, [Ok; 9]);
        fn both(judge: &mut Judge) {
            judge.isolates.next = true;
            judge.shared.next = true;
        }
        update(both, [Ok, Ok, Ok, Ok, Ok, Overlap, Ok, Ok, Ok]);
        // Without `dynamic` no block is shared.
        let mut judge = content("tiny", CommandState::Update, Protect);
        both(&mut judge);
        simulate(&mut judge, 100);
        assert!(!judge.refuses.val() && !judge.exposes.val());
    }
}
