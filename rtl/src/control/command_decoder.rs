//! The command decoder: which command is it?
//!
//! ```text
//!   code --> one bit for each command, and uses_slot
//! ```
//!
//! Combinational. RESIZE and SHARE exist with `dynamic` only; without it their bits stay low. At most one command's bit is high.

use super::command_codes::Commands;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// The command that runs: one bit for each.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct CommandKind {
    /// High: the command is CREATE.
    pub create: Bit,
    /// High: the command is FIND.
    pub find: Bit,
    /// High: the command is QUERY.
    pub query: Bit,
    /// High: the command is SEAL.
    pub seal: Bit,
    /// High: the command is DESTROY.
    pub destroy: Bit,
    /// High: the command is PROTECT.
    pub protect: Bit,
    /// High: the command is LOCK.
    pub lock: Bit,
    /// High: the command is RESIZE.
    pub resize: Bit,
    /// High: the command is SHARE.
    pub share: Bit,
    /// High: the command works on the row of `CMD_SLOT`.
    pub uses_slot: Bit,
}

block! {
    /// Takes a command's code apart.
    pub struct CommandDecoder for geometry {
        /// Code of the command, one of [`Commands`].
        pub code: Signal<In, Bits<4>>,
        /// Command of that code, in the same cycle.
        pub kind: Signal<Out, CommandKind>,
        commands: Commands,
        dynamic: Constant<Bit> = Constant::new(geometry.features.dynamic),
    }
}

kernel! {
    CommandDecoder
    #[hdl_gen]
    fn update(&mut self) {
        self.kind.next.create = self.code.val() == self.commands.create.val();
        self.kind.next.find = self.code.val() == self.commands.find.val();
        self.kind.next.query = self.code.val() == self.commands.query.val();
        self.kind.next.seal = self.code.val() == self.commands.seal.val();
        self.kind.next.destroy = self.code.val() == self.commands.destroy.val();
        self.kind.next.protect = self.code.val() == self.commands.protect.val();
        self.kind.next.lock = self.code.val() == self.commands.lock.val();
        self.kind.next.resize = self.dynamic.val() & (self.code.val() == self.commands.resize.val());
        self.kind.next.share = self.dynamic.val() & (self.code.val() == self.commands.share.val());
        self.kind.next.uses_slot = self.kind.val().destroy
            | self.kind.val().protect
            | self.kind.val().lock
            | self.kind.val().query
            | self.kind.val().resize
            | self.kind.val().share;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use pm_interface::{Command, Geometry};

    /// Decoded kind of a command, for the tests of the blocks that use the decoder.
    pub fn kind_of(command: Command) -> CommandKind {
        let mut decoder = CommandDecoder::new(&Geometry::preset("tiny+dynamic").unwrap());
        decoder.connect_all();
        decoder.code.next = u64::from(command.code()).into();
        simulate(&mut decoder, 100);
        decoder.kind.val()
    }

    #[track_caller]
    fn check(geometry: &str, code: u64, expected: CommandKind) {
        let mut decoder = CommandDecoder::new(&Geometry::preset(geometry).unwrap());
        decoder.connect_all();
        decoder.code.next = code.into();
        simulate(&mut decoder, 100);
        assert_eq!(decoder.kind.val(), expected, "{geometry}, code {code}");
    }

    #[test]
    fn each_code_is_one_command() {
        let none = CommandKind::default();
        let on_slot = CommandKind { uses_slot: true, ..none };
        for geometry in ["tiny", "tiny+dynamic"] {
            let check = |command: Command, expected| check(geometry, command.code().into(), expected);
            check(Command::Create, CommandKind { create: true, ..none });
            check(Command::Find, CommandKind { find: true, ..none });
            check(Command::Seal, CommandKind { seal: true, ..none });
            check(Command::Query, CommandKind { query: true, ..on_slot });
            check(Command::Destroy, CommandKind { destroy: true, ..on_slot });
            check(Command::Protect, CommandKind { protect: true, ..on_slot });
            check(Command::Lock, CommandKind { lock: true, ..on_slot });
        }
        check("tiny+dynamic", Command::Resize.code().into(), CommandKind { resize: true, ..on_slot });
        check("tiny+dynamic", Command::Share.code().into(), CommandKind { share: true, ..on_slot });
    }

    #[test]
    fn codes_without_a_command_are_none() {
        let none = CommandKind::default();
        check("tiny", Command::Resize.code().into(), none);
        check("tiny", Command::Share.code().into(), none);
        for code in [0, 10, 11, 12, 13, 14, 15] {
            check("tiny+dynamic", code, none);
        }
    }
}
