//! A file of audit records, as a reader of the device writes it: JSON lines, one object a record.
//!
//! ```text
//!  {"words":[0,4096,285212672,1073741824,0],"digest":"32 hex digits, the chain's value after this record"}
//!  {"words":[1,4711,..]}                                     no digest: AUDIT_DIGEST was not read here
//!  {"end":{"digest":"32 hex digits","records":2}}            what the device said when the log was read out
//! ```
//! One file is one run of the device, from its first record after reset. `records` is the sequence number that the next
//! record would get. The end may be missing; nothing then says where the log ends. See [`verify`] for what it proves.

mod describe;
mod verify;

pub use describe::{describe, Described};
pub use verify::{verify, Anchors, Assurance, LogFault, LogFinding, LogVerdict, Unusable};

use crate::chain::Digest;
use pm_interface::AUDIT_WORDS;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use std::fmt;
use std::io::{self, BufRead, Read, Write};

/// One record of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Line of the file, from 1.
    pub line: usize,
    /// The record as `AUDIT_DATA` showed it.
    pub words: [u32; AUDIT_WORDS],
    /// The chain's value after it, where it was read.
    pub digest: Option<Digest>,
}

impl Entry {
    /// The record's sequence number.
    pub fn sequence(&self) -> u32 {
        self.words[0]
    }
}

/// What the device said when the log was read out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// The chain's value after the last record.
    pub digest: Digest,
    /// Sequence number of the next record: how many there were since reset.
    pub records: u32,
}

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFile {
    /// The records in the order of the file.
    pub entries: Vec<Entry>,
    /// The end with its line, where there is one.
    pub end: Option<(usize, End)>,
}

/// A line, or the reading of it, that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for LogError {}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<[u32; AUDIT_WORDS]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<End>,
}

/// Bytes of a line: many times what a record takes.
const LONGEST_LINE: u64 = 4096;

/// A line, as a message shows it.
const SHAPE: &str = "a line is {\"words\":[5 numbers],\"digest\":\"32 hex digits\"}, the digest may be missing, or at the end \
                     {\"end\":{\"digest\":\"32 hex digits\",\"records\":number}}";

impl LogFile {
    /// Reads a file. Empty lines are skipped; unknown keys are refused.
    pub fn read(mut source: impl BufRead) -> Result<LogFile, LogError> {
        let mut log = LogFile::default();
        let mut text = Vec::new();
        for line in 1.. {
            let fault = |message: String| LogError { line, message };
            text.clear();
            match (&mut source).take(LONGEST_LINE).read_until(b'\n', &mut text) {
                Ok(0) => break,
                Ok(_) if text.len() as u64 == LONGEST_LINE && !text.ends_with(b"\n") => {
                    return Err(fault(format!("the line is longer than {LONGEST_LINE} bytes; {SHAPE}")));
                }
                Ok(_) => {}
                Err(error) => return Err(fault(format!("cannot read on: {error}"))),
            }
            if text.trim_ascii().is_empty() {
                continue;
            }
            let parsed = serde_json::from_slice(&text).map_err(|error| fault(explain(&error)))?;
            if log.end.is_some() {
                return Err(fault("a line follows the end; an end is the last line: remove it, or one log a file".into()));
            }
            match parsed {
                Line { words: Some(words), digest, end: None } => log.entries.push(Entry { line, words, digest }),
                Line { words: None, digest: None, end: Some(end) } => log.end = Some((line, end)),
                _ => return Err(fault(format!("it is neither a record nor the end; {SHAPE}"))),
            }
        }
        Ok(log)
    }
}

/// What is wrong with a line, without serde_json's own idea of the line's number.
fn explain(error: &serde_json::Error) -> String {
    // It may repeat a key of the file: nothing of that is to reach a terminal as a command.
    let text = error.to_string().replace(char::is_control, "?");
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    match error.classify() {
        Category::Eof => {
            format!("the line is not whole ({what}): the file was cut short; read the log out again, or remove the line")
        }
        _ => format!("{what}, at column {}; {SHAPE}", error.column()),
    }
}

/// Writes a file record by record.
#[derive(Debug)]
pub struct LogWriter<W> {
    sink: W,
}

impl<W: Write> LogWriter<W> {
    /// To a new file.
    pub fn new(sink: W) -> LogWriter<W> {
        LogWriter { sink }
    }

    /// A record, with the chain's value after it where `AUDIT_DIGEST` was read then.
    pub fn record(&mut self, words: [u32; AUDIT_WORDS], digest: Option<Digest>) -> io::Result<()> {
        self.line(&Line { words: Some(words), digest, end: None })
    }

    /// The end; gives the sink back, flushed.
    pub fn end(mut self, end: End) -> io::Result<W> {
        self.line(&Line { words: None, digest: None, end: Some(end) })?;
        self.sink.flush()?;
        Ok(self.sink)
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        serde_json::to_writer(&mut self.sink, line)?;
        self.sink.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let digest = Digest([0xAB; 16]);
        let mut writer = LogWriter::new(Vec::new());
        writer.record([0, 1, 2, 3, u32::MAX], Some(digest)).unwrap();
        writer.record([1, 0, 0, 0, 0], None).unwrap();
        let text = String::from_utf8(writer.end(End { digest, records: 2 }).unwrap()).unwrap();
        let hex = "ab".repeat(16);
        let expected = format!(
            "{{\"words\":[0,1,2,3,4294967295],\"digest\":\"{hex}\"}}\n\
             {{\"words\":[1,0,0,0,0]}}\n\
             {{\"end\":{{\"digest\":\"{hex}\",\"records\":2}}}}\n"
        );
        assert_eq!(text, expected);
        let entries = vec![
            Entry { line: 1, words: [0, 1, 2, 3, u32::MAX], digest: Some(digest) },
            Entry { line: 2, words: [1, 0, 0, 0, 0], digest: None },
        ];
        let end = Some((3, End { digest, records: 2 }));
        assert_eq!(LogFile::read(text.as_bytes()), Ok(LogFile { entries, end }));
        assert_eq!(LogFile::read(&b"\n \n"[..]), Ok(LogFile::default()));
    }

    #[test]
    fn lines_that_cannot_be_used_are_named() {
        let good = "{\"words\":[0,0,0,0,0]}\n";
        let end = format!("{{\"end\":{{\"digest\":\"{}\",\"records\":0}}}}\n", Digest::START);
        for (text, line, said) in [
            ("{\"words\":[0,0,0,0]}\n".to_string(), 1, "invalid length 4"),
            (format!("{good}{{\"words\":[0,0,0,0,-1]}}"), 2, "invalid value: integer `-1`"),
            (format!("{good}\n{{\"words\":[0,0"), 3, "the file was cut short"),
            (format!("{good}{{}}"), 2, "neither a record nor the end"),
            ("{\"words\":[0,0,0,0,0],\"digest\":\"00\"}".into(), 1, "a digest is 32 hex digits, but this has 2 of them"),
            ("{\"words\":[0,0,0,0,0],\"colour\":1}".into(), 1, "unknown field `colour`"),
            (format!("{end}{good}"), 2, "a line follows the end"),
            ("{\"\\u001b[2Jx\":1}".into(), 1, "unknown field `?[2Jx`"),
            ("\u{e9}".into(), 1, "expected value, at column 1"),
            (good.to_string() + &" ".repeat(3 << 20), 2, "the line is longer than 4096 bytes"),
        ] {
            let error = LogFile::read(text.as_bytes()).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(said), "{error}");
            assert!(!error.message.contains("at line"), "{error}");
        }
    }
}
