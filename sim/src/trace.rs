//! Memory traces as `valgrind --tool=lackey --trace-mem=yes` prints them, read line by line.
//!
//! ```text
//! I  0401ab70,3      instruction fetch at 0x401ab70, 3 bytes
//!  L 1fff000768,8    load
//!  S 1fff000768,8    store
//!  M 0421c2e8,4      modify: a load and a store
//! ==123== ...        anything else is skipped and counted
//! ```
//! Plain, gzip (`.gz`) or Zstandard (`.zst`) files, told apart by their first bytes.

use crate::InputError;
use flate2::bufread::MultiGzDecoder;
use pm_interface::Kind;
use ruzstd::decoding::StreamingDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// What an instruction did to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TraceKind {
    /// `I`
    Fetch,
    /// `L`
    Load,
    /// `S`
    Store,
    /// `M`
    Modify,
}

impl TraceKind {
    /// The accesses that it takes, in order.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            TraceKind::Fetch => &[Kind::Execute],
            TraceKind::Load => &[Kind::Read],
            TraceKind::Store => &[Kind::Write],
            TraceKind::Modify => &[Kind::Read, Kind::Write],
        }
    }
}

/// One line of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceEvent {
    /// What was done.
    pub kind: TraceKind,
    /// First byte, as the program saw it.
    pub address: u64,
    /// Bytes, at least one; the last byte does not wrap around.
    pub size: u64,
}

/// Reads events one by one; ends after the first error.
pub struct TraceReader {
    file: String,
    lines: Box<dyn BufRead>,
    line: usize,
    text: Vec<u8>,
    skipped: u64,
    ended: bool,
}

impl TraceReader {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<TraceReader, InputError> {
        let file = path.display().to_string();
        let fault = |error: std::io::Error| InputError::new(&file, 0, format!("cannot read the trace: {error}"));
        let mut lines = BufReader::with_capacity(1 << 16, File::open(path).map_err(fault)?);
        let start = lines.fill_buf().map_err(fault)?;
        let lines: Box<dyn BufRead> = match start {
            [0x1F, 0x8B, ..] => Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(lines))),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => {
                let decoder = StreamingDecoder::new(lines)
                    .map_err(|error| InputError::new(&file, 0, format!("cannot unpack the trace: {error}")))?;
                Box::new(BufReader::with_capacity(1 << 16, decoder))
            }
            [0xFD, b'7', b'z', b'X', b'Z', ..] | [b'B', b'Z', b'h', ..] => {
                let message = "this compression is not supported; unpack the trace, or pack it with gzip or zstd";
                return Err(InputError::new(&file, 0, message));
            }
            _ => Box::new(lines),
        };
        Ok(TraceReader::over(&file, lines))
    }

    /// Reads a text; `file` is its name in messages.
    pub fn from_text(file: &str, text: impl Read + 'static) -> TraceReader {
        TraceReader::over(file, Box::new(BufReader::new(text)))
    }

    fn over(file: &str, lines: Box<dyn BufRead>) -> TraceReader {
        TraceReader { file: file.into(), lines, line: 0, text: Vec::new(), skipped: 0, ended: false }
    }

    /// Lines so far that were no accesses.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Lines so far.
    pub fn line(&self) -> usize {
        self.line
    }

    fn step(&mut self) -> Result<Option<TraceEvent>, InputError> {
        loop {
            self.text.clear();
            let got = self.lines.read_until(b'\n', &mut self.text);
            self.line += 1;
            match got {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(error) => return Err(self.fault(format!("cannot read on: {error}"))),
            }
            match parse(&self.text) {
                Ok(Some(event)) => return Ok(Some(event)),
                Ok(None) => self.skipped += 1,
                Err(what) => {
                    let shown = String::from_utf8_lossy(&self.text);
                    let message = format!(
                        "{what} in {:?}; a line is a kind, a hexadecimal address and a size, such as \" L 1fff000768,8\": \
                         remove the line, or trace again with --log-file so that the program's output stays out",
                        shown.trim_end()
                    );
                    return Err(self.fault(message));
                }
            }
        }
    }

    fn fault(&self, message: String) -> InputError {
        InputError::new(&self.file, self.line, message)
    }
}

impl Iterator for TraceReader {
    type Item = Result<TraceEvent, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step().transpose();
        self.ended = !matches!(step, Some(Ok(_)));
        step
    }
}

/// An access, a line to skip, or what is wrong with it.
fn parse(line: &[u8]) -> Result<Option<TraceEvent>, &'static str> {
    let kind = match line {
        [b'I', b' ', b' ', ..] => TraceKind::Fetch,
        [b' ', b'L', b' ', ..] => TraceKind::Load,
        [b' ', b'S', b' ', ..] => TraceKind::Store,
        [b' ', b'M', b' ', ..] => TraceKind::Modify,
        _ => return Ok(None),
    };
    let rest = std::str::from_utf8(&line[3..]).map_err(|_| "not text")?.trim_end();
    let (address, size) = rest.split_once(',').ok_or("no comma")?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let address = Some(address).filter(|text| digits(text)).and_then(|text| u64::from_str_radix(text, 16).ok());
    let address = address.ok_or("no hexadecimal address of at most 64 bits")?;
    let size: u64 = Some(size).filter(|text| digits(text)).and_then(|text| text.parse().ok()).ok_or("no size")?;
    let ends = size.checked_sub(1).and_then(|more| address.checked_add(more));
    ends.ok_or("a size of zero, or one that wraps around")?;
    Ok(Some(TraceEvent { kind, address, size }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(text: &'static str) -> (Vec<TraceEvent>, u64, Option<String>) {
        let mut reader = TraceReader::from_text("t", Cursor::new(text));
        let mut events = Vec::new();
        let mut error = None;
        for event in reader.by_ref() {
            match event {
                Ok(event) => events.push(event),
                Err(fault) => error = Some(fault.to_string()),
            }
        }
        (events, reader.skipped(), error)
    }

    fn event(kind: TraceKind, address: u64, size: u64) -> TraceEvent {
        TraceEvent { kind, address, size }
    }

    #[test]
    fn every_kind_of_line() {
        let (events, skipped, error) = read("==1== hi\nI  0401ab70,3\n L 1fff000768,8\n S 4,16\n M 0,1\n\nhello\n");
        let expected = [
            event(TraceKind::Fetch, 0x0401_AB70, 3),
            event(TraceKind::Load, 0x1F_FF00_0768, 8),
            event(TraceKind::Store, 4, 16),
            event(TraceKind::Modify, 0, 1),
        ];
        assert_eq!((events.as_slice(), skipped, error), (expected.as_slice(), 3, None));
    }

    #[test]
    fn malformed_lines_are_named() {
        for (text, what) in [
            ("I  04,1\nI  zz,3\n", "t:2: no hexadecimal address"),
            (" L 04\n", "t:1: no comma"),
            (" L 04,\n", "t:1: no size"),
            (" L ,4\n", "t:1: no hexadecimal address"),
            (" S 04,-1\n", "t:1: no size"),
            (" S 04,0\n", "t:1: a size of zero"),
            (" M ffffffffffffffff,2\n", "t:1: a size of zero, or one that wraps"),
            (" M 1ffffffffffffffff,2\n", "t:1: no hexadecimal address"),
            ("I  +4,2\n", "t:1: no hexadecimal address"),
        ] {
            let error = read(text).2.unwrap_or_default();
            assert!(error.starts_with(what), "{text:?}: {error}");
        }
    }

    #[test]
    fn packed_files_are_told_by_their_first_bytes() {
        let text = "I  04,1\n L 08,4\n".repeat(10_000);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
        let zstd = ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
        for (name, content) in [("plain", text.clone().into_bytes()), ("gzip", gzip.finish().unwrap()), ("zstd", zstd)] {
            let path = std::env::temp_dir().join(format!("pm-sim-trace-{}-{name}", std::process::id()));
            std::fs::write(&path, content).unwrap();
            let events: Result<Vec<TraceEvent>, InputError> = TraceReader::open(&path).unwrap().collect();
            std::fs::remove_file(&path).unwrap();
            assert_eq!(events.unwrap().len(), 20_000, "{name}");
        }
    }

    #[test]
    fn a_last_line_without_its_newline_counts() {
        assert_eq!(read("I  04,1\n L 08,4").0.len(), 2);
    }
}
