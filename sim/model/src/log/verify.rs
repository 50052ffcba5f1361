//! Is a log what the device wrote? The chain is computed anew, and the first record that does not fit is named.
//!
//! ```text
//!  records, in order:  sequence number as expected?  ─no─► renumbered, duplicated, reordered, removed
//!                      digest as computed?           ─no─► altered (the record, or its digest)
//!  the end:            as many records, same digest? ─no─► truncated, appended, forged
//!  the device's digest: the same?                    ─no─► appended, forged
//! ```
//! Everything in the file can be computed by whoever writes it: the chain has no key. Only a digest that was read from the
//! device itself, kept apart from the file ([`Anchors::digest`]), proves the records; without it, what is found are
//! mistakes and clumsy changes ([`Assurance`]).

use super::{describe, Entry, LogFile};
use crate::chain::Digest;
use serde::Serialize;
use std::fmt;

/// Digests that come from elsewhere than the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Anchors {
    /// The chain's value before the file's first record; without it the file has to begin with record 0.
    pub from: Option<Digest>,
    /// The chain's value after its last record, read from the device.
    pub digest: Option<Digest>,
}

/// What happened to a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFault {
    /// A record, or its digest, says something else than the device wrote.
    Altered,
    /// Records are missing between others.
    Removed,
    /// A record stands in another one's place, which is elsewhere in the file.
    Reordered,
    /// A record is there twice.
    Duplicated,
    /// Records are missing at the end.
    Truncated,
    /// Records follow that the device had not written when it was asked.
    Appended,
    /// The file agrees with itself but not with what the device said: records were changed together with their digests.
    Forged,
}

impl LogFault {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            LogFault::Altered => "altered",
            LogFault::Removed => "removed",
            LogFault::Reordered => "reordered",
            LogFault::Duplicated => "duplicated",
            LogFault::Truncated => "truncated",
            LogFault::Appended => "appended",
            LogFault::Forged => "forged",
        }
    }
}

/// The first thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogFinding {
    /// What happened.
    pub fault: LogFault,
    /// Sequence number of the first record that it happened to; `None` where none can be named.
    pub record: Option<u32>,
    /// Sequence number of the last one: another than `record` where several are missing, or one of several was altered.
    pub last: Option<u32>,
    /// Line of the file where it shows.
    pub line: usize,
    /// The record on that line, where it is one.
    pub text: Option<String>,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
    /// What else it may be, and what that means.
    pub note: Option<String>,
}

impl fmt::Display for LogFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.record, self.last) {
            (Some(first), Some(last)) if first != last && self.fault == LogFault::Altered => {
                write!(f, "one of the records {first} to {last} was altered")
            }
            (Some(first), Some(last)) if first != last => write!(f, "records {first} to {last}: {}", self.fault.name()),
            (Some(first), _) => write!(f, "record {first}: {}", self.fault.name()),
            (None, _) => write!(f, "the log was {}", self.fault.name()),
        }?;
        write!(f, ", line {}", self.line)?;
        if let Some(text) = &self.text {
            write!(f, " ({text})")?;
        }
        write!(f, ": expected {}, found {}", self.expected, self.found)?;
        self.note.iter().try_for_each(|note| write!(f, "; {note}"))
    }
}

/// What a log without a finding was held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Sequence numbers alone: the file holds no digest.
    Sequence,
    /// Digests in the file itself, which its writer could have computed.
    File,
    /// The device's digest.
    Device,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogVerdict {
    /// Records in the file.
    pub records: usize,
    /// All records, or those before the finding that a digest in the file confirms.
    pub good: usize,
    /// The chain's value after those.
    pub digest: Digest,
    /// The first thing that does not fit.
    pub finding: Option<LogFinding>,
    /// What a log without a finding was held against.
    pub assurance: Assurance,
}

/// Why a log can be neither proved nor refuted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// There is nothing in it.
    Empty,
    /// It begins with a later record than 0, and the digest before that is not known.
    NoStart {
        /// Line of that record.
        line: usize,
        /// Its sequence number.
        sequence: u32,
    },
}

impl Unusable {
    /// Line of the file; 0 where the whole file is meant.
    pub fn line(&self) -> usize {
        match *self {
            Unusable::Empty => 0,
            Unusable::NoStart { line, .. } => line,
        }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Unusable::Empty => f.write_str("there is no record and no end; read the log out of the device first"),
            Unusable::NoStart { sequence, .. } => write!(
                f,
                "the log begins with record {sequence}, not with record 0: {} were removed, or not kept; \
                 add them, or give the digest after record {} as --from",
                if sequence == 1 { "record 0".into() } else { format!("records 0 to {}", sequence.wrapping_sub(1)) },
                sequence.wrapping_sub(1)
            ),
        }
    }
}

impl std::error::Error for Unusable {}

/// Computes the chain over a log and names the first record that does not fit.
pub fn verify(log: &LogFile, anchors: &Anchors) -> Result<LogVerdict, Unusable> {
    let walk = Walk { log, start: start(log, anchors)? };
    let origin = anchors.from.unwrap_or_default();
    let mut digest = origin;
    // Every value that the chain went through; the place of the last one that the file confirms.
    let mut values = vec![origin];
    let mut confirmed = 0;
    let verdict = |good: usize, values: &[Digest], finding| LogVerdict {
        records: log.entries.len(),
        good,
        digest: values[good],
        finding,
        assurance: match (anchors.digest, log.end.is_some() || log.entries.iter().any(|entry| entry.digest.is_some())) {
            (Some(_), _) => Assurance::Device,
            (None, true) => Assurance::File,
            (None, false) => Assurance::Sequence,
        },
    };
    for (index, entry) in log.entries.iter().enumerate() {
        if entry.sequence() != walk.expected(index) {
            return Ok(verdict(confirmed, &values, Some(walk.out_of_sequence(index, digest))));
        }
        let next = digest.next(&entry.words);
        if entry.digest.is_some_and(|said| said != next) {
            return Ok(verdict(confirmed, &values, Some(walk.broken(index, confirmed, next))));
        }
        if entry.digest.is_some() {
            confirmed = index + 1;
        }
        digest = next;
        values.push(next);
    }
    let finding = walk.end(digest, confirmed).or_else(|| {
        let device = anchors.digest.filter(|device| *device != digest)?;
        Some(walk.against_device(&values, confirmed, device))
    });
    let good = if finding.is_some() { confirmed } else { log.entries.len() };
    Ok(verdict(good, &values, finding))
}

/// The sequence number that the file has to begin with.
fn start(log: &LogFile, anchors: &Anchors) -> Result<u32, Unusable> {
    let Some(first) = log.entries.first() else {
        return if log.end.is_some() || anchors.digest.is_some() { Ok(0) } else { Err(Unusable::Empty) };
    };
    let sequence = first.sequence();
    if anchors.from.is_some() {
        // Sequence numbers wrap around: the earliest is the one furthest behind the first.
        let behind = |entry: &&Entry| entry.sequence().wrapping_sub(sequence) as i32;
        return Ok(log.entries.iter().min_by_key(behind).map_or(sequence, Entry::sequence));
    }
    let walk = Walk { log, start: 0 };
    let is_there = log.entries.iter().any(|entry| entry.sequence() == 0);
    // The device's digest covers every record since reset: what is not there was removed.
    if anchors.digest.is_some() || is_there || walk.renumbered(0, Digest::START) {
        return Ok(0);
    }
    Err(Unusable::NoStart { line: first.line, sequence })
}

/// A log with the sequence number that it begins with.
struct Walk<'a> {
    log: &'a LogFile,
    start: u32,
}

fn record(sequence: u32) -> String {
    format!("record {sequence}")
}

impl Walk<'_> {
    fn entries(&self) -> &[Entry] {
        &self.log.entries
    }

    /// The sequence number that belongs at this place.
    fn expected(&self, index: usize) -> u32 {
        self.start.wrapping_add(index as u32)
    }

    fn find(&self, sequence: u32) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.sequence() == sequence)
    }

    fn finding(&self, fault: LogFault, index: usize, sequence: u32, expected: String, found: String) -> LogFinding {
        let entry = &self.entries()[index];
        let (record, text) = (Some(sequence), Some(describe(&entry.words).to_string()));
        LogFinding { fault, record, last: record, line: entry.line, text, expected, found, note: None }
    }

    /// Whether the record at this place is the expected one with another sequence number written over it.
    fn renumbered(&self, index: usize, before: Digest) -> bool {
        let expected = self.expected(index);
        let entry = &self.entries()[index];
        let following = match self.entries().get(index + 1) {
            Some(next) => Some(next.sequence()),
            None => self.log.end.map(|(_, end)| end.records),
        };
        let mut words = entry.words;
        words[0] = expected;
        let by_digest = entry.digest == Some(before.next(&words));
        by_digest || following == Some(expected.wrapping_add(1)) && self.find(expected).is_none()
    }

    fn out_of_sequence(&self, index: usize, before: Digest) -> LogFinding {
        let entry = &self.entries()[index];
        let (expected, found) = (self.expected(index), entry.sequence());
        let same = |other: &&Entry| other.sequence() == found && other.line != entry.line;
        let twin = self.entries().iter().find(same);
        let elsewhere = self.find(expected);
        if self.renumbered(index, before) {
            let finding = self.finding(LogFault::Altered, index, expected, record(expected), format!("sequence number {found}"));
            let copy = twin.filter(|other| other.words == entry.words);
            return LogFinding { note: copy.map(|other| format!("it is a copy of line {}", other.line)), ..finding };
        }
        if let Some(twin) = twin {
            let what = format!("record {found}, which is on line {} too", twin.line);
            let finding = self.finding(LogFault::Duplicated, index, found, record(expected), what);
            let differs = twin.words != entry.words;
            let note = differs.then(|| "the two differ: at least one of them is not what the device wrote".into());
            return LogFinding { note, ..finding };
        }
        // The others go on from here: it is the expected one that was taken away and put in again later.
        let goes_on = self.entries().get(index + 1).is_some_and(|next| next.sequence() == found.wrapping_add(1));
        let late = elsewhere.and_then(|other| self.entries().iter().position(|entry| entry == other));
        if let Some(late) = late.filter(|_| goes_on) {
            let before = self.entries()[late - 1].sequence();
            let belongs = format!("it on line {}, before record {found}", entry.line);
            return self.finding(LogFault::Reordered, late, expected, belongs, format!("it after record {before}"));
        }
        if elsewhere.is_some() || (found.wrapping_sub(expected) as i32) < 0 {
            let place = elsewhere.map_or(String::new(), |other| format!(", which is on line {}", other.line));
            let belongs = format!("record {expected}{place}");
            return self.finding(LogFault::Reordered, index, found, belongs, record(found));
        }
        // Up to the first of the later records that the file still has.
        let distance = |entry: &Entry| entry.sequence().wrapping_sub(expected);
        let missing = self.entries()[index..].iter().map(distance).min().unwrap_or(1);
        let last = expected.wrapping_add(missing.wrapping_sub(1));
        LogFinding { last: Some(last), ..self.finding(LogFault::Removed, index, expected, record(expected), record(found)) }
    }

    /// Does the chain from this value, taken after the record at `index`, meet the next digest that the file holds?
    fn meets(&self, mut value: Digest, index: usize) -> bool {
        for next in index + 1..self.entries().len() {
            let entry = &self.entries()[next];
            if entry.sequence() != self.expected(next) {
                return false;
            }
            value = value.next(&entry.words);
            if let Some(said) = entry.digest {
                return said == value;
            }
        }
        self.log.end.is_some_and(|(_, end)| end.digest == value)
    }

    /// The digest of a record differs. `confirmed` records before it are known to fit.
    fn broken(&self, index: usize, confirmed: usize, computed: Digest) -> LogFinding {
        let entry = &self.entries()[index];
        let said = entry.digest.unwrap_or_default();
        let sequence = entry.sequence();
        let finding = self.finding(LogFault::Altered, index, sequence, format!("digest {computed}"), said.to_string());
        if self.meets(computed, index) {
            let note = "the digest was altered, not the record: what follows fits the record as it is";
            return LogFinding { note: Some(note.into()), ..finding };
        }
        if confirmed < index {
            let note = "the records before this one have no digests that would tell which";
            return LogFinding { record: Some(self.expected(confirmed)), note: Some(note.into()), ..finding };
        }
        let note = match index.checked_sub(1).and_then(|before| self.entries().get(before)) {
            Some(before) => format!("or record {} was altered together with its digest", before.sequence()),
            None if self.start != 0 => "or --from is not the digest before it".into(),
            None => return finding,
        };
        LogFinding { note: Some(note), ..finding }
    }

    /// A finding at the end of the file, about the records from place `first` on.
    fn at_end(&self, fault: LogFault, first: usize, line: usize, expected: String, found: String, note: &str) -> LogFinding {
        let last = self.expected(self.entries().len()).wrapping_sub(1);
        let named = (first < self.entries().len()).then(|| self.expected(first));
        let note = Some(note.to_string());
        LogFinding { fault, record: named, last: named.map(|_| last), line, text: None, expected, found, note }
    }

    /// Everything fits so far: does the end?
    fn end(&self, digest: Digest, confirmed: usize) -> Option<LogFinding> {
        let (line, end) = self.log.end?;
        let count = self.entries().len();
        let next = self.expected(count);
        let missing = end.records.wrapping_sub(next) as i32;
        if missing > 0 {
            let last = end.records.wrapping_sub(1);
            let found = if count == 0 { "none".into() } else { record(next.wrapping_sub(1)) };
            let expected = format!("{} as the last", record(last));
            let finding = self.at_end(LogFault::Truncated, count, line, expected, found, "records are missing at the end");
            return Some(LogFinding { record: Some(next), last: Some(last), ..finding });
        }
        if missing < 0 {
            let first = (count as u32).saturating_sub(missing.unsigned_abs()) as usize;
            let expected = format!("no record after the {} that the end tells of", end.records);
            let note = "records were added, or the end was altered";
            return Some(self.at_end(LogFault::Appended, first, line, expected, record(next.wrapping_sub(1)), note));
        }
        if end.digest == digest {
            return None;
        }
        let (expected, found) = (format!("digest {} of the end", end.digest), digest.to_string());
        Some(if confirmed == count {
            let note = "the records agree with their own digests: they were changed with those, or the end was altered";
            self.at_end(LogFault::Forged, count, line, expected, found, note)
        } else {
            let note = "they have no digests that would tell which; or the end was altered";
            self.at_end(LogFault::Altered, confirmed, line, expected, found, note)
        })
    }

    /// The file agrees with itself, but not with the digest that the device gave.
    fn against_device(&self, values: &[Digest], confirmed: usize, device: Digest) -> LogFinding {
        let count = self.entries().len();
        let line = self.log.end.map(|(line, _)| line).or(self.entries().last().map(|entry| entry.line)).unwrap_or(0);
        let computed = format!("digest {}", values[count]);
        let of_device = format!("digest {device} from the device");
        if let Some(place) = values.iter().position(|value| *value == device) {
            let line = self.entries()[place].line;
            let note = "the device's digest is the one before this record: it was added, or written after the digest was read";
            return self.at_end(LogFault::Appended, place, line, of_device, computed, note);
        }
        if self.log.end.is_none() && confirmed < count {
            let note = "or records are missing at the end: nothing in the file says where it ends";
            return self.at_end(LogFault::Altered, confirmed, line, of_device, computed, note);
        }
        if self.log.end.is_none() {
            let next = Some(self.expected(count));
            let note = "records are missing at the end, or records were changed together with their digests";
            let finding = self.at_end(LogFault::Truncated, count, line, of_device, computed, note);
            return LogFinding { record: next, last: next, ..finding };
        }
        let note = "the file agrees with itself: records were changed together with their digests, or taken from the end \
                    together with it, or the digest is of another time or device";
        self.at_end(LogFault::Forged, count, line, of_device, computed, note)
    }
}

#[cfg(test)]
mod tests {
    use super::super::End;
    use super::*;

    const N: u32 = 7;

    fn entry(sequence: u32) -> Entry {
        let words = [sequence, 100 * sequence, 0x2000_0000 | sequence << 8, 0x1_0000, 0];
        Entry { line: 0, words, digest: None }
    }

    /// Numbers the lines anew.
    fn lined(mut log: LogFile) -> LogFile {
        (1..).zip(&mut log.entries).for_each(|(line, entry)| entry.line = line);
        let line = log.entries.len() + 1;
        log.end = log.end.map(|(_, end)| (line, end));
        log
    }

    /// Gives every `step`th record its digest, counted from the first, and the log its end.
    fn chained(mut log: LogFile, from: Digest, step: usize) -> LogFile {
        let mut digest = from;
        for (place, entry) in (1..).zip(&mut log.entries) {
            digest = digest.next(&entry.words);
            entry.digest = (place % step == 0).then_some(digest);
        }
        let records = log.entries.last().map_or(0, |entry| entry.sequence() + 1);
        log.end = Some((0, End { digest, records }));
        lined(log)
    }

    fn whole(step: usize) -> LogFile {
        chained(LogFile { entries: (0..N).map(entry).collect(), end: None }, Digest::START, step)
    }

    fn verdict(log: &LogFile) -> LogVerdict {
        verify(log, &Anchors::default()).unwrap()
    }

    fn found(log: LogFile) -> (LogFault, Option<u32>, Option<u32>, usize) {
        let log = lined(log);
        let finding = verdict(&log).finding.unwrap_or_else(|| panic!("nothing was found in {log:?}"));
        (finding.fault, finding.record, finding.last, finding.line)
    }

    fn changed(step: usize, change: impl FnOnce(&mut LogFile)) -> LogFile {
        let mut log = whole(step);
        change(&mut log);
        lined(log)
    }

    #[test]
    fn what_the_device_wrote_is_accepted() {
        let last = whole(1).end.unwrap().1.digest;
        for step in [1, 3, 100] {
            for end in [true, false] {
                let log = changed(step, |log| log.end = log.end.filter(|_| end));
                for device in [None, Some(last)] {
                    let verdict = verify(&log, &Anchors { from: None, digest: device }).unwrap();
                    let assurance = match device {
                        Some(_) => Assurance::Device,
                        None if step == 100 && !end => Assurance::Sequence,
                        None => Assurance::File,
                    };
                    let expected = LogVerdict { records: 7, good: 7, digest: last, finding: None, assurance };
                    assert_eq!(verdict, expected, "step {step}, end {end}");
                }
            }
        }
    }

    #[test]
    fn any_flipped_bit_is_an_altered_record() {
        for place in 0..N {
            for bit in 0..160 {
                let log = changed(1, |log| log.entries[place as usize].words[bit / 32] ^= 1 << (bit % 32));
                let at = Some(place);
                assert_eq!(found(log), (LogFault::Altered, at, at, place as usize + 1), "record {place} bit {bit}");
            }
            for bit in 0..128 {
                let log = changed(1, |log| log.entries[place as usize].digest.as_mut().unwrap().0[bit / 8] ^= 1 << (bit % 8));
                let finding = verdict(&log).finding.unwrap();
                assert_eq!((finding.fault, finding.record), (LogFault::Altered, Some(place)), "digest {place} bit {bit}");
                assert!(finding.to_string().contains("the digest was altered, not the record"), "{finding}");
            }
        }
    }

    /// Nothing follows that would tell its number: its digest does.
    #[test]
    fn a_renumbered_last_record_is_an_altered_one() {
        for sequence in [2, N, N + 50] {
            let log = changed(1, |log| (log.end, log.entries[6].words[0]) = (None, sequence));
            assert_eq!(found(log), (LogFault::Altered, Some(6), Some(6), 7), "{sequence}");
        }
    }

    #[test]
    fn without_a_digest_at_hand_the_suspects_are_named() {
        // Digests after records 2 and 5, then the end.
        for (place, first, last, line) in [(0, 0, 2, 3), (2, 0, 2, 3), (3, 3, 5, 6), (6, 6, 6, 8)] {
            let log = changed(3, |log| log.entries[place].words[3] ^= 4);
            assert_eq!(found(log), (LogFault::Altered, Some(first), Some(last), line), "record {place}");
        }
    }

    #[test]
    fn removed_records_are_named() {
        for first in 1..N - 1 {
            for last in first..N - 1 {
                for step in [1, 3] {
                    let log = changed(step, |log| drop(log.entries.drain(first as usize..=last as usize)));
                    assert_eq!(found(log), (LogFault::Removed, Some(first), Some(last), first as usize + 1));
                }
            }
        }
    }

    #[test]
    fn a_log_without_its_beginning_is_unusable() {
        let log = changed(1, |log| drop(log.entries.drain(..2)));
        let unusable = verify(&log, &Anchors::default()).unwrap_err();
        assert_eq!(unusable, Unusable::NoStart { line: 1, sequence: 2 });
        assert!(unusable.to_string().contains("records 0 to 1 were removed, or not kept"), "{unusable}");
        assert_eq!(verify(&LogFile::default(), &Anchors::default()), Err(Unusable::Empty));
        // With the device's digest, which covers all records since reset, the missing ones were removed.
        for missing in 1..N as usize - 1 {
            let log = changed(1, |log| drop(log.entries.drain(..missing)));
            let anchors = Anchors { digest: Some(log.end.expect("it has an end").1.digest), ..Anchors::default() };
            let finding = verify(&log, &anchors).expect("it can be judged").finding.expect("it is altered");
            let expected = (LogFault::Removed, Some(0), Some(missing as u32 - 1));
            assert_eq!((finding.fault, finding.record, finding.last), expected);
        }
    }

    #[test]
    fn swapped_records_are_named() {
        for first in 0..N {
            for second in first + 1..N {
                for step in [1, 3] {
                    let log = changed(step, |log| log.entries.swap(first as usize, second as usize));
                    let at = Some(second);
                    assert_eq!(found(log), (LogFault::Reordered, at, at, first as usize + 1), "{first} {second}");
                }
            }
        }
    }

    #[test]
    fn a_moved_record_is_named() {
        for from in 0..N as usize {
            // A move by one place is a swap.
            for to in (0..N as usize).filter(|to| to.abs_diff(from) > 1) {
                let log = changed(1, |log| {
                    let entry = log.entries.remove(from);
                    log.entries.insert(to, entry);
                });
                let at = Some(from as u32);
                assert_eq!(found(log), (LogFault::Reordered, at, at, to + 1), "{from} to {to}");
            }
        }
    }

    #[test]
    fn records_that_are_there_twice_are_named() {
        for record in 0..N {
            for place in 0..=N {
                let log = changed(1, |log| log.entries.insert(place as usize, log.entries[record as usize]));
                // Right after itself the copy is the later one; right before itself the same.
                let line = if place == record { place + 2 } else { place + 1 };
                let at = Some(record);
                assert_eq!(found(log), (LogFault::Duplicated, at, at, line as usize), "record {record} at {place}");
            }
        }
    }

    #[test]
    fn a_record_over_another_one_is_an_altered_one() {
        let log = changed(1, |log| log.entries[4] = log.entries[2]);
        assert_eq!(found(log.clone()), (LogFault::Altered, Some(4), Some(4), 5));
        assert!(verdict(&log).finding.unwrap().to_string().contains("it is a copy of line 3"));
    }

    #[test]
    fn a_log_cut_short_is_named() {
        for left in 0..N {
            for step in [1, 3] {
                let log = changed(step, |log| log.entries.truncate(left as usize));
                assert_eq!(found(log), (LogFault::Truncated, Some(left), Some(N - 1), left as usize + 1));
            }
        }
    }

    #[test]
    fn records_after_the_end_are_named() {
        let mut longer = whole(1);
        longer.end = Some((8, End { records: 5, digest: longer.entries[4].digest.unwrap() }));
        assert_eq!(found(longer), (LogFault::Appended, Some(5), Some(6), 8));
    }

    /// All digests computed anew after a change: only what the file's writer cannot change tells.
    #[test]
    fn a_forged_log_is_told_by_the_device_alone() {
        let end = whole(1).end;
        let forged = changed(1, |log| {
            log.entries[3].words[3] ^= 1;
            *log = chained(log.clone(), Digest::START, 1);
        });
        assert_eq!((verdict(&forged).finding, verdict(&forged).assurance), (None, Assurance::File));
        let device = Anchors { digest: end.map(|(_, end)| end.digest), from: None };
        let finding = verify(&forged, &device).unwrap().finding.unwrap();
        assert_eq!((finding.fault, finding.record), (LogFault::Forged, None));
        assert_eq!(found(LogFile { end, ..forged }), (LogFault::Forged, None, None, 8));
    }

    #[test]
    fn the_device_tells_what_a_file_without_end_cannot() {
        let device = Anchors { digest: whole(1).end.map(|(_, end)| end.digest), from: None };
        let cut = changed(1, |log| (log.end, _) = (None, log.entries.truncate(4)));
        assert_eq!(verdict(&cut).finding, None);
        let finding = verify(&cut, &device).unwrap().finding.unwrap();
        assert_eq!((finding.fault, finding.record), (LogFault::Truncated, Some(4)));
        let earlier = Anchors { digest: whole(1).entries[4].digest, from: None };
        let finding = verify(&changed(1, |log| log.end = None), &earlier).unwrap().finding.unwrap();
        assert_eq!((finding.fault, finding.record, finding.last, finding.line), (LogFault::Appended, Some(5), Some(6), 6));
        let sparse = changed(3, |log| (log.end, log.entries[6].words[1]) = (None, 1));
        let finding = verify(&sparse, &device).unwrap().finding.unwrap();
        assert_eq!((finding.fault, finding.record, finding.last), (LogFault::Altered, Some(6), Some(6)));
    }

    #[test]
    fn a_log_goes_on_from_a_known_digest() {
        let from = Digest([9; 16]);
        for start in [5, u32::MAX - 2] {
            let entries = (0..N).map(|place| Entry { words: [start.wrapping_add(place), 0, 0x1000_0000, 0, 0], ..entry(0) });
            let mut log = LogFile { entries: entries.collect(), end: None };
            let mut digest = from;
            for entry in &mut log.entries {
                digest = digest.next(&entry.words);
                entry.digest = Some(digest);
            }
            log.end = Some((0, End { digest, records: start.wrapping_add(N) }));
            let log = lined(log);
            let check = |log: &LogFile, from| verify(log, &Anchors { from: Some(from), digest: None }).unwrap().finding;
            assert_eq!(check(&log, from), None);
            let wrong = check(&log, Digest::START).unwrap();
            assert_eq!((wrong.fault, wrong.record), (LogFault::Altered, Some(start)));
            assert!(wrong.to_string().contains("or --from is not the digest before it"), "{wrong}");
            let mut swapped = log.clone();
            swapped.entries.swap(0, 1);
            assert_eq!(check(&lined(swapped), from).unwrap().fault, LogFault::Reordered);
            let mut removed = log.clone();
            removed.entries.remove(3);
            assert_eq!(check(&lined(removed), from).unwrap().record, Some(start.wrapping_add(3)));
        }
    }
}
