//! The constant-addition and substitution layers on half of the columns; or, between permutations, the way of a word
//! from one state word to the one before it.
//!
//! ```text
//!   word[0..4] --+--> + constant --> S-box, 32 columns --+--> entering[0..4]
//!                +--> word[1..4], word[0] ^ data --------+
//! ```
//!
//! In the same cycle. The S-box is written as the standard's equations (SP 800-232, 3.3), each sum of the outer affine
//! layers drawn into the term that it meets, so that five LUTs and five more that also choose make a column.

use rust_hdl::prelude::*;

/// 32 of the 64 columns, word i of the ports being 32 bits of `S_i`.
#[derive(Clone, Debug, LogicBlock)]
pub struct Substitution {
    /// S-box; else every word moves on by one.
    pub substitute: Signal<In, Bit>,
    /// What the constant-addition layer adds to `S_2`.
    pub constant: Signal<In, Bits<8>>,
    /// What is added to word 0 as it moves on.
    pub data: Signal<In, Bits<32>>,
    /// The columns.
    pub word: [Signal<In, Bits<32>>; 5],
    /// The columns after it.
    pub entering: [Signal<Out, Bits<32>>; 5],
    sum: Signal<Local, Bits<32>>,
    column_0: Signal<Local, Bits<32>>,
    column_1: Signal<Local, Bits<32>>,
    column_2: Signal<Local, Bits<32>>,
    column_3: Signal<Local, Bits<32>>,
    column_4: Signal<Local, Bits<32>>,
}

impl Default for Substitution {
    fn default() -> Self {
        Self {
            substitute: Default::default(),
            constant: Default::default(),
            data: Default::default(),
            word: Default::default(),
            entering: Default::default(),
            sum: Default::default(),
            column_0: Default::default(),
            column_1: Default::default(),
            column_2: Default::default(),
            column_3: Default::default(),
            column_4: Default::default(),
        }
    }
}

impl Logic for Substitution {
    #[hdl_gen]
    fn update(&mut self) {
        self.sum.next = self.word[2].val() ^ bit_cast::<32, 8>(self.constant.val());
        self.column_0.next = (self.word[0].val() ^ self.word[4].val()) ^ (!self.word[1].val() & self.sum.val());
        self.column_1.next = self.word[1].val() ^ (!(self.sum.val() ^ self.word[1].val()) & self.word[3].val());
        self.column_2.next =
            (self.sum.val() ^ self.word[1].val()) ^ (!self.word[3].val() & self.word[4].val());
        self.column_3.next = self.word[3].val()
            ^ (!(self.word[4].val() ^ self.word[3].val()) & (self.word[0].val() ^ self.word[4].val()));
        self.column_4.next = (self.word[4].val() ^ self.word[3].val())
            ^ (!(self.word[0].val() ^ self.word[4].val()) & self.word[1].val());
        if self.substitute.val() {
            self.entering[0].next = self.column_0.val() ^ self.column_4.val();
            self.entering[1].next = self.column_1.val() ^ self.column_0.val();
            self.entering[2].next = !self.column_2.val();
            self.entering[3].next = self.column_3.val() ^ self.column_2.val();
            self.entering[4].next = self.column_4.val();
        } else {
            self.entering[0].next = self.word[1].val();
            self.entering[1].next = self.word[2].val();
            self.entering[2].next = self.word[3].val();
            self.entering[3].next = self.word[4].val();
            self.entering[4].next = self.word[0].val() ^ self.data.val();
        }
    }
}
