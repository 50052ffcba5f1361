//! Two sources on one register port: the host, and the manifest loader in the cycles that the host leaves free.
//!
//! ```text
//!   host ----+--> request --[edge]--> --[edge]--> access --[edge]--> --[edge]--> response --+--> host, unless inner
//!   inner --'                          inner_access: whose it is              inner_answer --'--> loader
//! ```
//!
//! The merge has no latency of its own. The merge must never hold up the host, nor show the host an answer to an access of the
//! loader.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Chooses whose register access goes to the port, and remembers it until the response.
    pub struct RegisterMerge for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no access of the loader is under way.
        pub reset: Signal<In, Bit>,
        /// Read strobe of the host.
        pub host_read: Signal<In, Bit>,
        /// Write strobe of the host.
        pub host_write: Signal<In, Bit>,
        /// Byte offset of the host's register; valid with a strobe.
        pub host_address: Signal<In, Bits<8>>,
        /// Data of the host's write.
        pub host_data: Signal<In, Bits<32>>,
        /// High: the loader offers a write; it stays until `inner_ready`.
        pub inner_write: Signal<In, Bit>,
        /// Word offset of the loader's register; valid with `inner_write`.
        pub inner_place: Signal<In, Bits<6>>,
        /// Data of the loader's write; valid with `inner_write`.
        pub inner_data: Signal<In, Bits<32>>,
        /// High: the loader's write was taken at the last edge.
        pub inner_ready: Signal<Out, Bit>,
        /// Read strobe of the register port.
        pub read: Signal<Out, Bit>,
        /// Write strobe of the register port.
        pub write: Signal<Out, Bit>,
        /// Byte offset of the register; valid with a strobe.
        pub address: Signal<Out, Bits<8>>,
        /// Data of the write; valid with `write`.
        pub data: Signal<Out, Bits<32>>,
        /// High: the access that the banks see in this cycle is the loader's.
        pub inner_access: Signal<Out, Bit>,
        /// High: the port's response in this cycle is for the loader.
        pub inner_answer: Signal<Out, Bit>,
        asked: Register<Bit> = Register::guarded(usize::from(geometry.features.reports_twice())),
        decoded: Register<Bit> = Register::guarded(usize::from(geometry.features.reports_twice())),
        gathered: Register<Bit> = Register::guarded(usize::from(geometry.features.reports_twice())),
        answered: Register<Bit> = Register::guarded(usize::from(geometry.features.reports_twice())),
        free: Signal<Local, Bit>,
        offered: Signal<Local, Bit>,
        /// Parity of the port's request, see [`super::RegisterPort::request_odd`]; made for each source before the choice.
        pub odd: Signal<Out, Bit> where integrity,
        /// Parity of `inner_data`.
        pub inner_odd: Signal<In, Bit> where integrity,
        /// High while no register of this block has lost a bit.
        pub intact: Signal<Out, Bit> where reports,
    }
}

kernel! {
    RegisterMerge
    #[hdl_gen]
    fn update(&mut self) guarded(asked, decoded, gathered, answered) {
        self.free.next = !self.host_read.val() & !self.host_write.val();
        // The loader learns a cycle late that its write was taken: what it offers in that cycle is the same write.
        self.offered.next = self.inner_write.val() & !self.asked.q.val();
        self.inner_ready.next = self.asked.q.val();
        self.read.next = self.host_read.val();
        self.write.next = self.host_write.val();
        self.address.next = self.host_address.val();
        self.data.next = self.host_data.val();
        if self.free.val() {
            self.write.next = self.offered.val();
            self.address.next = bit_cast::<8, 6>(self.inner_place.val()) << 2;
            self.data.next = self.inner_data.val();
        }
        self.asked.d.next = self.offered.val() & self.free.val();
        self.decoded.d.next = self.asked.q.val();
        self.gathered.d.next = self.decoded.q.val();
        self.answered.d.next = self.gathered.q.val();
        self.inner_access.next = self.decoded.q.val();
        self.inner_answer.next = self.answered.q.val();
    }
    when(odd) {
        self.odd[0].next = (self.host_read.val() & !self.host_write.val())
            ^ self.host_write.val()
            ^ self.host_address.val().xor()
            ^ self.host_data.val().xor();
        if self.free.val() {
            self.odd[0].next =
                self.offered.val() ^ self.inner_place.val().xor() ^ (self.offered.val() & self.inner_odd[0].val());
            // `inner_odd` is the parity of a word that is offered: until then the word may change.
            if !self.offered.val() {
                self.data.next = 0.into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    /// The strobes, the address and the data that the port gets of these offers of host (read, write) and loader.
    #[track_caller]
    fn check(host: (bool, bool), inner: bool, expected: (bool, bool, u64, u64)) {
        for geometry in ["tiny+boot", "tiny+boot+integrity", "tiny+boot+integrity+lockstep"] {
            let mut merge = RegisterMerge::new(&Geometry::preset(geometry).unwrap());
            merge.connect_all();
            (merge.host_read.next, merge.host_write.next) = host;
            merge.host_address.next = 0x14.into();
            merge.host_data.next = 0x77.into();
            merge.inner_write.next = inner;
            merge.inner_place.next = 3.into();
            merge.inner_data.next = 0x13.into();
            // Three bits.
            merge.inner_odd.iter_mut().for_each(|odd| odd.next = true);
            simulate(&mut merge, 100);
            let found = (merge.read.val(), merge.write.val(), merge.address.val().to_u64(), merge.data.val().to_u64());
            let strobed = found.0 | found.1;
            assert!(!strobed || found == expected, "{geometry}: {found:x?}");
            assert_eq!((found.0, found.1), (expected.0, expected.1), "{geometry}");
            for odd in &merge.odd {
                let strobes = u64::from(found.0 & !found.1) | u64::from(found.1) << 1;
                let ones = strobes.count_ones() + found.2.count_ones() + found.3.count_ones();
                assert_eq!(odd.val(), ones % 2 == 1, "{geometry}: the parity of {found:x?}");
            }
            // Owner of each answer, four edges later.
            let mut answers = Vec::new();
            for _ in 0..5 {
                tick!(merge);
                merge.host_read.next = false;
                merge.host_write.next = false;
                merge.inner_write.next = false;
                answers.push(merge.inner_answer.val());
            }
            let inner_won = inner && host == (false, false);
            assert_eq!(answers, [false, false, false, inner_won, false], "{geometry}");
        }
    }

    #[test]
    fn the_host_goes_first() {
        check((false, false), false, (false, false, 0, 0));
        check((true, false), false, (true, false, 0x14, 0x77));
        check((false, true), false, (false, true, 0x14, 0x77));
        check((false, false), true, (false, true, 0x0C, 0x13));
        check((true, false), true, (true, false, 0x14, 0x77));
        check((false, true), true, (false, true, 0x14, 0x77));
    }

    #[test]
    fn a_write_that_was_taken_is_not_offered_again() {
        let mut merge = RegisterMerge::new(&Geometry::preset("tiny+boot").unwrap());
        merge.connect_all();
        merge.inner_write.next = true;
        simulate(&mut merge, 100);
        assert!(merge.write.val() && !merge.inner_ready.val());
        tick!(merge);
        assert!(!merge.write.val() && merge.inner_ready.val());
    }
}
