//! Memory traces as `valgrind --tool=lackey --trace-mem=yes` prints them, read line by line.
//!
//! ```text
//! I  0401ab70,3      instruction fetch at 0x401ab70, 3 bytes
//!  L 1fff000768,8    load
//!  S 1fff000768,8    store
//!  M 0421c2e8,4      modify: a load and a store
//! ==123== ...        a line of valgrind's own (also --123-- and **123**), or an empty one: skipped and counted
//! ```
//! Every other line is refused, so that no access is lost: one that resembles an access, or output of the traced program.
//! Plain, gzip (`.gz`) or Zstandard (`.zst`) files, told apart by their first bytes. A trace is read twice, from one file that
//! is opened once; what comes through a pipe is kept in a temporary file without a name.
//!
//! A reader never holds more than one line, and never more than [`LONGEST_LINE`] bytes of it.

use crate::InputError;
use flate2::bufread::MultiGzDecoder;
use pm_interface::Kind;
use ruzstd::decoding::StreamingDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// Bytes of a line that is not valgrind's own.
const LONGEST_LINE: usize = 256;
/// Bytes of an access: no instruction reads or writes more at once.
const LARGEST_ACCESS: u64 = 4096;

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

/// A trace's file, opened once and readable from its start as often as needed.
#[derive(Clone, Debug)]
pub struct TraceFile {
    name: String,
    file: Arc<File>,
}

/// A file read from a place of its own, which other readers of the same file do not move.
struct At {
    file: Arc<File>,
    place: u64,
}

impl Read for At {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.place)?;
        self.place += count as u64;
        Ok(count)
    }
}

impl TraceFile {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> Result<TraceFile, InputError> {
        let name = path.display().to_string();
        let fault = |error: io::Error| InputError::new(&name, 0, format!("cannot read the trace: {error}"));
        let mut file = File::open(path).map_err(fault)?;
        let kind = file.metadata().map_err(fault)?.file_type();
        if kind.is_dir() {
            return Err(InputError::new(&name, 0, "cannot read the trace: this is a folder; name a file"));
        }
        if !kind.is_file() {
            let mut kept = tempfile::tempfile().map_err(fault)?;
            io::copy(&mut file, &mut kept).map_err(fault)?;
            file = kept;
        }
        Ok(TraceFile { name, file: Arc::new(file) })
    }

    /// Its events, from the first.
    ///
    /// # Errors
    /// When the file cannot be read or unpacked.
    pub fn events(&self) -> Result<TraceReader, InputError> {
        let file = &self.name;
        let fault = |error: io::Error| InputError::new(file, 0, format!("cannot read the trace: {error}"));
        let mut lines = BufReader::with_capacity(1 << 16, At { file: self.file.clone(), place: 0 });
        let start = lines.fill_buf().map_err(fault)?;
        let lines: Box<dyn BufRead> = match start {
            [0x1F, 0x8B, ..] => Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(lines))),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => {
                let decoder = StreamingDecoder::new(lines)
                    .map_err(|error| InputError::new(file, 0, format!("cannot unpack the trace: {error}")))?;
                Box::new(BufReader::with_capacity(1 << 16, decoder))
            }
            [0xFD, b'7', b'z', b'X', b'Z', ..] | [b'B', b'Z', b'h', ..] => {
                let message = "this compression is not supported; unpack the trace, or pack it with gzip or zstd";
                return Err(InputError::new(file, 0, message));
            }
            _ => Box::new(lines),
        };
        Ok(TraceReader::over(file, lines))
    }
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
    /// Opens a file that is read once.
    ///
    /// # Errors
    /// As [`TraceFile::open`] and [`TraceFile::events`].
    pub fn open(path: &Path) -> Result<TraceReader, InputError> {
        TraceFile::open(path)?.events()
    }

    /// Reads a text; `file` is its name in messages.
    pub fn from_text(file: &str, text: impl Read + 'static) -> TraceReader {
        TraceReader::over(file, Box::new(BufReader::new(text)))
    }

    fn over(file: &str, lines: Box<dyn BufRead>) -> TraceReader {
        TraceReader { file: file.into(), lines, line: 0, text: Vec::new(), skipped: 0, ended: false }
    }

    /// Lines so far that were valgrind's own, or empty.
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
            self.line += 1;
            let got = (&mut self.lines).take(LONGEST_LINE as u64).read_until(b'\n', &mut self.text);
            match got {
                Ok(0) => {
                    self.line -= 1;
                    return Ok(None);
                }
                Ok(_) => {}
                Err(error) => return Err(self.fault(format!("cannot read on: {error}"))),
            }
            let whole = self.text.ends_with(b"\n") || self.text.len() < LONGEST_LINE;
            let parsed = match is_valgrinds(&self.text) {
                true if whole => Ok(None),
                true => {
                    self.lines.skip_until(b'\n').map_err(|error| self.fault(format!("cannot read on: {error}")))?;
                    Ok(None)
                }
                false if whole => parse(&self.text),
                false => Err("more than an access takes"),
            };
            match parsed {
                Ok(Some(event)) => return Ok(Some(event)),
                Ok(None) => self.skipped += 1,
                Err(what) => {
                    let shown = String::from_utf8_lossy(&self.text[..self.text.len().min(SHOWN)]);
                    let more = if self.text.len() > SHOWN { " .." } else { "" };
                    let message = format!(
                        "{what} in {:?}{more}; a line is a kind, a hexadecimal address and a size, such as \" L 1fff000768,8\", or \
                         valgrind's own, such as \"==123== text\": correct or remove the line, or trace again with --log-file, \
                         which keeps the program's output out",
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

/// Bytes of a line that a message repeats.
const SHOWN: usize = 60;

/// Whether valgrind itself says something here: a mark, the process number, the mark again.
fn is_valgrinds(line: &[u8]) -> bool {
    [b"==", b"--", b"**"].into_iter().any(|mark| {
        let Some(rest) = line.strip_prefix(mark) else { return false };
        // With --time-stamp=yes a time comes before the number.
        let number = rest.iter().take_while(|byte| byte.is_ascii_digit() || b":. ".contains(byte)).count();
        rest[..number].iter().any(u8::is_ascii_digit) && rest[number..].starts_with(mark)
    })
}

/// An access, an empty line, or what is wrong with it.
fn parse(line: &[u8]) -> Result<Option<TraceEvent>, &'static str> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let kind = match line {
        [b'I', b' ', b' ', ..] => TraceKind::Fetch,
        [b' ', b'L', b' ', ..] => TraceKind::Load,
        [b' ', b'S', b' ', ..] => TraceKind::Store,
        [b' ', b'M', b' ', ..] => TraceKind::Modify,
        _ => return Err("no access, which begins with \"I  \", \" L \", \" S \" or \" M \","),
    };
    let rest = std::str::from_utf8(&line[3..]).map_err(|_| "not text")?.trim_end();
    let (address, size) = rest.split_once(',').ok_or("no comma")?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let address = Some(address).filter(|text| digits(text)).and_then(|text| u64::from_str_radix(text, 16).ok());
    let address = address.ok_or("no hexadecimal address of at most 64 bits")?;
    let size: u64 = Some(size).filter(|text| digits(text)).and_then(|text| text.parse().ok()).ok_or("no size")?;
    if size > LARGEST_ACCESS {
        return Err("a size above 4096 bytes, which no instruction accesses at once,");
    }
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
        let (events, skipped, error) = read("==1== hi\nI  0401ab70,3\n L 1fff000768,8\n S 4,16\n M 0,1\r\n\n--12-- reading syms\n**1** warning\n==00:00:01.234 77== x\n");
        let expected = [
            event(TraceKind::Fetch, 0x0401_AB70, 3),
            event(TraceKind::Load, 0x1F_FF00_0768, 8),
            event(TraceKind::Store, 4, 16),
            event(TraceKind::Modify, 0, 1),
        ];
        assert_eq!((events.as_slice(), skipped, error), (expected.as_slice(), 5, None));
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
            ("I  04,1\n L 0,18446744073709551615\n", "t:2: a size above 4096 bytes"),
            (" L 0,18446744073709551616\n", "t:1: no size"),
            (" L 0,4097\n", "t:1: a size above 4096 bytes"),
            // Near misses: every one would be an access that is lost.
            ("I  04,1\nI 0400d7d4,8\n", "t:2: no access, which begins"),
            ("I\t04,1\n", "t:1: no access"),
            ("L 04,1\n", "t:1: no access"),
            ("  L 04,1\n", "t:1: no access"),
            (" l 04,1\n", "t:1: no access"),
            (" X 04,1\n", "t:1: no access"),
            ("04,1\n", "t:1: no access"),
            ("hello\n", "t:1: no access"),
            ("=1= hi\n", "t:1: no access"),
            ("==x== hi\n", "t:1: no access"),
            ("== 04,1 ==\n L 04,1\n", "t:1: no access"),
            (" S 04,1 \u{1b}[2J\n", "t:1: no size"),
        ] {
            let error = read(text).2.unwrap_or_default();
            assert!(error.starts_with(what), "{text:?}: {error}");
        }
    }

    #[test]
    fn lines_without_end_take_no_memory_and_no_long_message() {
        let endless = |start: &'static str, bytes: u64| Cursor::new(start).chain(io::repeat(b'a').take(bytes));
        for start in [" L ", "I  04,1", "I  04,1\n", "hello "] {
            let mut reader = TraceReader::from_text("t", endless(start, 3 << 20));
            let error = reader.find_map(Result::err).expect("it is refused").to_string();
            assert!(error.len() < 700, "{} bytes", error.len());
            assert!(reader.text.capacity() < 4096 && error.contains("more than an access takes in"), "{error}");
        }
        // valgrind repeats the command line, which may be long.
        let mut reader = TraceReader::from_text("t", endless("==1== Command: ", 3 << 20).chain(Cursor::new("\n L 04,1\n")));
        assert_eq!(reader.by_ref().map(Result::unwrap).count(), 1);
        assert!(reader.skipped() == 1 && reader.line() == 2 && reader.text.capacity() < 4096);
    }

    #[test]
    fn a_file_is_opened_once_and_read_from_its_start_each_time() {
        let mut named = tempfile::NamedTempFile::new().unwrap();
        io::Write::write_all(&mut named, b" L 04,1\n S 08,2\n").unwrap();
        let trace = TraceFile::open(named.path()).unwrap();
        let mut half = trace.events().unwrap();
        assert_eq!(half.next().unwrap().unwrap(), event(TraceKind::Load, 4, 1));
        drop(named);
        let all: Vec<TraceEvent> = trace.events().unwrap().map(Result::unwrap).collect();
        assert_eq!(all, [event(TraceKind::Load, 4, 1), event(TraceKind::Store, 8, 2)]);
        assert_eq!(half.next().unwrap().unwrap(), all[1]);
        let error = TraceFile::open(&std::env::temp_dir()).unwrap_err().to_string();
        assert!(error.contains("this is a folder"), "{error}");
    }

    #[test]
    fn packed_files_are_told_by_their_first_bytes() {
        let text = "I  04,1\n L 08,4\n".repeat(10_000);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
        let zstd = ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
        for (name, content) in [("plain", text.clone().into_bytes()), ("gzip", gzip.finish().unwrap()), ("zstd", zstd)] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            std::io::Write::write_all(&mut file, &content).unwrap();
            let events: Result<Vec<TraceEvent>, InputError> = TraceReader::open(file.path()).unwrap().collect();
            assert_eq!(events.unwrap().len(), 20_000, "{name}");
        }
    }

    #[test]
    fn a_last_line_without_its_newline_counts() {
        assert_eq!(read("I  04,1\n L 08,4").0.len(), 2);
    }
}
