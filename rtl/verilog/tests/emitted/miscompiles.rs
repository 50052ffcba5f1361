//! What rust-hdl's own emitter gets wrong, one test each: right here, shown wrong there.

use crate::support::exact_where_rust_hdl_is_not;
use rust_hdl::prelude::*;

block! {
    AndThenEqual { a: Signal<In, Bits<4>>, b: Signal<In, Bits<4>>, c: Signal<In, Bits<4>>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.a.val() & self.b.val() == self.c.val();
    }
}

#[test]
fn and_binds_tighter_than_equality() {
    exact_where_rust_hdl_is_not(inputs!(AndThenEqual: a, b, c));
}

block! {
    IncrementWraps { a: Signal<In, Bits<4>>, b: Signal<In, Bits<4>>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = (self.a.val() + 1) == self.b.val();
    }
}

#[test]
fn a_literal_does_not_widen_a_sum() {
    exact_where_rust_hdl_is_not(inputs!(IncrementWraps: a, b));
}

block! {
    SumWraps { a: Signal<In, Bits<4>>, b: Signal<In, Bits<4>>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = (self.a.val() + self.b.val()) > 8;
    }
}

#[test]
fn a_compared_literal_does_not_widen_a_sum() {
    exact_where_rust_hdl_is_not(inputs!(SumWraps: a, b));
}

block! {
    Complement { a: Signal<In, Bits<4>>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = (!self.a.val()) == 5;
    }
}

#[test]
fn a_compared_literal_does_not_widen_a_complement() {
    exact_where_rust_hdl_is_not(inputs!(Complement: a));
}

block! {
    CastOfSum { a: Signal<In, Bits<8>>, b: Signal<In, Bits<8>>, out: Signal<Out, Bits<9>> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = bit_cast::<9, 8>(self.a.val() + self.b.val());
    }
}

#[test]
fn a_sum_wraps_before_it_is_widened() {
    exact_where_rust_hdl_is_not(inputs!(CastOfSum: a, b));
}

block! {
    CastOfFlag { flag: Signal<In, Bits<1>>, out: Signal<Out, Bits<8>> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = bit_cast::<8, 1>(!self.flag.val());
    }
}

#[test]
fn a_widened_flag_is_one_bit() {
    exact_where_rust_hdl_is_not(inputs!(CastOfFlag: flag));
}

block! {
    Extent { address: Signal<In, Bits<5>>, base: Signal<In, Bits<5>>, size: Signal<In, Bits<5>>, granted: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.granted.next = self.address.val() < self.base.val() + self.size.val() + 4;
    }
}

#[test]
fn an_extent_that_wraps_refuses() {
    exact_where_rust_hdl_is_not(inputs!(Extent: address, base, size));
}
