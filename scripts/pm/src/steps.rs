//! The steps of a long run, with how long each takes: a line each on standard error, on a terminal and in a pipe.

use crate::activity::activity;
use indicatif::ProgressBar;
use std::sync::Mutex;
use std::time::Instant;

/// Prints what begins and what has ended; on a terminal a spinner shows that the step goes on.
pub struct Steps {
    command: &'static str,
    start: Instant,
    /// The step under way, and since when.
    current: Mutex<Option<(String, Instant)>>,
    spinner: ProgressBar,
}

impl Steps {
    /// The steps of a command.
    pub fn new(command: &'static str) -> Steps {
        Steps { command, start: Instant::now(), current: Mutex::new(None), spinner: activity() }
    }

    /// The step before has ended, and this one begins.
    pub fn begin(&self, what: &str) {
        self.end();
        self.say(&format!("{}: {what} ..", self.command));
        self.spinner.set_message(what.to_string());
        *self.current.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some((what.into(), Instant::now()));
    }

    /// Something within the step under way.
    pub fn note(&self, what: &str) {
        self.say(&format!("{}:     {what}", self.command));
    }

    /// Everything is done.
    pub fn finish(&self) {
        self.end();
        self.say(&format!("{}: done in {:.1} s", self.command, self.start.elapsed().as_secs_f64()));
        self.spinner.finish_and_clear();
    }

    fn end(&self) {
        let step = self.current.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        if let Some((what, since)) = step {
            self.say(&format!("{}: {what}: {:.1} s", self.command, since.elapsed().as_secs_f64()));
        }
    }

    fn say(&self, line: &str) {
        self.spinner.suspend(|| eprintln!("{line}"));
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.spinner.finish_and_clear();
    }
}
