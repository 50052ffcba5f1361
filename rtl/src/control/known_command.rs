//! The known commands: is the word that is written to `CMD` the code of a command that this design has?

use super::command_codes::Commands;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Compares a code with those of all commands; combinational.
    pub struct KnownCommand for geometry {
        /// Lowest four bits of the word.
        pub code: Signal<In, Bits<4>>,
        /// High: the word has no other bits.
        pub fits: Signal<In, Bit>,
        /// High: the word is the code of a command.
        pub known: Signal<Out, Bit>,
        commands: Commands,
        dynamic: Constant<Bit> = Constant::new(geometry.features.dynamic),
    }
}

kernel! {
    KnownCommand
    #[hdl_gen]
    fn update(&mut self) {
        self.known.next = self.fits.val()
            & ((self.code.val() == self.commands.create.val())
                | (self.code.val() == self.commands.destroy.val())
                | (self.code.val() == self.commands.protect.val())
                | (self.code.val() == self.commands.lock.val())
                | (self.code.val() == self.commands.seal.val())
                | (self.code.val() == self.commands.query.val())
                | (self.code.val() == self.commands.find.val())
                | ((self.code.val() == self.commands.resize.val()) & self.dynamic.val())
                | ((self.code.val() == self.commands.share.val()) & self.dynamic.val()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;
    use pm_interface::{Command, Geometry};

    #[test]
    fn resize_and_share_are_commands_of_a_dynamic_design_only() {
        let check = |geometry: &str, code: u64, fits: bool, expected: bool| {
            let mut block = KnownCommand::new(&Geometry::preset(geometry).unwrap());
            block.connect_all();
            (block.code.next, block.fits.next) = (code.into(), fits);
            settle(&mut block);
            assert_eq!(block.known.val(), expected, "{geometry}: code {code}, fits {fits}");
        };
        use Command::{Create, Destroy, Find, Lock, Protect, Query, Resize, Seal, Share};
        for (geometry, dynamic) in [("tiny", false), ("tiny+dynamic", true)] {
            for code in 0..16 {
                let is_one_of = |commands: &[Command]| commands.iter().any(|command| u64::from(command.code()) == code);
                let known =
                    is_one_of(&[Create, Destroy, Protect, Lock, Seal, Query, Find]) || (dynamic && is_one_of(&[Resize, Share]));
                check(geometry, code, true, known);
                check(geometry, code, false, false);
            }
        }
    }
}
