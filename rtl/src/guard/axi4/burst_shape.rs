//! The shape of a burst: which bytes does it touch, and is it one that AXI4 knows?
//!
//! ```text
//!   FIXED  the bytes of one beat          WRAP  the aligned container that the burst wraps in
//!   INCR   from the first byte to the end of the last beat
//! ```
//!
//! Combinational. A malformed burst has length 0; the Partition Manager refuses and logs an access of length 0.

use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// First byte and number of bytes of a burst.
    pub struct BurstShape<ADDRESS> with bytes: usize {
        /// Address of the first beat.
        pub address: Signal<In, Bits<ADDRESS>>,
        /// Beats of the burst, less one.
        pub len: Signal<In, Bits<8>>,
        /// Size of a beat: 2^size bytes.
        pub size: Signal<In, Bits<3>>,
        /// Kind of burst: 0 FIXED, 1 INCR, 2 WRAP.
        pub burst: Signal<In, Bits<2>>,
        /// Address of the lowest byte of the burst; the address itself when malformed.
        pub first: Signal<Out, Bits<ADDRESS>>,
        /// Number of bytes from `first` to the highest byte of the burst; 0 when malformed.
        pub length: Signal<Out, Bits<13>>,
        /// The burst is not allowed: a reserved burst type, a beat wider than the bus, a length that the type may not have, a
        /// WRAP that is not aligned, or an INCR that crosses a boundary of 4 KiB.
        pub malformed: Signal<Out, Bit>,
        widest: Constant<Bits<3>> = Constant::new(bytes.ilog2().to_bits()),
        // Bytes of a beat, and of all beats, less one.
        beat: Signal<Local, Bits<15>>,
        whole: Signal<Local, Bits<15>>,
        offset: Signal<Local, Bits<15>>,
        misalignment: Signal<Local, Bits<15>>,
        last: Signal<Local, Bits<15>>,
        reach: Signal<Local, Bits<15>>,
        bytes: Signal<Local, Bits<15>>,
        container: Signal<Local, Bits<ADDRESS>>,
        has_16: Constant<Bit> = Constant::new(bytes >= 16),
        has_32: Constant<Bit> = Constant::new(bytes >= 32),
        has_64: Constant<Bit> = Constant::new(bytes >= 64),
    }
    requires {
        assert!([4, 8, 16, 32, 64].contains(&bytes), "a bus of {bytes} bytes: 4, 8, 16, 32 and 64 are supported");
    }
}

kernel! {
    BurstShape<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) {
        self.beat.next = 7.into();
        self.whole.next = (bit_cast::<15, 8>(self.len.val()) << 3) | 7;
        if self.size.val() == 0 {
            self.beat.next = 0.into();
            self.whole.next = bit_cast::<15, 8>(self.len.val());
        } else if self.size.val() == 1 {
            self.beat.next = 1.into();
            self.whole.next = (bit_cast::<15, 8>(self.len.val()) << 1) | 1;
        } else if self.size.val() == 2 {
            self.beat.next = 3.into();
            self.whole.next = (bit_cast::<15, 8>(self.len.val()) << 2) | 3;
        } else if self.has_16.val() & (self.size.val() == 4) {
            self.beat.next = 15.into();
            self.whole.next = (bit_cast::<15, 8>(self.len.val()) << 4) | 15;
        } else if self.has_32.val() & (self.size.val() == 5) {
            self.beat.next = 31.into();
            self.whole.next = (bit_cast::<15, 8>(self.len.val()) << 5) | 31;
        } else if self.has_64.val() & (self.size.val() == 6) {
            self.beat.next = 63.into();
            self.whole.next = (bit_cast::<15, 8>(self.len.val()) << 6) | 63;
        }
        self.offset.next = bit_cast::<15, 12>(self.address.val().get_bits::<12>(0));
        self.misalignment.next = self.offset.val() & self.beat.val();
        self.last.next = (self.offset.val() & !self.beat.val()) + self.whole.val();

        self.malformed.next = true;
        self.reach.next = self.whole.val();
        self.container.next = 0.into();
        if self.burst.val() == 0 {
            self.reach.next = self.beat.val();
            self.malformed.next = self.len.val() > 15;
        } else if self.burst.val() == 1 {
            self.malformed.next = self.last.val().get_bits::<3>(12).any();
        } else if self.burst.val() == 2 {
            self.container.next = bit_cast::<ADDRESS, 15>(self.whole.val());
            self.malformed.next = (self.misalignment.val() != 0)
                | ((self.len.val() != 1) & (self.len.val() != 3) & (self.len.val() != 7) & (self.len.val() != 15));
        }
        if self.size.val() > self.widest.val() {
            self.malformed.next = true;
        }
        self.first.next = self.address.val() & !self.container.val();
        self.bytes.next = (self.reach.val() - self.misalignment.val()) + 1;
        self.length.next = self.bytes.val().get_bits::<13>(0);
        if self.malformed.val() {
            self.first.next = self.address.val();
            self.length.next = 0.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that AXI4 says a burst touches, beat by beat (IHI 0022, A3.4.1); `None` when it knows no such burst.
    fn bytes(address: u64, beats: u64, size: u32, burst: u64, bus: u64) -> Option<(u64, u64)> {
        let width = 1 << size;
        let aligned = address / width * width;
        let total = beats * width;
        let legal = width <= bus
            && match burst {
                0 => beats <= 16,
                1 => address / 4096 == (aligned + total - 1) / 4096,
                2 => [2, 4, 8, 16].contains(&beats) && address == aligned,
                _ => false,
            };
        if !legal {
            return None;
        }
        let base = address / total * total;
        let touched = (0..beats).flat_map(|beat| {
            let first = match burst {
                0 => address,
                1 if beat == 0 => address,
                1 => aligned + beat * width,
                _ => base + (address - base + beat * width) % total,
            };
            first..first / width * width + width
        });
        let all: Vec<u64> = touched.collect();
        Some((*all.iter().min().unwrap(), *all.iter().max().unwrap()))
    }

    #[test]
    fn every_shape_of_burst_touches_what_the_specification_says() {
        for bus in [4u64, 8, 16, 32, 64] {
            let mut shape = BurstShape::<32>::new(bus as usize);
            shape.connect_all();
            check_all(&shape).unwrap();
            let mut legal = 0;
            for burst in 0..4u64 {
                for size in 0..8u32 {
                    for beats in [1u64, 2, 3, 4, 7, 8, 15, 16, 17, 33, 128, 255, 256] {
                        for address in (0x1000u64..0x1010).chain(0x1FE0..0x2000).chain([0x1F00, 0x1FC7, 0x2000]) {
                            shape.address.next = address.into();
                            shape.len.next = (beats - 1).into();
                            shape.size.next = u64::from(size).into();
                            shape.burst.next = burst.into();
                            simulate(&mut shape, 100);
                            let expected = bytes(address, beats, size, burst, bus);
                            let (first, length) = (shape.first.val().to_u64(), shape.length.val().to_u64());
                            let case = format!("{burst} {beats} beats of {} at {address:#x}", 1 << size);
                            assert_eq!(shape.malformed.val(), expected.is_none(), "{case}");
                            match expected {
                                None => assert_eq!((first, length), (address, 0), "{case}"),
                                Some((lowest, highest)) => {
                                    assert_eq!((first, first + length - 1), (lowest, highest), "{case}");
                                    legal += 1;
                                }
                            }
                        }
                    }
                }
            }
            assert!(legal > 1000);
        }
    }
}
