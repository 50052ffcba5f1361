//! The plan of a boot's orders: which register is written after this one?
//!
//! ```text
//!   header:    a word each, then CONTROL with the flags ---------------------> the gate's verdict
//!   partition: CMD_TENANT, CMD_RIGHTS, a word each, then CMD = CREATE, once the log has room --> the end of the command
//! ```

use super::{command_codes::Commands, loader_state::LoaderState, manifest_place::ManifestPosition, word_judge::LoaderOrder};
use crate::constants;
use pm_interface::registers::offset;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Offsets of the registers that are written beside those of the words.
    pub struct OrderOffsets: Bits<8> {
        /// `CONTROL`.
        control = offset::CONTROL / 4,
        /// `CMD_RIGHTS`.
        rights = offset::CMD_RIGHTS / 4,
        /// `CMD`.
        cmd = offset::CMD / 4,
        /// Number of the header's last word that is written.
        window_word = 9u8,
    }
}

block! {
    /// Plans the order after the one that was answered, and SEAL; combinational.
    pub struct OrderPlan {
        /// Order that was answered.
        pub order: Signal<In, LoaderOrder>,
        /// Place of its word in the manifest.
        pub position: Signal<In, ManifestPosition>,
        /// Flags of the manifest for the window, as bits 2:1 of `CONTROL`.
        pub strictness: Signal<In, Bits<2>>,
        /// Order that follows; has no meaning with `advances`, or when `resume` waits for the gate or a command.
        pub following: Signal<Out, LoaderOrder>,
        /// State in which the loader goes on.
        pub resume: Signal<Out, LoaderState>,
        /// High: the loader is done with this word.
        pub advances: Signal<Out, Bit>,
        /// Order of SEAL, for after the last word.
        pub seal: Signal<Out, LoaderOrder>,
        offsets: OrderOffsets,
        commands: Commands,
    }
}

kernel! {
    OrderPlan
    #[hdl_gen]
    fn update(&mut self) {
        self.following.next = self.order.val();
        self.resume.next = LoaderState::Write;
        self.advances.next = false;
        if self.order.val().coded {
            self.resume.next = LoaderState::Command;
            if self.position.val().header {
                self.resume.next = LoaderState::Configure;
            }
        } else if self.position.val().header {
            if self.position.val().pointer == self.offsets.window_word.val() {
                self.following.next.place = bit_cast::<6, 8>(self.offsets.control.val());
                self.following.next.coded = true;
                self.following.next.code = (bit_cast::<3, 2>(self.strictness.val()) << 1) | 1;
            } else {
                self.advances.next = true;
            }
        } else if self.order.val().tenant {
            self.following.next.place = bit_cast::<6, 8>(self.offsets.rights.val());
            self.following.next.tenant = false;
            self.following.next.rights = true;
        } else if self.position.val().phase == 4 {
            self.following.next.place = bit_cast::<6, 8>(self.offsets.cmd.val());
            self.following.next.coded = true;
            self.following.next.code = bit_cast::<3, 4>(self.commands.create.val());
            self.resume.next = LoaderState::Room;
        } else {
            self.advances.next = true;
        }
        self.seal.next = self.order.val();
        self.seal.next.place = bit_cast::<6, 8>(self.offsets.cmd.val());
        self.seal.next.coded = true;
        self.seal.next.code = bit_cast::<3, 4>(self.commands.seal.val());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(order: LoaderOrder, position: ManifestPosition) -> OrderPlan {
        plan_with(0, order, position)
    }

    fn plan_with(strictness: u64, order: LoaderOrder, position: ManifestPosition) -> OrderPlan {
        let mut plan = OrderPlan::default();
        plan.connect_all();
        plan.strictness.next = strictness.to_bits();
        plan.order.next = order;
        plan.position.next = position;
        simulate(&mut plan, 100);
        plan
    }

    fn order(register: u8) -> LoaderOrder {
        LoaderOrder { place: (register / 4).to_bits(), code: 1u64.to_bits(), ..Default::default() }
    }

    #[test]
    fn a_header_ends_with_control_and_a_partition_with_create() {
        use LoaderState::{Command, Configure, Room, Write};
        let header = |pointer: u64| ManifestPosition { header: true, pointer: pointer.to_bits(), ..Default::default() };
        let partition = |phase: u64| ManifestPosition { phase: phase.to_bits(), pointer: 20u64.to_bits(), ..Default::default() };
        let coded = |register: u8| LoaderOrder { coded: true, ..order(register) };
        let tenant = LoaderOrder { tenant: true, ..order(offset::CMD_TENANT) };
        let rights = LoaderOrder { rights: true, ..order(offset::CMD_RIGHTS) };

        let check = |before: LoaderOrder, position: ManifestPosition, resume: LoaderState, next: Option<(u8, Option<u64>)>| {
            let plan = plan(before, position);
            assert_eq!((plan.resume.val(), plan.advances.val()), (resume, next.is_none()), "{before:?} {position:?}");
            let Some((register, code)) = next else { return };
            let after = plan.following.val();
            let told = (after.place.to_u64() * 4, after.coded.then(|| after.code.to_u64()), after.tenant);
            assert_eq!(told, (u64::from(register), code, false), "{before:?} {position:?}");
            assert_eq!(after.rights, register == offset::CMD_RIGHTS || before.rights, "{before:?} {position:?}");
        };
        let create = u64::from(pm_interface::Command::Create.code());
        check(order(offset::POOL_BASE_LO), header(4), Write, None);
        check(order(offset::WINDOW_BASE_LO), header(8), Write, None);
        check(order(offset::WINDOW_BASE_HI), header(9), Write, Some((offset::CONTROL, Some(1))));
        assert_eq!(plan(coded(offset::CONTROL), header(9)).resume.val(), Configure);
        for (strictness, strict) in [(0, None), (1, Some(true)), (2, Some(false))] {
            let activation = plan_with(strictness, order(offset::WINDOW_BASE_HI), header(9)).following.val();
            assert_eq!(activation.code.to_u64(), u64::from(pm_interface::registers::activation(strict)));
        }
        check(tenant, partition(0), Write, Some((offset::CMD_RIGHTS, None)));
        check(rights, partition(0), Write, None);
        check(order(offset::CMD_LOGICAL_LO), partition(1), Write, None);
        check(order(offset::CMD_SIZE_LO), partition(3), Write, None);
        check(order(offset::CMD_SIZE_HI), partition(4), Room, Some((offset::CMD, Some(create))));
        assert_eq!(plan(coded(offset::CMD), partition(4)).resume.val(), Command);
    }

    #[test]
    fn seal_is_a_command_of_its_own() {
        let seal = plan(order(offset::CMD_SIZE_HI), ManifestPosition::default()).seal.val();
        let code = u64::from(pm_interface::Command::Seal.code());
        assert_eq!((seal.place.to_u64() * 4, seal.coded, seal.code.to_u64()), (u64::from(offset::CMD), true, code));
    }
}
