//! Runs one program to its end, quietly; a failure carries the command line and the program's last words.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use anyhow::{bail, Context, Result};
use pm_system::process::Tool as Process;

/// Lines of a failing program's output that its error repeats.
const LAST_LINES: usize = 20;

/// A program, its arguments and where it runs.
#[derive(Clone, Debug)]
pub struct Run {
    program: PathBuf,
    arguments: Vec<OsString>,
    folder: Option<PathBuf>,
    variables: BTreeMap<OsString, OsString>,
    log: Option<PathBuf>,
}

/// What a program that succeeded left.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Everything it printed, standard output and error in the order they arrived.
    pub text: String,
}

/// How a program ended that may fail, or take too long.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Everything it printed, as [`Finished::text`].
    pub text: String,
    /// Its exit code; none when it was stopped because its time was up, or by a signal.
    pub code: Option<i32>,
}

impl Run {
    /// A run of `program` without arguments.
    pub fn new(program: impl Into<PathBuf>) -> Run {
        Run { program: program.into(), arguments: Vec::new(), folder: None, variables: BTreeMap::new(), log: None }
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Run {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Run {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Runs in `folder`.
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Run {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// Sets an environment variable.
    pub fn variable(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Run {
        self.variables.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Keeps everything that the program prints in `path`.
    pub fn log(mut self, path: impl Into<PathBuf>) -> Run {
        self.log = Some(path.into());
        self
    }

    /// The command as one could type it.
    pub fn command_line(&self) -> String {
        let words = std::iter::once(self.program.as_os_str()).chain(self.arguments.iter().map(OsString::as_os_str));
        let command = words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ");
        match &self.folder {
            Some(folder) => format!("cd {} && {command}", quoted(&folder.to_string_lossy())),
            None => command,
        }
    }

    /// Runs to the end. Any exit status but 0 is an error with the command line and the program's last lines.
    pub fn finish(&self) -> Result<Finished> {
        let (text, status) = self.start(None)?;
        if let Some(log) = &self.log {
            fs::write(log, &text).with_context(|| format!("cannot write {}", log.display()))?;
        }
        if !status.success() {
            bail!("{} stopped with {status}{}", self.command_line(), last_words(&text, self.log.as_deref()));
        }
        Ok(Finished { text })
    }

    /// Runs until it ends or `limit` has passed: then it is stopped, with what it has started. No exit code is an error.
    pub fn attempt(&self, limit: Duration) -> Result<Ended> {
        let (text, status) = self.start(Some(limit))?;
        Ok(Ended { text, code: status.code() })
    }

    fn start(&self, limit: Option<Duration>) -> Result<(String, ExitStatus)> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(&self.variables);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let mut process = Process::start(&mut command).with_context(|| format!("cannot start {}", self.command_line()))?;
        let text = Mutex::new(String::new());
        let (output, errors) = (process.stdout.take(), process.stderr.take());
        let status = thread::scope(|scope| {
            scope.spawn(|| collect(output, &text));
            scope.spawn(|| collect(errors, &text));
            process.wait(limit)
        });
        let status = status.with_context(|| format!("lost {}", self.command_line()))?;
        Ok((text.into_inner().unwrap_or_default(), status))
    }
}

/// Appends what `pipe` delivers, line by line, so that two pipes never mix within a line.
fn collect(pipe: Option<impl Read>, text: &Mutex<String>) {
    let Some(pipe) = pipe else { return };
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        if let Ok(mut text) = text.lock() {
            text.push_str(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']));
            text.push('\n');
        }
        line.clear();
    }
}

fn last_words(text: &str, log: Option<&Path>) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
    let whole = log.map(|log| format!(" (all of it is in {})", log.display())).unwrap_or_default();
    if last.is_empty() {
        return "; it printed nothing".into();
    }
    format!("; its last lines{whole}:\n  {}", last.join("\n  "))
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+%@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Run {
        Run::new("/bin/sh").args(["-c", script])
    }

    #[test]
    fn a_success_keeps_both_streams() {
        let text = shell("echo out; echo err >&2").finish().unwrap().text;
        assert!(text.contains("out\n") && text.contains("err\n"), "{text:?}");
    }

    #[test]
    fn a_failure_names_the_command_the_status_and_only_the_last_lines() {
        let error = shell("for i in $(seq 1 50); do echo line $i; done; exit 3").finish().unwrap_err().to_string();
        assert!(error.starts_with("/bin/sh -c 'for i in"), "{error}");
        assert!(error.contains("exit status: 3") && error.contains("line 31\n") && error.ends_with("line 50"), "{error}");
        assert!(!error.contains("line 30\n"), "{error}");
    }

    #[test]
    fn a_program_killed_by_a_signal_has_failed() {
        let error = shell("kill -9 $$").finish().unwrap_err().to_string();
        assert!(error.contains("signal") && error.contains("printed nothing"), "{error}");
    }

    #[test]
    fn what_takes_too_long_is_stopped_with_what_it_started() {
        let start = std::time::Instant::now();
        let ended = shell("echo begun; sleep 60 & sleep 60").attempt(Duration::from_millis(300)).unwrap();
        assert_eq!((ended.text.as_str(), ended.code), ("begun\n", None));
        assert!(start.elapsed() < Duration::from_secs(20));
        assert_eq!(shell("exit 3").attempt(Duration::from_secs(20)).unwrap().code, Some(3));
    }

    #[test]
    fn a_program_that_cannot_start_is_named() {
        let error = format!("{:#}", Run::new("/nowhere/yosys").arg("-V").finish().unwrap_err());
        assert!(error.starts_with("cannot start /nowhere/yosys -V"), "{error}");
    }

    #[test]
    fn arguments_arrive_as_given_and_print_as_one_would_type_them() {
        let run = shell("printf '%s|' \"$@\"").args(["zero", "a b", "it's"]);
        assert_eq!(run.finish().unwrap().text, "a b|it's|\n");
        assert!(run.command_line().ends_with(r"zero 'a b' 'it'\''s'"), "{}", run.command_line());
    }
}
