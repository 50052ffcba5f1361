//! The command sequencer: which step comes next?
//!
//! ```text
//!   Idle --start--> Decide --+--> Scan --> Choose --> Reserve, Settle --> Scrub --> Map --> Update  (CREATE)
//!                            |               +--> Fetch --> Read -------------------------+  |    (FIND)
//!                            +--> Revoke --> Unmap --> Scrub --> Free -------------------+|  |    (DESTROY)
//!                            +--> Update -----------------------------------------------+||  |    (PROTECT, LOCK)
//!                            +---------------------------------------------------------+|||  |    (SEAL, QUERY)
//!                                                                                      vvvv  v
//!   Idle <-- Done <------------------------------------------------------------------- Record
//!
//!   With `dynamic`:
//!   Decide --> Measure --> Compare --> Weigh --> Probe --+--> Record                             (RESIZE, the same size)
//!                                                        +--> Scan --> Choose --> Reserve, Settle
//!                                                        |      --> Scrub --> Map --> Update     (RESIZE, growth)
//!                                                        |      --> Map --> Update               (SHARE)
//!                                                        +--> Shrink --> Unmap --> Scrub --> Free (RESIZE, shrinking)
//! ```
//!
//! The step after Decide and after Choose depends on the command only, so that no comparison stands before the state. When the
//! command is refused, the next step gives no order and goes to Record.
//!
//! A step that waits for scrubber or shadow writer starts it in its second cycle and looks at its `busy` from the third on.

use super::command_decoder::CommandKind;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// The step that a command is at.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum CommandState {
    /// No command runs; with `start`, the operands are being examined and the row of `CMD_SLOT` is being read.
    Idle,
    /// The command is refused, or begins.
    Decide,
    /// The allocator walks the table.
    Scan,
    /// The allocator's findings are judged.
    Choose,
    /// The row is written, not yet valid.
    Reserve,
    /// Physical accesses that met the block before it was guarded get their answers.
    Settle,
    /// The block is zeroed.
    Scrub,
    /// The shadow pages are mapped.
    Map,
    /// The row becomes valid, or its rights change.
    Update,
    /// The row becomes invalid.
    Revoke,
    /// The shadow pages are unmapped.
    Unmap,
    /// The block becomes free.
    Free,
    /// The row that FIND found is being read.
    Fetch,
    /// The row that FIND found is taken into the operands.
    Read,
    /// The record is on its way to the log.
    Record,
    /// The result is written.
    Done,
    /// RESIZE, SHARE: the row is measured.
    Measure,
    /// RESIZE: the new size is compared with the old.
    Compare,
    /// RESIZE, SHARE: the comparison is judged.
    Weigh,
    /// RESIZE, SHARE: the allocator begins, if it is needed.
    Probe,
    /// RESIZE: the row's end moves in.
    Shrink,
}

block! {
    /// Steps through a command, and waits for those who work on it.
    pub struct CommandSequencer for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no command runs.
        pub reset: Signal<In, Bit>,
        /// High: a command begins; ignored while one runs.
        pub start: Signal<In, Bit>,
        /// Command that runs.
        pub kind: Signal<In, CommandKind>,
        /// High: the command is refused.
        pub refused: Signal<In, Bit>,
        /// High: the log had no room, and the command leaves no record.
        pub no_room: Signal<In, Bit>,
        /// High: RESIZE makes the row larger.
        pub grows: Signal<In, Bit>,
        /// High: RESIZE makes the row smaller.
        pub shrinks: Signal<In, Bit>,
        /// High: another row goes on using the block.
        pub block_shared: Signal<In, Bit>,
        /// High while the allocator walks the table.
        pub scan_busy: Signal<In, Bit>,
        /// High while the scrubber works.
        pub scrub_busy: Signal<In, Bit>,
        /// High while the shadow writer works.
        pub shadow_busy: Signal<In, Bit>,
        /// High: the log takes the record at this edge.
        pub record_taken: Signal<In, Bit>,
        /// Step that the command is at.
        pub state: Signal<Out, CommandState>,
        /// High: the scrubber begins.
        pub scrub_start: Signal<Out, Bit>,
        /// High: the shadow writer begins.
        pub shadow_start: Signal<Out, Bit>,
        step: Register<CommandState> where guarded,
        waiting: Register<Bit> where guarded,
        scrubs: Register<Bit> where guarded,
        maps: Register<Bit> where guarded,
        dynamic: Constant<Bit> = Constant::new(geometry.features.dynamic),
        /// High while no register of this block has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
        /// High: the row that was read a cycle before is what was written.
        pub row_intact: Signal<In, Bit> where integrity,
        /// High: the block of the row that is read is taken. The contents of a free row have no effect.
        pub row_held: Signal<In, Bit> where integrity,
        /// High: the command rests on a row with a wrong bit, and goes no further.
        pub flawed: Signal<Out, Bit> where integrity,
        // A bit that is lost here refuses a command, or is the second one.
        rests_on_row: Register<Bit> where integrity,
    }
}

kernel! {
    CommandSequencer
    #[hdl_gen]
    fn update(&mut self) guarded(step, waiting, scrubs, maps) {
        self.waiting.d.next = false;
        self.scrubs.d.next = false;
        self.maps.d.next = false;
        match self.step.q.val() {
            CommandState::Idle => {
                if self.start.val() {
                    self.step.d.next = CommandState::Decide;
                }
            }
            CommandState::Decide => {
                self.step.d.next = CommandState::Record;
                if self.kind.val().create | self.kind.val().find {
                    self.step.d.next = CommandState::Scan;
                } else if self.kind.val().resize | self.kind.val().share {
                    self.step.d.next = CommandState::Measure;
                } else if self.kind.val().destroy {
                    self.step.d.next = CommandState::Revoke;
                } else if self.kind.val().protect | self.kind.val().lock {
                    self.step.d.next = CommandState::Update;
                }
            }
            CommandState::Scan => {
                if self.refused.val() {
                    self.step.d.next = CommandState::Record;
                } else if !self.scan_busy.val() {
                    self.step.d.next = CommandState::Choose;
                }
            }
            CommandState::Choose => {
                self.step.d.next = CommandState::Reserve;
                if self.kind.val().find {
                    self.step.d.next = CommandState::Fetch;
                }
            }
            CommandState::Reserve => {
                self.step.d.next = CommandState::Settle;
                if self.refused.val() {
                    self.step.d.next = CommandState::Record;
                }
            }
            CommandState::Settle => {
                self.step.d.next = CommandState::Scrub;
                if self.kind.val().share {
                    self.step.d.next = CommandState::Map;
                }
            }
            CommandState::Scrub => {
                self.waiting.d.next = true;
                self.scrubs.d.next = !self.waiting.q.val();
                if self.waiting.q.val() & !self.scrubs.q.val() & !self.scrub_busy.val() {
                    self.waiting.d.next = false;
                    self.step.d.next = CommandState::Free;
                    if self.kind.val().create | (self.kind.val().resize & self.grows.val()) {
                        self.step.d.next = CommandState::Map;
                    }
                }
            }
            CommandState::Map => {
                self.waiting.d.next = true;
                self.maps.d.next = !self.waiting.q.val();
                if self.waiting.q.val() & !self.maps.q.val() & !self.shadow_busy.val() {
                    self.step.d.next = CommandState::Update;
                }
            }
            CommandState::Update => {
                self.step.d.next = CommandState::Record;
            }
            CommandState::Revoke => {
                self.step.d.next = CommandState::Unmap;
                if self.refused.val() {
                    self.step.d.next = CommandState::Record;
                }
            }
            CommandState::Unmap => {
                self.waiting.d.next = true;
                self.maps.d.next = !self.waiting.q.val();
                if self.waiting.q.val() & !self.maps.q.val() & !self.shadow_busy.val() {
                    self.waiting.d.next = false;
                    self.step.d.next = CommandState::Scrub;
                    if self.kind.val().destroy & self.block_shared.val() {
                        self.step.d.next = CommandState::Free;
                    }
                }
            }
            CommandState::Free => {
                self.step.d.next = CommandState::Record;
            }
            CommandState::Fetch => {
                self.step.d.next = CommandState::Read;
                if self.refused.val() {
                    self.step.d.next = CommandState::Record;
                }
            }
            CommandState::Read => {
                self.step.d.next = CommandState::Record;
            }
            CommandState::Record => {
                if self.record_taken.val() | self.no_room.val() {
                    self.step.d.next = CommandState::Done;
                }
            }
            CommandState::Done => {
                self.step.d.next = CommandState::Idle;
            }
            // Each of the steps of RESIZE and SHARE names `dynamic`, so that without it synthesis leaves them out.
            CommandState::Measure => {
                self.step.d.next = CommandState::Record;
                if self.dynamic.val() & !self.refused.val() {
                    self.step.d.next = CommandState::Compare;
                }
            }
            CommandState::Compare => {
                self.step.d.next = CommandState::Record;
                if self.dynamic.val() {
                    self.step.d.next = CommandState::Weigh;
                }
            }
            CommandState::Weigh => {
                self.step.d.next = CommandState::Record;
                if self.dynamic.val() {
                    self.step.d.next = CommandState::Probe;
                }
            }
            CommandState::Probe => {
                self.step.d.next = CommandState::Record;
                if self.kind.val().share | self.grows.val() {
                    self.step.d.next = CommandState::Scan;
                } else if self.dynamic.val() & self.shrinks.val() & !self.refused.val() {
                    self.step.d.next = CommandState::Shrink;
                }
            }
            CommandState::Shrink => {
                self.step.d.next = CommandState::Unmap;
            }
            _ => {
                self.step.d.next = CommandState::Idle;
            }
        }
        self.state.next = self.step.q.val();
        self.scrub_start.next = self.scrubs.q.val();
        self.shadow_start.next = self.maps.q.val();
    }
    // A command that has read a row with a wrong bit goes no further, and has changed nothing.
    when(rests_on_row) registers(rests_on_row) {
        self.rests_on_row[0].d.next = self.row_held[0].val()
            & (((self.step.q.val() == CommandState::Decide) & self.kind.val().uses_slot)
                | (self.step.q.val() == CommandState::Scan)
                | (self.step.q.val() == CommandState::Read));
        self.flawed[0].next = self.rests_on_row[0].q.val() & !self.row_intact[0].val() & !self.no_room.val();
        if self.flawed[0].val() & (self.step.q.val() != CommandState::Record) {
            self.step.d.next = CommandState::Record;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::command_decoder::tests::kind_of;
    use super::CommandState::*;
    use super::*;
    use pm_interface::{Command, Geometry};

    /// The steps of a command after Idle, to the next Idle. Scrubber, allocator and shadow writer need no time here.
    #[track_caller]
    fn check(command: Command, stimulus: impl Fn(&mut CommandSequencer), expected: &[CommandState]) {
        let mut sequencer = CommandSequencer::new(&Geometry::preset("tiny+dynamic").unwrap());
        sequencer.connect_all();
        sequencer.kind.next = kind_of(command);
        sequencer.record_taken.next = true;
        sequencer.start.next = true;
        stimulus(&mut sequencer);
        let mut steps = Vec::new();
        while steps.len() < 40 {
            tick!(sequencer);
            sequencer.start.next = false;
            steps.push(sequencer.state.val());
            if sequencer.state.val() == Idle {
                break;
            }
        }
        assert_eq!(steps, expected, "{command:?}");
    }

    fn refused(sequencer: &mut CommandSequencer) {
        sequencer.refused.next = true;
    }

    #[test]
    fn each_command_has_its_steps() {
        let fine = |_: &mut CommandSequencer| {};
        let (scrub, map, unmap) = ([Scrub; 3], [Map; 3], [Unmap; 3]);
        let create = [&[Decide, Scan, Choose, Reserve, Settle], &scrub[..], &map, &[Update, Record, Done, Idle]].concat();
        check(Command::Create, fine, &create);
        check(Command::Find, fine, &[Decide, Scan, Choose, Fetch, Read, Record, Done, Idle]);
        let destroy = [&[Decide, Revoke], &unmap[..], &scrub, &[Free, Record, Done, Idle]].concat();
        check(Command::Destroy, fine, &destroy);
        let unshare = [&[Decide, Revoke], &unmap[..], &[Free, Record, Done, Idle]].concat();
        check(Command::Destroy, |sequencer| sequencer.block_shared.next = true, &unshare);
        check(Command::Protect, fine, &[Decide, Update, Record, Done, Idle]);
        check(Command::Lock, fine, &[Decide, Update, Record, Done, Idle]);
        check(Command::Seal, fine, &[Decide, Record, Done, Idle]);
        check(Command::Query, fine, &[Decide, Record, Done, Idle]);
        let weighed = [Decide, Measure, Compare, Weigh, Probe];
        check(Command::Resize, fine, &[&weighed[..], &[Record, Done, Idle]].concat());
        let found = [Scan, Choose, Reserve, Settle];
        let grow = [&weighed[..], &found, &scrub, &map, &[Update, Record, Done, Idle]].concat();
        check(Command::Resize, |sequencer| sequencer.grows.next = true, &grow);
        let shrink = [&weighed[..], &[Shrink], &unmap, &scrub, &[Free, Record, Done, Idle]].concat();
        check(Command::Resize, |sequencer| sequencer.shrinks.next = true, &shrink);
        let share = [&weighed[..], &found, &map, &[Update, Record, Done, Idle]].concat();
        check(Command::Share, fine, &share);
    }

    #[test]
    fn a_refused_command_goes_to_its_record() {
        check(Command::Create, refused, &[Decide, Scan, Record, Done, Idle]);
        check(Command::Find, refused, &[Decide, Scan, Record, Done, Idle]);
        check(Command::Destroy, refused, &[Decide, Revoke, Record, Done, Idle]);
        check(Command::Protect, refused, &[Decide, Update, Record, Done, Idle]);
        check(Command::Lock, refused, &[Decide, Update, Record, Done, Idle]);
        check(Command::Seal, refused, &[Decide, Record, Done, Idle]);
        check(Command::Query, refused, &[Decide, Record, Done, Idle]);
        check(Command::Resize, refused, &[Decide, Measure, Record, Done, Idle]);
        check(Command::Share, refused, &[Decide, Measure, Record, Done, Idle]);
    }

    #[test]
    fn a_command_waits_for_those_who_work_for_it() {
        let stuck = |step: CommandState, stimulus: fn(&mut CommandSequencer), command: Command| {
            check_stuck(step, stimulus, command);
        };
        stuck(Scan, |sequencer| sequencer.scan_busy.next = true, Command::Create);
        stuck(Scrub, |sequencer| sequencer.scrub_busy.next = true, Command::Create);
        stuck(Map, |sequencer| sequencer.shadow_busy.next = true, Command::Create);
        stuck(Unmap, |sequencer| sequencer.shadow_busy.next = true, Command::Destroy);
        stuck(Record, |sequencer| sequencer.record_taken.next = false, Command::Query);
        // Without room in the log there is no record to wait for.
        let no_room = |sequencer: &mut CommandSequencer| {
            sequencer.no_room.next = true;
            sequencer.record_taken.next = false;
        };
        check(Command::Query, no_room, &[Decide, Record, Done, Idle]);
    }

    #[track_caller]
    fn check_stuck(step: CommandState, stimulus: fn(&mut CommandSequencer), command: Command) {
        let mut sequencer = CommandSequencer::new(&Geometry::preset("tiny").unwrap());
        sequencer.connect_all();
        sequencer.kind.next = kind_of(command);
        sequencer.record_taken.next = true;
        sequencer.start.next = true;
        stimulus(&mut sequencer);
        for _ in 0..30 {
            tick!(sequencer);
        }
        assert_eq!(sequencer.state.val(), step, "{command:?}");
    }

    #[test]
    fn a_row_with_a_wrong_bit_ends_the_command() {
        let mut sequencer = CommandSequencer::new(&Geometry::preset("tiny+integrity").unwrap());
        sequencer.connect_all();
        sequencer.kind.next = kind_of(Command::Destroy);
        sequencer.start.next = true;
        sequencer.row_held[0].next = true;
        let mut steps = Vec::new();
        for _ in 0..3 {
            tick!(sequencer);
            steps.push((sequencer.state.val(), sequencer.flawed[0].val()));
        }
        // The row is read in Decide, and its parity is known a cycle later.
        assert_eq!(steps, [(Decide, false), (Revoke, true), (Record, false)]);
    }
}
