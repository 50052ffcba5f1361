//! `pm audit`: is a log what the device wrote, and what does it say?

use crate::terminal;
use clap::{Args, Subcommand};
use pm_model::chain::Digest;
use pm_model::log::{describe, verify, Anchors, Assurance, Described, LogFile, LogFinding, LogVerdict, Unusable};
use pm_sim::{table, InputError};
use serde::Serialize;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "\
Example:
  pm audit verify device.log --digest 5f0c6f9d6d3f1d0b8a7be1a1a8f2c9d4
  pm audit print device.log

A log is JSON lines, one object a record, in the order that the device wrote them since reset:
  {\"words\":[0,4096,285212672,1073741824,0],\"digest\":\"..\"}   AUDIT_DATA's five words; AUDIT_DIGEST after them, if it was read
  {\"end\":{\"digest\":\"..\",\"records\":1}}                       last line, if any: AUDIT_DIGEST and the next sequence number";

const VERIFY: &str = "\
Example:
  pm audit verify device.log --digest 5f0c6f9d6d3f1d0b8a7be1a1a8f2c9d4

Computes the chain anew and names the first record that was altered, removed, reordered, duplicated or truncated.

What this proves: the chain has no key, so whoever can write the file can compute all of its digests anew. The log is proved
only against a digest that was read from the device itself (AUDIT_DIGEST) by somebody you trust, and given as --digest.
Without it, mistakes and clumsy changes are found, and nothing else. A digest also says nothing of what was lost before
it was logged (AUDIT_LOST), or of the time before a reset.

Exit code: 0 the log fits, 1 it does not, 2 it can be neither proved nor refuted (with file, line and what to do).";

const PRINT: &str = "\
Example:
  pm audit print device.log --json

Says what the records say; whether the device wrote them is what pm audit verify tells. With --json one object a line.

Exit code: 0 done, 2 the log cannot be used (with file, line and what to do).";

/// Verify and print logs of audit records
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Compute the chain anew and name the first record that does not fit
    #[command(after_help = VERIFY)]
    Verify {
        /// Log file
        #[arg(value_name = "LOG")]
        log: PathBuf,
        /// The digest after the last record, read from the device: 32 hex digits
        #[arg(long, value_name = "HEX", value_parser = str::parse::<Digest>)]
        digest: Option<Digest>,
        /// The digest before the first record, where that is not record 0: 32 hex digits
        #[arg(long, value_name = "HEX", value_parser = str::parse::<Digest>)]
        from: Option<Digest>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the records
    #[command(after_help = PRINT)]
    Print {
        /// Log file
        #[arg(value_name = "LOG")]
        log: PathBuf,
        /// Print as JSON, one object a line
        #[arg(long)]
        json: bool,
    },
}

/// Whether the log fits.
pub fn run(arguments: Arguments) -> anyhow::Result<bool> {
    match arguments.action {
        Action::Verify { log, digest, from, json } => verify_log(&log, Anchors { from, digest }, json),
        Action::Print { log, json } => print(&log, json),
    }
}

fn read(path: &Path) -> Result<LogFile, InputError> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| InputError::new(&name, 0, format!("cannot read the log: {error}")))?;
    LogFile::read(BufReader::new(file)).map_err(|error| InputError::new(&name, error.line, error.message))
}

#[derive(Serialize)]
struct Report<'a> {
    file: String,
    passed: bool,
    /// Records in the file.
    records: usize,
    /// All records, or those before the finding that a digest in the file confirms.
    good: usize,
    /// The chain's value after those.
    digest: Digest,
    /// What the log was held against.
    assurance: Assurance,
    finding: Option<&'a LogFinding>,
    /// The finding, or what its absence is worth, in words.
    message: String,
}

fn verify_log(path: &Path, anchors: Anchors, json: bool) -> anyhow::Result<bool> {
    let file = path.display().to_string();
    let verdict = verify(&read(path)?, &anchors).map_err(|why| InputError::new(&file, why.line(), why.to_string()))?;
    let LogVerdict { records, good, digest, finding, assurance } = &verdict;
    let message = finding.as_ref().map_or_else(|| worth(&verdict).into(), LogFinding::to_string);
    let passed = finding.is_none();
    if json {
        let (records, good, digest, assurance, finding) = (*records, *good, *digest, *assurance, finding.as_ref());
        terminal::print_json(&Report { file, passed, records, good, digest, assurance, finding, message })?;
    } else if passed {
        terminal::print(&format!("{file}: {records} records, digest {digest}\n{message}\n"))?;
    } else {
        let confirmed = format!("of {records} records the first {good} are confirmed, up to digest {digest}");
        terminal::print(&format!("{file}: {message}\nFAILED: {confirmed}\n"))?;
    }
    Ok(passed)
}

/// What a log without a finding proves.
fn worth(verdict: &LogVerdict) -> &'static str {
    match verdict.assurance {
        Assurance::Device => "the chain ends with the digest given: if the device said it, these are its records, all of them",
        Assurance::File => {
            "the records fit the digests in the file, which proves nothing against whoever can write the file: \
             give --digest as read from AUDIT_DIGEST"
        }
        Assurance::Sequence => {
            "the file holds no digest, so nothing but the sequence numbers was checked: give --digest as read from AUDIT_DIGEST"
        }
    }
}

fn print(path: &Path, json: bool) -> anyhow::Result<bool> {
    let log = read(path)?;
    if log.entries.is_empty() && log.end.is_none() {
        return Err(InputError::new(&path.display().to_string(), 0, Unusable::Empty.to_string()).into());
    }
    let records = log.entries.iter().map(|entry| describe(&entry.words));
    let mut text = String::new();
    if json {
        for record in records {
            text.push_str(&serde_json::to_string(&record)?);
            text.push('\n');
        }
    } else {
        let head = ["record", "time", "event", "tenant", "slot", "kind", "outcome", "address"].map(String::from).to_vec();
        let rows: Vec<Vec<String>> = std::iter::once(head).chain(records.map(|record| row(&record))).collect();
        text = table::render(&rows);
    }
    terminal::print(&text)?;
    Ok(true)
}

fn row(record: &Described) -> Vec<String> {
    let number = |number: Option<u8>| number.map_or("-".into(), |number| number.to_string());
    vec![
        record.sequence.to_string(),
        record.time.to_string(),
        record.event.clone(),
        number(record.tenant),
        number(record.slot),
        record.kind.clone().unwrap_or_else(|| "-".into()),
        record.outcome().unwrap_or("-").into(),
        record.subject(),
    ]
}
