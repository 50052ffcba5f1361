//! The opcode decoder: which operation does a frame ask for, and how long is its payload?

use crate::protocol::Operation;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Decodes an opcode; combinational.
    pub struct OpcodeDecoder {
        /// Opcode of the frame.
        pub opcode: Signal<In, Bits<8>>,
        /// Operation of the opcode; `Nothing` when no operation has this opcode.
        pub operation: Signal<Out, Operation>,
        /// Bytes of payload that the operation has.
        pub length: Signal<Out, Bits<8>>,
    }
}

kernel! {
    OpcodeDecoder
    #[hdl_gen]
    fn update(&mut self) {
        self.operation.next = Operation::Nothing;
        self.length.next = 0.into();
        if self.opcode.val() == 1 {
            self.operation.next = Operation::Ping;
        } else if self.opcode.val() == 2 {
            self.operation.next = Operation::ReadRegister;
            self.length.next = 1.into();
        } else if self.opcode.val() == 3 {
            self.operation.next = Operation::WriteRegister;
            self.length.next = 5.into();
        } else if self.opcode.val() == 4 {
            self.operation.next = Operation::FillPage;
            self.length.next = 5.into();
        } else if self.opcode.val() == 5 {
            self.operation.next = Operation::Access;
            self.length.next = 10.into();
        } else if self.opcode.val() == 6 {
            self.operation.next = Operation::PhysicalAccess;
            self.length.next = 10.into();
        } else if self.opcode.val() == 7 {
            self.operation.next = Operation::ReadAudit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_opcode_has_the_operation_and_the_length_of_the_protocol() {
        let check = |opcode: u8, operation: Operation, length: usize| {
            let mut decoder = OpcodeDecoder::default();
            decoder.connect_all();
            decoder.opcode.next = u64::from(opcode).into();
            assert!(simulate(&mut decoder, 100), "the block does not settle");
            let found = (decoder.operation.val(), decoder.length.val().to_u64());
            assert_eq!(found, (operation, length as u64), "opcode {opcode}");
        };
        for opcode in 0..=u8::MAX {
            let known = Operation::ALL.into_iter().find(|operation| operation.code() == opcode);
            match known {
                Some(operation) => check(opcode, operation, operation.request_length()),
                None => check(opcode, Operation::Nothing, 0),
            }
        }
        check(2, Operation::ReadRegister, 1);
        check(5, Operation::Access, 10);
    }
}
