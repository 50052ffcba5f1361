//! The judge of the boot gate: is the configuration right?
//!
//! ```text
//!   room in the log? --> whole granules and pages? --> fits in a frame? --> Ok
//!        AuditFull             BadAlignment                BadSize
//! ```

use crate::constants::Statuses;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Judges pool and window; combinational.
    pub struct GateJudge<ADDRESS> for geometry {
        /// First byte of the pool.
        pub pool_base: Signal<In, Bits<ADDRESS>>,
        /// Bytes of the pool.
        pub pool_size: Signal<In, Bits<ADDRESS>>,
        /// Bytes of the pool, less one.
        pub size_less_one: Signal<In, Bits<ADDRESS>>,
        /// Last byte of the pool.
        pub last_byte: Signal<In, Bits<ADDRESS>>,
        /// First byte of the window.
        pub window: Signal<In, Bits<ADDRESS>>,
        /// High while the log has room for the record of the activation.
        pub audit_room: Signal<In, Bit>,
        /// High: the pool is neither empty nor too large, and lies in one frame.
        pub fits: Signal<Out, Bit>,
        /// Status of the activation.
        pub status: Signal<Out, Bits<4>>,
        aligned: Signal<Local, Bit>,
        statuses: Statuses,
        granule_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.granule() - 1).to_bits()),
        window_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.window() - 1).to_bits()),
        frame_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.frame() - 1).to_bits()),
        pool_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.largest_pool() - 1).to_bits()),
    }
}

kernel! {
    GateJudge<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) {
        self.aligned.next = ((self.pool_base.val() & self.granule_mask.val()) == 0)
            & ((self.pool_size.val() & self.granule_mask.val()) == 0)
            & ((self.window.val() & self.window_mask.val()) == 0);
        self.fits.next = (self.pool_size.val() != 0)
            & ((self.size_less_one.val() & !self.pool_mask.val()) == 0)
            & ((self.last_byte.val() & !self.frame_mask.val()) == (self.pool_base.val() & !self.frame_mask.val()));
        self.status.next = self.statuses.ok.val();
        if !self.audit_room.val() {
            self.status.next = self.statuses.audit_full.val();
        } else if !self.aligned.val() {
            self.status.next = self.statuses.bad_alignment.val();
        } else if !self.fits.val() {
            self.status.next = self.statuses.bad_size.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;
    use pm_interface::{Geometry, Status};

    /// Frames of 16 bytes, granules of 4, windows of 8; addresses of 5 bits.
    #[test]
    fn which_configuration_is_right() {
        // Stimulus: pool and window, and room in the log. Expected: the status, and `fits`.
        let check = |[base, size, window]: [u64; 3], room: bool, expected: (Status, bool)| {
            let mut judge = GateJudge::<5>::new(&Geometry::preset("tiny").unwrap());
            judge.connect_all();
            (judge.pool_base.next, judge.pool_size.next, judge.window.next) = (base.to_bits(), size.to_bits(), window.to_bits());
            let last = size.wrapping_sub(1) & 31;
            (judge.size_less_one.next, judge.last_byte.next) = (last.to_bits(), ((base + last) & 31).to_bits());
            judge.audit_room.next = room;
            settle(&mut judge);
            let found = (judge.status.val().to_u64(), judge.fits.val());
            assert_eq!(found, (u64::from(expected.0.code()), expected.1), "pool {base} + {size}, window {window}, room {room}");
        };
        check([0, 16, 16], true, (Status::Ok, true));
        check([20, 8, 8], true, (Status::Ok, true));
        check([28, 4, 0], true, (Status::Ok, true));
        check([2, 8, 0], true, (Status::BadAlignment, true));
        check([0, 6, 0], true, (Status::BadAlignment, true));
        check([0, 8, 4], true, (Status::BadAlignment, true));
        check([0, 0, 0], true, (Status::BadSize, false));
        check([0, 20, 0], true, (Status::BadSize, false));
        // A pool that leaves its frame, or the addresses.
        check([8, 12, 0], true, (Status::BadSize, false));
        check([28, 8, 0], true, (Status::BadSize, false));
        // The first reason counts.
        check([2, 20, 0], true, (Status::BadAlignment, false));
        check([0, 16, 16], false, (Status::AuditFull, true));
        check([2, 20, 4], false, (Status::AuditFull, false));
    }
}
