//! The row builder: which row is written, and where?
//!
//! ```text
//!   CMD_SLOT -------> slot to read --[edge]--> row, as PROTECT and LOCK change it --[edge]--> target
//!   operands, survey, ranges ------------------> the row of CREATE and SHARE -------[edge]-----'
//!   target, new end ---------------------------> the tail of RESIZE ----[edge]--> tail, and the row's new end
//! ```
//!
//! The row builder only provides the row that the command driver writes. The row builder must never change `target` in the cycle
//! before a write.

use super::{allocator::Survey, command_bank::Operands, command_decoder::CommandKind, command_sequencer::CommandState};
use crate::store::Row;
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// The granules by which RESIZE changes a row.
    pub struct Tail<PAGE, BLOCK> {
        /// First granule in the tenant's window.
        pub first_page: Bits<PAGE>,
        /// Last granule in the tenant's window.
        pub last_page: Bits<PAGE>,
        /// First granule in the pool's frame; zero when the row ends with the frame.
        pub first_block: Bits<BLOCK>,
        /// Last granule in the pool's frame.
        pub last_block: Bits<BLOCK>,
    }
}

block! {
    /// Keeps the row that a command works on, and makes the row that is written.
    pub struct RowBuilder<ADDRESS, TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the row is zero.
        pub reset: Signal<In, Bit>,
        /// Step that the command is at.
        pub state: Signal<In, CommandState>,
        /// Command that runs.
        pub kind: Signal<In, CommandKind>,
        /// High: the command is refused.
        pub refused: Signal<In, Bit>,
        /// Operands of the command, steady while it runs.
        pub operands: Signal<In, Operands<ADDRESS>>,
        /// Row that was read; taken in Decide and Read.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Findings of the allocator; taken in Choose.
        pub survey: Signal<In, Survey<SLOT, BLOCK>>,
        /// First page of the range that is asked for.
        pub first_page: Signal<In, Bits<PAGE>>,
        /// Last page of the range that is asked for.
        pub last_page: Signal<In, Bits<PAGE>>,
        /// Granules that the allocator looked for, less one.
        pub span: Signal<In, Bits<PAGE>>,
        /// Last granule of the row with the new size, in the pool's frame.
        pub end_block: Signal<In, Bits<BLOCK>>,
        /// High: RESIZE makes the row larger.
        pub grows: Signal<In, Bit>,
        /// High: RESIZE makes the row smaller.
        pub shrinks: Signal<In, Bit>,
        /// Slot of the row to read when the allocator reads none.
        pub slot: Signal<Out, Bits<SLOT>>,
        /// Row that the command works on, and that is written.
        pub target: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
        /// Slot of that row.
        pub target_slot: Signal<Out, Bits<SLOT>>,
        /// Granules that RESIZE works on; valid from Probe on.
        pub tail: Signal<Out, Tail<PAGE, BLOCK>>,
        /// Range that scrubber and shadow writer work on: that of the row, or of its tail.
        pub current: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
        built: Register<Row<TENANT, PAGE, BLOCK>> where guarded,
        built_slot: Register<Bits<SLOT>> where guarded,
        extent: Register<Tail<PAGE, BLOCK>> where guarded,
        rights: Signal<Local, Bits<5>>,
        dynamic: Constant<Bit> = Constant::new(geometry.features.dynamic),
        /// High while no register of this block has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    RowBuilder<ADDRESS, TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(built, built_slot, extent) {
        self.rights.next = self.operands.val().rights;
        self.slot.next = self.built_slot.q.val();
        match self.state.val() {
            CommandState::Idle => {
                self.built_slot.d.next = bit_cast::<SLOT, 8>(self.operands.val().slot);
                // A cycle earlier: the block of the row is compared with the blocks of all other rows before the judge asks
                // whether the block is shared.
                if self.dynamic.val() {
                    self.slot.next = bit_cast::<SLOT, 8>(self.operands.val().slot);
                }
            }
            CommandState::Decide => {
                self.built.d.next = self.row.val();
                if self.kind.val().protect {
                    self.built.d.next.read = self.rights.val().get_bit(0);
                    self.built.d.next.write = self.rights.val().get_bit(1);
                    self.built.d.next.execute = self.rights.val().get_bit(2);
                    self.built.d.next.isolated = self.rights.val().get_bit(3);
                } else if self.kind.val().lock {
                    self.built.d.next.locked = true;
                }
            }
            CommandState::Weigh => {
                self.extent.d.next.first_page = self.last_page.val() + 1;
                self.extent.d.next.last_page = self.built.q.val().last_page;
                self.extent.d.next.first_block = self.end_block.val() + 1;
                self.extent.d.next.last_block = self.built.q.val().last_block;
                if self.grows.val() {
                    self.extent.d.next.first_page = self.built.q.val().last_page + 1;
                    self.extent.d.next.last_page = self.last_page.val();
                    self.extent.d.next.first_block = self.built.q.val().last_block + 1;
                    self.extent.d.next.last_block = self.end_block.val();
                }
            }
            CommandState::Probe => {
                if self.dynamic.val()
                    & !(self.kind.val().share | self.grows.val())
                    & self.shrinks.val()
                    & !self.refused.val()
                {
                    self.built.d.next.last_page = self.last_page.val();
                    self.built.d.next.last_block = self.end_block.val();
                }
            }
            CommandState::Choose => {
                self.built.d.next.last_page = self.last_page.val();
                if self.kind.val().resize {
                    self.built.d.next.last_block = self.end_block.val();
                } else {
                    self.built.d.next.tenant = bit_cast::<TENANT, 8>(self.operands.val().tenant);
                    self.built.d.next.first_page = self.first_page.val();
                    self.built.d.next.read = self.rights.val().get_bit(0);
                    self.built.d.next.write = self.rights.val().get_bit(1);
                    self.built.d.next.execute = self.rights.val().get_bit(2);
                    self.built.d.next.isolated = self.rights.val().get_bit(3);
                    self.built.d.next.locked = self.rights.val().get_bit(4);
                    self.built_slot.d.next = self.survey.val().slot;
                    if self.kind.val().share {
                        self.built.d.next.delta =
                            self.built.q.val().first_block - bit_cast::<BLOCK, PAGE>(self.first_page.val());
                    } else {
                        self.built.d.next.first_block = self.survey.val().first_block;
                        self.built.d.next.last_block =
                            self.survey.val().first_block + bit_cast::<BLOCK, PAGE>(self.span.val());
                        self.built.d.next.delta =
                            self.survey.val().first_block - bit_cast::<BLOCK, PAGE>(self.first_page.val());
                    }
                }
                if self.kind.val().find {
                    self.built_slot.d.next = self.survey.val().overlapping;
                }
            }
            CommandState::Read => {
                self.built.d.next = self.row.val();
            }
            _ => {}
        }
        self.target.next = self.built.q.val();
        self.target_slot.next = self.built_slot.q.val();
        self.tail.next = self.extent.q.val();
        self.current.next = self.built.q.val();
        if self.kind.val().resize {
            self.current.next.first_page = self.extent.q.val().first_page;
            self.current.next.last_page = self.extent.q.val().last_page;
            self.current.next.first_block = self.extent.q.val().first_block;
            self.current.next.last_block = self.extent.q.val().last_block;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::command_decoder::tests::kind_of;
    use super::*;
    use pm_interface::Command::{self, Create, Destroy, Find, Lock, Protect, Query, Resize, Share};
    use pm_interface::Geometry;

    type Small = RowBuilder<16, 2, 2, 4, 4>;

    /// The row in the store.
    fn stored() -> Row<2, 4, 4> {
        Row {
            tenant: 1.into(),
            first_page: 2.into(),
            last_page: 5.into(),
            first_block: 8.into(),
            last_block: 11.into(),
            delta: 6.into(),
            read: true,
            ..Row::default()
        }
    }

    /// Operands of tenant 3, slot 2, the rights write, execute and locked; pages 4 to 6 are asked for.
    fn given(command: Command) -> Small {
        let mut builder = Small::new(&Geometry::preset("tiny+dynamic").unwrap());
        builder.connect_all();
        builder.kind.next = kind_of(command);
        builder.operands.next = Operands { tenant: 3.into(), slot: 2.into(), rights: 0b10110.into(), ..Operands::default() };
        builder.row.next = stored();
        builder.survey.next = Survey { overlapping: 1.into(), slot: 3.into(), first_block: 12.into(), ..Survey::default() };
        builder.first_page.next = 4.into();
        builder.last_page.next = 6.into();
        builder.span.next = 2.into();
        builder.end_block.next = 9.into();
        builder
    }

    /// The row and its slot after these steps.
    #[track_caller]
    fn check(command: Command, steps: &[CommandState], stimulus: fn(&mut Small), slot: u64, expected: Row<2, 4, 4>) {
        let mut builder = given(command);
        stimulus(&mut builder);
        for step in steps {
            builder.state.next = *step;
            tick!(builder);
        }
        assert_eq!(builder.target.val(), expected, "{command:?} {steps:?}");
        assert_eq!(builder.target_slot.val().to_u64(), slot, "{command:?} {steps:?}");
    }

    #[test]
    fn the_row_of_each_command() {
        use CommandState::{Choose, Decide, Idle, Probe, Read, Update};
        let fine = |_: &mut Small| {};
        check(Query, &[Idle, Decide], fine, 2, stored());
        check(Destroy, &[Idle, Decide], fine, 2, stored());
        let protected = Row { read: false, write: true, execute: true, ..stored() };
        check(Protect, &[Idle, Decide, Update], fine, 2, protected);
        check(Lock, &[Idle, Decide, Update], fine, 2, Row { locked: true, ..stored() });
        let asked = Row {
            tenant: 3.into(),
            first_page: 4.into(),
            last_page: 6.into(),
            read: false,
            write: true,
            execute: true,
            locked: true,
            ..stored()
        };
        // A new block begins where the allocator found room; the block of SHARE is the row's.
        let created = Row { first_block: 12.into(), last_block: 14.into(), delta: 8.into(), ..asked };
        check(Create, &[Idle, Decide, Choose], fine, 3, created);
        check(Share, &[Idle, Decide, Choose], fine, 3, Row { delta: 4.into(), ..asked });
        check(Find, &[Idle, Decide, Choose, Read], fine, 1, stored());
        // RESIZE moves the row's end: in Choose when it grows, in Probe when it shrinks.
        let resized = Row { last_page: 6.into(), last_block: 9.into(), ..stored() };
        check(Resize, &[Idle, Decide, Choose], fine, 2, resized);
        check(Resize, &[Idle, Decide, Probe], |builder| builder.shrinks.next = true, 2, resized);
        check(Resize, &[Idle, Decide, Probe], fine, 2, stored());
        check(Resize, &[Idle, Decide, Probe], |builder| builder.grows.next = true, 2, stored());
        let refused = |builder: &mut Small| {
            builder.shrinks.next = true;
            builder.refused.next = true;
        };
        check(Resize, &[Idle, Decide, Probe], refused, 2, stored());
    }

    #[test]
    fn the_tail_of_a_row() {
        // First and last page, first and last block.
        let check = |last_page: u64, end_block: u64, grows: bool, expected: [u64; 4]| {
            let mut builder = given(Resize);
            builder.last_page.next = last_page.into();
            builder.end_block.next = end_block.into();
            builder.grows.next = grows;
            for step in [CommandState::Idle, CommandState::Decide, CommandState::Weigh] {
                builder.state.next = step;
                tick!(builder);
            }
            let (tail, current) = (builder.tail.val(), builder.current.val());
            let found = [tail.first_page, tail.last_page, tail.first_block, tail.last_block].map(|place| place.to_u64());
            assert_eq!(found, expected);
            let worked_on = [current.first_page, current.last_page, current.first_block, current.last_block];
            assert_eq!(worked_on.map(|place| place.to_u64()), expected, "what scrubber and shadow writer work on");
        };
        check(6, 12, true, [6, 6, 12, 12]);
        check(8, 14, true, [6, 8, 12, 14]);
        check(4, 10, false, [5, 5, 11, 11]);
        check(2, 8, false, [3, 5, 9, 11]);
    }
}
