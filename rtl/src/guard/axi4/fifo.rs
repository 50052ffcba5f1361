//! A queue of payloads: first in, first out.
//!
//! ```text
//!   push, payload --> place at tail ... place at head --> front, until pop
//! ```
//!
//! Latency: a payload is at the front from the cycle after its push. The block must never be pushed when it is full, and never be
//! popped when it is empty: its user counts.

use super::ring_step::RingStep;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Up to `places` payloads, in order; 2 to 16.
    pub struct Fifo<type T> with places: usize {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the queue is empty.
        pub reset: Signal<In, Bit>,
        /// High: `payload` goes to the end of the queue.
        pub push: Signal<In, Bit>,
        /// Payload to keep; valid with `push`.
        pub payload: Signal<In, T>,
        /// High: the front leaves.
        pub pop: Signal<In, Bit>,
        /// Oldest payload; meaningful while `count` is not 0.
        pub front: Signal<Out, T>,
        /// Number of payloads.
        pub count: Signal<Out, Bits<5>>,
        kept: Vec<Register<T>> = vec![Default::default(); places],
        head: Register<Bits<4>>,
        tail: Register<Bits<4>>,
        number: Register<Bits<5>>,
        head_step: RingStep = RingStep::new(places),
        tail_step: RingStep = RingStep::new(places),
    }
    requires {
        assert!((2..=16).contains(&places), "{places} places: 2 to 16 are supported");
    }
}

kernel! {
    Fifo<type T>
    #[hdl_gen]
    fn update(&mut self) registers(head, tail, number) {
        self.count.next = self.number.q.val();
        if self.push.val() & !self.pop.val() {
            self.number.d.next = self.number.q.val() + 1;
        } else if self.pop.val() & !self.push.val() {
            self.number.d.next = self.number.q.val() - 1;
        }
        self.head_step.place.next = self.head.q.val();
        self.head_step.moves.next = self.pop.val();
        self.head.d.next = self.head_step.following.val();
        self.tail_step.place.next = self.tail.q.val();
        self.tail_step.moves.next = self.push.val();
        self.tail.d.next = self.tail_step.following.val();
        self.front.next = self.kept[0].q.val();
        for i in 0..self.kept.len() {
            self.kept[i].clock.next = self.clock.val();
            self.kept[i].reset.next = self.reset.val();
            self.kept[i].d.next = self.kept[i].q.val();
            if self.push.val() & (self.tail.q.val() == i.to_bits::<4>()) {
                self.kept[i].d.next = self.payload.val();
            }
            if self.head.q.val() == i.to_bits::<4>() {
                self.front.next = self.kept[i].q.val();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::edge;

    #[test]
    fn what_went_in_comes_out_in_order() {
        for places in [2, 3, 16] {
            let mut fifo = Fifo::<Bits<8>>::new(places);
            fifo.connect_all();
            check_all(&fifo).unwrap();
            let (mut state, mut next, mut model) = (7u32, 0u64, std::collections::VecDeque::new());
            let (mut full, mut empty) = (0, 0);
            for cycle in 0..600 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // The queue fills up in one half of the run, and empties in the other.
                let share = if cycle % 120 < 60 { 3 } else { 1 };
                let pop = !model.is_empty() && state >> 21 & 3 >= share;
                let push = (model.len() < places || pop) && state >> 13 & 3 < share;
                (fifo.push.next, fifo.pop.next, fifo.payload.next) = (push, pop, next.to_bits());
                edge!(fifo);
                if pop {
                    model.pop_front();
                }
                if push {
                    model.push_back(next);
                    next = (next + 1) % 256;
                }
                (fifo.push.next, fifo.pop.next) = (false, false);
                crate::bench::settle(&mut fifo);
                assert_eq!(fifo.count.val().to_u64(), model.len() as u64);
                if let Some(front) = model.front() {
                    assert_eq!(fifo.front.val().to_u64(), *front);
                }
                full += usize::from(model.len() == places);
                empty += usize::from(model.is_empty());
            }
            assert!(full > 0 && empty > 0, "{places} places: full {full}, empty {empty} cycles");
        }
    }
}
