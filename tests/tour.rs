//! The tour in docs/tour.md: every line is run as it stands there, and ends as it says there.
//!
//! A row is `| to see | a command | its last line | how long it takes |`. `PM_UPDATE=1` writes the last two columns from what is
//! seen: `PM_UPDATE=1 cargo test --test partition_manager tour -- --include-ignored`.

use crate::pm;
use crate::tidy::project;
use std::fs;
use std::sync::Mutex;
use std::time::Instant;

/// The page.
const TOUR: &str = "docs/tour.md";

/// Commands up to so many seconds are run with the quick tests.
const QUICK: u64 = 5;

/// Where the quick test and the slow one write to at the same time.
static PAGE: Mutex<()> = Mutex::new(());

/// A line of the tour.
struct Stop {
    /// The row as it stands on the page.
    row: String,
    /// What it shows.
    shows: String,
    command: String,
    /// The last line of standard output; empty where there is none.
    last: String,
    seconds: u64,
}

impl Stop {
    /// The row with this last line and time.
    fn with(&self, last: &str, seconds: u64) -> String {
        let last = if last.is_empty() { "nothing".into() } else { format!("`{last}`") };
        format!("| {} | `{}` | {last} | {seconds} s |", self.shows, self.command)
    }

    /// Runs the command in the project's root; its last line and seconds.
    fn run(&self) -> (String, u64) {
        let start = Instant::now();
        let output = pm::shell(&self.command);
        let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{} ends with {}:\n{text}\n{errors}", self.command, output.status);
        (text.lines().last().unwrap_or_default().trim().to_string(), start.elapsed().as_secs().max(1))
    }
}

/// The text between one pair of backticks around a whole cell.
fn quoted(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}

/// Every line of the tour.
fn stops() -> Vec<Stop> {
    let text = fs::read_to_string(project(TOUR)).expect("there is a tour");
    let section = text.split("\n## The table\n").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("there is a table");
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [shows, command, last, time] = cells[..] else { panic!("the tour has a row of {} cells: {row}", cells.len()) };
        let command = quoted(command).unwrap_or_else(|| panic!("no command: {row}"));
        let seconds = time.strip_suffix(" s").and_then(|number| number.parse().ok());
        Stop {
            row: row.into(),
            shows: shows.into(),
            command: command.into(),
            last: quoted(last).unwrap_or_default().into(),
            seconds: seconds.unwrap_or_else(|| panic!("no time in seconds: {row}")),
        }
    })
    .collect()
}

fn walk(chosen: impl Fn(&Stop) -> bool) {
    // Built before the clock runs.
    pm::binary();
    let stops: Vec<Stop> = stops().into_iter().filter(chosen).collect();
    assert!(!stops.is_empty(), "the tour has no such line");
    let mut wrong = Vec::new();
    for stop in &stops {
        let (last, seconds) = stop.run();
        println!("{seconds:5} s  {}: {last}", stop.command);
        if std::env::var_os("PM_UPDATE").is_some() {
            let _turn = PAGE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let text = fs::read_to_string(project(TOUR)).expect("there is a tour");
            fs::write(project(TOUR), text.replace(&stop.row, &stop.with(&last, seconds))).expect("it can be written");
        } else if last != stop.last {
            wrong.push(format!("{}\n  page: {}\n  seen: {last}", stop.command, stop.last));
        }
    }
    assert!(wrong.is_empty(), "last lines that the tour does not show (PM_UPDATE=1 writes them):\n{}", wrong.join("\n"));
}

#[test]
fn the_quick_lines_of_the_tour_end_as_they_say() {
    walk(|stop| stop.seconds <= QUICK);
}

#[test]
#[ignore = "slow: minutes"]
fn the_slow_lines_of_the_tour_end_as_they_say() {
    walk(|stop| stop.seconds > QUICK);
}

#[test]
fn the_tour_runs_what_is_there() {
    for stop in stops() {
        let programs = stop.command.split("&&").map(|part| part.split_whitespace().next().unwrap_or_default());
        for program in programs {
            assert!(["./pm", "./scripts/bitstream", "mkdir", "rm"].contains(&program), "{program} in {}", stop.command);
        }
    }
}
