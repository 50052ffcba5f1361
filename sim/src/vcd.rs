//! A design's signals as a VCD file, written while it is simulated. The first error of the file ends it, and is kept.
//!
//! ```text
//!  partition_manager            the root: the design's top module, then its blocks as scopes
//!    |-- clock, reset, ..       a record's fields as NAME$FIELD
//!    '-- data_path
//!  time in ns: a clock period is 10 ns, the board's 100 MHz
//! ```

use rust_hdl::core::atom::Atom;
use rust_hdl::core::probe::Probe;
use rust_hdl::core::synth::VCDValue;
use rust_hdl::core::type_descriptor::{TypeDescriptor, TypeKind};
use rust_hdl::prelude::Block;
use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::sync::{Arc, Mutex, PoisonError};
use vcd::{IdCode, TimescaleUnit, VarType};

/// Nanoseconds from one clock edge to the next: 100 MHz.
pub(crate) const HALF_PERIOD: u64 = 5;

/// A signal, or a field of one, in the file: its code, and the value that was written last.
struct Written(IdCode, Option<VCDValue>);

/// Where the file goes; [`vcd::Writer`] gives nothing back that could be flushed.
#[derive(Clone)]
struct Sink(Arc<Mutex<BufWriter<Box<dyn Write + Send>>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

/// A VCD file under way.
pub(crate) struct Waves {
    sink: Sink,
    file: vcd::Writer<Sink>,
    signals: HashMap<usize, Vec<Written>>,
    error: Option<io::Error>,
}

impl Waves {
    /// Writes the head: every signal of the design, below a root called `name`.
    pub fn new(sink: Box<dyn Write + Send>, name: &str, design: &dyn Block) -> Waves {
        let sink = Sink(Arc::new(Mutex::new(BufWriter::new(sink))));
        let mut waves = Waves { file: vcd::Writer::new(sink.clone()), sink, signals: HashMap::new(), error: None };
        waves.keep(|file| file.version(pm_system::VCD_MADE_BY));
        waves.keep(|file| file.timescale(1, TimescaleUnit::NS));
        design.accept(name, &mut Head(&mut waves));
        waves.keep(|file| file.enddefinitions());
        waves
    }

    /// Writes what has changed, at this time in ns.
    pub fn at(&mut self, time: u64, design: &dyn Block) {
        self.keep(|file| file.timestamp(time));
        if self.error.is_none() {
            design.accept("", &mut Changes(self));
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The first that there was.
    pub fn finish(mut self) -> io::Result<()> {
        match self.error.take() {
            Some(error) => Err(error),
            None => self.sink.flush(),
        }
    }

    /// Does something with the file while it has no error.
    fn keep<T>(&mut self, act: impl FnOnce(&mut vcd::Writer<Sink>) -> io::Result<T>) -> Option<T> {
        if self.error.is_some() {
            return None;
        }
        act(&mut self.file).map_err(|error| self.error = Some(error)).ok()
    }

    fn declare(&mut self, name: &str, descriptor: &TypeDescriptor, codes: &mut Vec<Written>) {
        let code = match &descriptor.kind {
            TypeKind::Bits(width) | TypeKind::Signed(width) => self.keep(|file| file.add_wire(*width as u32, name)),
            TypeKind::Enum(_) => self.keep(|file| file.add_var(VarType::String, 1, name, None)),
            TypeKind::Composite(fields) => {
                fields.iter().for_each(|field| self.declare(&format!("{name}${}", field.fieldname), &field.kind, codes));
                return;
            }
        };
        codes.extend(code.map(|code| Written(code, None)));
    }

    /// Writes a value, field by field, in the order of their declaration.
    fn change(&mut self, codes: &mut std::slice::IterMut<'_, Written>, value: VCDValue) {
        if let VCDValue::Composite(fields) = value {
            fields.into_iter().for_each(|field| self.change(codes, *field));
            return;
        }
        let Some(Written(code, last)) = codes.next() else { return };
        if last.as_ref() == Some(&value) {
            return;
        }
        self.keep(|file| match &value {
            VCDValue::Single(bit) => file.change_scalar(*code, *bit),
            VCDValue::Vector(bits) if bits.len() == 1 => file.change_scalar(*code, bits[0]),
            VCDValue::Vector(bits) => file.change_vector(*code, bits),
            VCDValue::String(text) => file.change_string(*code, text),
            VCDValue::Composite(_) => Ok(()),
        });
        *last = Some(value);
    }
}

/// Declares every signal.
struct Head<'a>(&'a mut Waves);

impl Probe for Head<'_> {
    fn visit_start_scope(&mut self, name: &str, _node: &dyn Block) {
        self.0.keep(|file| file.add_module(name));
    }

    fn visit_start_namespace(&mut self, name: &str, _node: &dyn Block) {
        self.0.keep(|file| file.add_module(name));
    }

    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        let mut codes = Vec::new();
        self.0.declare(name, &signal.descriptor(), &mut codes);
        self.0.signals.insert(signal.id(), codes);
    }

    fn visit_end_namespace(&mut self, _name: &str, _node: &dyn Block) {
        self.0.keep(|file| file.upscope());
    }

    fn visit_end_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.0.keep(|file| file.upscope());
    }
}

/// Writes every signal that has changed.
struct Changes<'a>(&'a mut Waves);

impl Probe for Changes<'_> {
    fn visit_atom(&mut self, _name: &str, signal: &dyn Atom) {
        let Some(mut codes) = self.0.signals.remove(&signal.id()) else { return };
        self.0.change(&mut codes.iter_mut(), signal.vcd());
        self.0.signals.insert(signal.id(), codes);
    }
}

#[cfg(test)]
mod tests {
    use crate::{rtl_device, DeviceError};
    use pm_interface::Geometry;
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    /// A disk with room for so many bytes.
    #[derive(Clone)]
    struct Disk(Arc<Mutex<Vec<u8>>>, usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut held = self.0.lock().unwrap();
            if held.len() + bytes.len() > self.1 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            held.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn recorded(room: usize) -> (Result<(), DeviceError>, String) {
        let mut device = rtl_device(&Geometry::preset("tiny").unwrap()).unwrap();
        let disk = Disk(Arc::default(), room);
        device.record_vcd(Box::new(disk.clone())).unwrap();
        device.reset().unwrap();
        let ended = device.finish_vcd();
        let text = String::from_utf8(disk.0.lock().unwrap().clone()).unwrap();
        (ended, text)
    }

    #[test]
    fn the_root_has_the_designs_name_and_a_period_takes_10_ns() {
        let (ended, text) = recorded(usize::MAX);
        ended.unwrap();
        let mut file = vcd::Parser::new(text.as_bytes());
        let head = file.parse_header().unwrap();
        assert_eq!(head.timescale, Some((1, vcd::TimescaleUnit::NS)));
        let clock = head.find_var(&["partition_manager", "clock"]).expect("the top's clock").code;
        assert!(head.find_scope(&["partition_manager", "data_path"]).is_some(), "its blocks are below");
        let (mut time, mut edges) = (0, Vec::new());
        for command in file {
            match command.unwrap() {
                vcd::Command::Timestamp(now) => time = now,
                vcd::Command::ChangeScalar(code, vcd::Value::V1) if code == clock => edges.push(time),
                _ => {}
            }
        }
        assert!(edges.len() > 3 && edges.windows(2).all(|pair| pair[1] - pair[0] == 10), "{edges:?}");
    }

    /// Wherever the disk is full: in the head, in the changes.
    #[test]
    fn a_full_disk_is_an_error_and_no_panic() {
        let (_, whole) = recorded(usize::MAX);
        for room in [0, 10, whole.find("$enddefinitions").unwrap(), whole.len() - 1] {
            let error = recorded(room).0.unwrap_err().to_string();
            assert!(error.contains("VCD"), "{error}");
        }
    }
}
