//! The constant-addition and substitution layers on half of the columns; or, between permutations, the way of a word
//! from one state word to the one before it.
//!
//! ```text
//!   word[0..4] --+--> + constant --> sums and products | FF | --> sums of two --+--> entering[0..4]
//!                +--> word[1..4], word[0] + data -------------------------------+
//! ```
//!
//! The S-box takes one edge, the way past it none. The S-box is written as the equations of the standard (SP 800-232, 3.3), with
//! the sums before the products merged into the products: each bit of the register is a function of at most four bits, and its
//! flip-flop shares the cell. The block must never hold a word longer than the state does: the register loads at every edge.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// 32 of the 64 columns, word i of the ports being 32 bits of `S_i`.
    pub struct Substitution {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the columns are zero.
        pub reset: Signal<In, Bit>,
        /// High: the output comes from the S-box; low: every word moves on by one.
        pub substitute: Signal<In, Bit>,
        /// Constant that the constant-addition layer adds to `S_2`.
        pub constant: Signal<In, Bits<8>>,
        /// Word that is added to word 0 as it moves on.
        pub data: Signal<In, Bits<32>>,
        /// The columns that go into the S-box, in every cycle.
        pub word: [Signal<In, Bits<32>>; 5],
        /// With `substitute` the columns of the cycle before after the S-box; else the words as they move on.
        pub entering: [Signal<Out, Bits<32>>; 5],
        sum: Signal<Local, Bits<32>>,
        column_0: Register<Bits<32>>,
        column_1: Register<Bits<32>>,
        column_2: Register<Bits<32>>,
        column_3: Register<Bits<32>>,
        column_4: Register<Bits<32>>,
    }
}

kernel! {
    Substitution
    #[hdl_gen]
    fn update(&mut self) registers(column_0, column_1, column_2, column_3, column_4) {
        self.sum.next = self.word[2].val() ^ bit_cast::<32, 8>(self.constant.val());
        self.column_0.d.next = (self.word[0].val() ^ self.word[4].val()) ^ (!self.word[1].val() & self.sum.val());
        self.column_1.d.next = self.word[1].val() ^ (!(self.sum.val() ^ self.word[1].val()) & self.word[3].val());
        self.column_2.d.next =
            (self.sum.val() ^ self.word[1].val()) ^ (!self.word[3].val() & self.word[4].val());
        self.column_3.d.next = self.word[3].val()
            ^ (!(self.word[4].val() ^ self.word[3].val()) & (self.word[0].val() ^ self.word[4].val()));
        self.column_4.d.next = (self.word[4].val() ^ self.word[3].val())
            ^ (!(self.word[0].val() ^ self.word[4].val()) & self.word[1].val());
        if self.substitute.val() {
            self.entering[0].next = self.column_0.q.val() ^ self.column_4.q.val();
            self.entering[1].next = self.column_1.q.val() ^ self.column_0.q.val();
            self.entering[2].next = !self.column_2.q.val();
            self.entering[3].next = self.column_3.q.val() ^ self.column_2.q.val();
            self.entering[4].next = self.column_4.q.val();
        } else {
            self.entering[0].next = self.word[1].val();
            self.entering[1].next = self.word[2].val();
            self.entering[2].next = self.word[3].val();
            self.entering[3].next = self.word[4].val();
            self.entering[4].next = self.word[0].val() ^ self.data.val();
        }
    }
}
