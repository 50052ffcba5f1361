//! The drivers against the RTL in simulation.

mod c;
mod rust;

use pm_driver::Registers;
use pm_sim::device::{Access, BusError, Geometry};
use pm_sim::{rtl_device, Device};

/// The RTL's register port; the other ports stay reachable.
pub struct Port {
    /// The device.
    pub rtl: Box<dyn Device>,
    /// Accesses from now on until the bus fails, if it is to.
    pub fails_in: Option<u32>,
}

impl Port {
    /// The RTL of this geometry, after reset.
    pub fn new(geometry: &str) -> Port {
        let geometry = Geometry::preset(geometry).expect("the preset exists");
        let mut rtl = rtl_device(&geometry).expect("the RTL starts");
        rtl.pulse_reset();
        Port { rtl, fails_in: None }
    }

    /// Whether the translate port grants a byte of this kind, and if so where.
    pub fn granted(&mut self, tenant: u8, address: u64, kind: u8) -> Option<u64> {
        let answers = self.rtl.translate(&[Access { tenant, address, length: 1, kind }]);
        answers[0].granted.then_some(answers[0].physical)
    }

    fn may_fail(&mut self, offset: u8) -> Result<(), BusError> {
        match &mut self.fails_in {
            Some(0) => {
                self.fails_in = None;
                Err(BusError { offset, written: None })
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Registers for Port {
    type Error = BusError;

    fn read(&mut self, offset: u8) -> Result<u32, BusError> {
        self.may_fail(offset)?;
        self.rtl.read_register(offset)
    }

    fn write(&mut self, offset: u8, value: u32) -> Result<(), BusError> {
        self.may_fail(offset)?;
        self.rtl.write_register(offset, value)
    }
}
