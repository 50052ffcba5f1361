//! The block RAM with a code, in Verilog: every wrong bit of a word is repaired, every two are found. (What the simulation does
//! with them is tested beside the code, exhaustively too; and both agree on words without a wrong bit in co-simulation.)

use crate::support::{have_icarus, icarus};
use pm_verilog::cells::BlockRam;
use pm_verilog::{emit, EmitOptions};
use rust_hdl::prelude::*;

/// A word that is written and read back.
#[derive(LogicBlock)]
struct Keeper<const BITS: usize> {
    clock: Signal<In, Clock>,
    data: Signal<In, Bits<BITS>>,
    write: Signal<In, Bit>,
    repaired: Signal<Out, Bits<BITS>>,
    read: Signal<Out, Bits<BITS>>,
    intact: Signal<Out, Bit>,
    single: Signal<Out, Bit>,
    memory: BlockRam<Bits<BITS>, 1>,
}

impl<const BITS: usize> Logic for Keeper<BITS> {
    #[hdl_gen]
    fn update(&mut self) {
        self.memory.clock.next = self.clock.val();
        self.memory.read_address.next = 0.into();
        self.memory.write_address.next = 0.into();
        self.memory.write_data.next = self.data.val();
        self.memory.write_enable.next = self.write.val();
        self.repaired.next = self.memory.repaired[0].val();
        self.read.next = self.memory.read_data.val();
        self.intact.next = self.memory.intact[0].val();
        self.single.next = self.memory.single[0].val();
    }
}

fn keeper<const BITS: usize>(kept: u128) -> Keeper<BITS> {
    let mut keeper = Keeper {
        clock: Default::default(),
        data: Default::default(),
        write: Default::default(),
        repaired: Default::default(),
        read: Default::default(),
        intact: Default::default(),
        single: Default::default(),
        memory: BlockRam::without_collisions().keeping(kept).repairing(1),
    };
    keeper.connect_all();
    keeper
}

/// Flips every bit of the stored word, and every two, and says what is not as it should be.
fn check<const BITS: usize>(kept: u128) {
    if !have_icarus() {
        return;
    }
    let keeper = keeper::<BITS>(kept);
    let stored = keeper.memory.stored_bits();
    let text = emit(&keeper, &EmitOptions { top: "keeper".into(), ..Default::default() }).unwrap();
    let top = BITS - 1;
    let mask = kept & (u128::MAX >> (128 - BITS));
    let bench = format!(
        "module bench;\nreg clock, write; reg [{top}:0] data; wire [{top}:0] repaired, read; wire intact, single;\n\
         keeper dut (.clock(clock), .data(data), .write(write), .repaired(repaired), .read(read), .intact(intact), .single(single));\n\
         integer turn, one, two; reg [{stored}-1:0] word; reg [{top}:0] expected;\n\
         task pulse; begin #1 clock = 1; #1 clock = 0; #1; end endtask\n\
         initial begin\nclock = 0;\n\
         for (turn = 0; turn < 3; turn = turn + 1) begin\n\
         data = turn == 0 ? {BITS}'h0 : turn == 1 ? ~{BITS}'h0 : {{$random, $random, $random, $random}};\n\
         expected = data & {BITS}'h{mask:x}; write = 1; pulse; write = 0; pulse; pulse; word = dut.memory.memory[0];\n\
         if (!intact || single || read !== expected || repaired !== expected) $display(\"sound %h\", data);\n\
         for (one = 0; one < {stored}; one = one + 1) begin\n\
         dut.memory.memory[0] = word ^ ({stored}'h1 << one); pulse; pulse;\n\
         if (intact || !single || repaired !== expected) $display(\"one %d: %h is %h\", one, expected, repaired);\n\
         for (two = 0; two < one; two = two + 1) begin\n\
         dut.memory.memory[0] = word ^ ({stored}'h1 << one) ^ ({stored}'h1 << two); pulse; pulse;\n\
         if (intact || single) $display(\"two %d %d\", one, two);\n\
         end\nend\nend\n$display(\"done\");\n$finish;\nend\nendmodule\n"
    );
    let output = icarus(&format!("{text}\n{bench}")).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(output.trim(), "done", "{BITS} bits\n{text}");
}

#[test]
fn every_bit_is_repaired_and_every_two_are_found() {
    check::<1>(1);
    check::<3>(u128::MAX);
    check::<14>(u128::MAX);
    check::<13>(u128::MAX);
    check::<39>(u128::MAX);
    check::<99>(u128::MAX);
    // Some bits are left out.
    check::<14>(0b10_1101_0001_1101);
    check::<39>(0x3E_0F80_07FF);
}

/// The simulation says the same of a word of which bits were flipped.
#[test]
fn the_simulation_repairs_what_the_verilog_does() {
    let pulse = |keeper: &mut Keeper<39>| {
        for level in [true, false] {
            keeper.clock.next = level.into();
            assert!(simulate(keeper, 20));
        }
    };
    let mut keeper = keeper::<39>(u128::MAX);
    for one in 0..keeper.memory.stored_bits() {
        for two in (0..=one).rev() {
            let data: Bits<39> = (0x12_3456_789A_u64.rotate_left(one as u32) & ((1 << 39) - 1)).to_bits();
            (keeper.data.next, keeper.write.next) = (data, true);
            assert!(simulate(&mut keeper, 20));
            pulse(&mut keeper);
            keeper.write.next = false;
            assert!(simulate(&mut keeper, 20));
            keeper.memory.flip(0, one);
            if two != one {
                keeper.memory.flip(0, two);
            }
            // The word, then what its code says of it.
            pulse(&mut keeper);
            pulse(&mut keeper);
            assert_eq!((keeper.intact.val(), keeper.single.val()), (false, one == two), "bits {one} and {two}");
            assert!(one != two || keeper.repaired.val() == data, "bit {one}");
        }
    }
}
