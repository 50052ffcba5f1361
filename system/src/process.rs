//! Programs that end when this program ends, however it ends.
//!
//! ```text
//!  this program --- pipe ---> watchdog (sh, a process group of its own)
//!       |                        reads the pipe to its end, which comes when this program is gone: exit, panic, SIGKILL
//!       |                        then kills every process whose environment holds this program's mark,
//!       |                        and removes the files and folders that were named to it
//!       '--> tool (a process group and a temporary folder of its own, marked by an environment variable)
//!              '--> solver (inherits the mark)
//! ```
//! A tool that ends, or whose time is up, takes its process group with it: a solver does not outlive the tool that started it.
//! The watchdog looks for marks in `/proc`, so it works on Linux; elsewhere tools end with [`Tool`], and not after SIGKILL.
//!
//! This module must never kill a process without the mark, or a group that is not the tool's.

use std::io::{self, Read, Write};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::file::TemporaryFolder;
use rustix::param::clock_ticks_per_second;
use rustix::process::{kill_process_group, waitid, Pid, Signal, WaitId, WaitIdOptions};
use rustix::time::{clock_gettime, ClockId};

/// The environment variable that marks what this program started.
const MARK: &str = "PM_STARTED_BY";

/// Between two looks at a tool that has a limit.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Argument: the mark. Standard input: paths to remove, one a line, those of locks only while no other program has the lock. A
/// process that is between fork and exec has no mark yet, so the search ends after two rounds that find nothing.
const WATCHDOG: &str = r#"
trap '' HUP INT QUIT TERM PIPE
mark=$1
shift
while IFS= read -r line; do set -- "$@" "$line"; done
empty=0
while [ "$empty" -lt 2 ]; do
    found=
    for file in $(grep -lsaF -e "$mark" /proc/[0-9]*/environ 2>/dev/null); do
        pid=${file#/proc/}
        kill -KILL "${pid%/environ}" 2>/dev/null && found=1
    done
    if [ "$found" ]; then empty=0; else empty=$((empty + 1)); fi
    sleep 0.02
done
for line do
    path=${line#?????}
    case $line in
    path\ *) rm -rf -- "$path" ;;
    lock\ *) [ ! -e "$path" ] || flock --nonblock --no-fork -- "$path" rm -f -- "$path" ;;
    esac
done
"#;

/// The other end of the watchdog's pipe, open as long as this program lives.
struct Watchdog {
    mark: String,
    pipe: ChildStdin,
}

static WATCHDOG_OF_THIS_PROGRAM: Mutex<Option<Watchdog>> = Mutex::new(None);

/// Does something with the watchdog, which is started when it is first needed.
fn with_watchdog<T>(act: impl FnOnce(&mut Watchdog) -> io::Result<T>) -> io::Result<T> {
    let mut place = WATCHDOG_OF_THIS_PROGRAM.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(watchdog) = place.as_mut() {
        return act(watchdog);
    }
    // A process number comes again, though not at the same time.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mark = format!("{}-{}", std::process::id(), now.as_nanos());
    let mut command = Command::new("sh");
    command.args(["-c", WATCHDOG, "pm-watchdog"]).arg(format!("{MARK}={mark}"));
    // Without the mark of a program above this one, whose watchdog would kill this watchdog.
    command.env_remove(MARK);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    own_group(&mut command);
    // The folder that this program runs in may be removed before the watchdog ends.
    command.current_dir("/");
    let mut child = command.spawn()?;
    let pipe = child.stdin.take().ok_or_else(|| io::Error::other("the watchdog has no pipe"))?;
    act(place.insert(Watchdog { mark, pipe }))
}

/// CPU time that this program has taken so far, all its threads together, without those that it has started.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

fn own_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// A file or folder that is removed when this program has ended, if it is still there; for names that only this program uses.
///
/// # Errors
/// When there is no watchdog, or the path has a line break.
pub fn remove_at_the_end(path: &Path) -> io::Result<()> {
    tell("path", path)
}

/// The same for the file of a lock, which may be another program's by then.
///
/// # Errors
/// As [`remove_at_the_end`].
pub fn remove_lock_at_the_end(path: &Path) -> io::Result<()> {
    tell("lock", path)
}

fn tell(what: &str, path: &Path) -> io::Result<()> {
    let path = std::path::absolute(path)?;
    let text = path.to_str().filter(|text| !text.contains('\n'));
    let text = text.ok_or_else(|| io::Error::other("the name of a file to write must be text of one line"))?;
    with_watchdog(|watchdog| writeln!(watchdog.pipe, "{what} {text}"))
}

/// A program that runs, with whatever it has started. Both end when this is dropped, and when this program ends; what they leave in
/// their temporary folder goes with them.
#[derive(Debug)]
pub struct Tool {
    child: Child,
    // Removed when this is dropped.
    _folder: Option<TemporaryFolder>,
}

impl Tool {
    /// Starts the program.
    ///
    /// # Errors
    /// When the program, or the watchdog, cannot be started.
    pub fn start(command: &mut Command) -> io::Result<Tool> {
        let mark = with_watchdog(|watchdog| Ok(watchdog.mark.clone()))?;
        command.env(MARK, mark);
        own_group(command);
        // Where there is no room for a folder the tool may need none.
        let folder = TemporaryFolder::new("pm-tool-").ok();
        if let Some(folder) = &folder {
            command.env("TMPDIR", folder.path());
        }
        Ok(Tool { child: command.spawn()?, _folder: folder })
    }

    /// Waits until the program ends, or `limit` has passed: then it is killed. What it has started is killed in both cases.
    ///
    /// # Errors
    /// When the system does not say how it ended.
    pub fn wait(&mut self, limit: Option<Duration>) -> io::Result<ExitStatus> {
        let begun = Instant::now();
        loop {
            // The program stays unreaped until its group is gone, so that the group's number is nobody else's.
            let mut options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            options.set(WaitIdOptions::NOHANG, limit.is_some());
            match waitid(WaitId::Pid(self.pid()), options) {
                Ok(None) if limit.is_some_and(|limit| begun.elapsed() < limit) => thread::sleep(LOOK_EVERY),
                Err(rustix::io::Errno::INTR) => {}
                _ => break,
            }
        }
        self.kill_group();
        self.child.wait()
    }

    /// Waits until the program ends, and gives what it wrote to the pipes.
    ///
    /// # Errors
    /// When a pipe cannot be read, or the system does not say how the program ended.
    pub fn output(mut self) -> io::Result<Output> {
        let (stdout, stderr) = (self.child.stdout.take(), self.child.stderr.take());
        thread::scope(|scope| {
            let stdout = scope.spawn(|| read(stdout));
            let stderr = scope.spawn(|| read(stderr));
            let status = self.wait(None);
            let join = |reader: thread::ScopedJoinHandle<'_, io::Result<Vec<u8>>>| {
                reader.join().unwrap_or_else(|_| Err(io::Error::other("the reader of a pipe failed")))
            };
            Ok(Output { status: status?, stdout: join(stdout)?, stderr: join(stderr)? })
        })
    }

    /// CPU time that the program has taken so far, in steps of the system's clock tick; `None` where the system does not say.
    pub fn cpu_time(&self) -> Option<Duration> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // The name, in parentheses, is the second field; times in user and in system mode are the 14th and the 15th.
        let (_, fields) = text.rsplit_once(") ")?;
        let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>().ok()?;
        Some(Duration::from_secs_f64(ticks as f64 / clock_ticks_per_second() as f64))
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn kill_group(&self) {
        // Nothing is left to kill where all have ended.
        let _ = kill_process_group(self.pid(), Signal::KILL);
    }
}

fn read(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    pipe.map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut bytes))?;
    Ok(bytes)
}

impl Deref for Tool {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.child
    }
}

impl DerefMut for Tool {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.kill_group();
            let _ = self.child.wait();
        }
    }
}

/// Runs `program` to its end, as [`Command::output`] does.
///
/// # Errors
/// As [`Tool::start`] and [`Tool::output`].
pub fn output(command: &mut Command) -> io::Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Tool::start(command)?.output()
}
