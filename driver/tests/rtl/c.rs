//! The C driver: compiled, run as a process, its register accesses served by the RTL.

use crate::Port;
use pm_driver::{irq, offset, Command as Cmd, Event, Kind, Registers, Status};
use pm_interface::manifest::Manifest;
use pm_sim::boot::{offered, Tampering};
use pm_tools::Tool;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

const POOL: u64 = 16;
const READ: u64 = 1;
const WRITE: u64 = 3;

/// What `enum pm_error` calls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Error {
    Done,
    Bus,
    Refused,
    Timeout,
    Busy,
    Idle,
    Gate,
    Unknown,
    Code,
    Torn,
    Windows,
}

const ERRORS: [Error; 11] = [
    Error::Done,
    Error::Bus,
    Error::Refused,
    Error::Timeout,
    Error::Busy,
    Error::Idle,
    Error::Gate,
    Error::Unknown,
    Error::Code,
    Error::Torn,
    Error::Windows,
];

/// The compiled harness.
fn harness() -> &'static Path {
    static HARNESS: OnceLock<PathBuf> = OnceLock::new();
    HARNESS.get_or_init(|| {
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pm_driver_harness");
        let output = Command::new(pm_tools::find(Tool::Cc).expect("a C compiler is here"))
            .args(["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-O1", "-I../rtl/generated", "-Ic", "-o"])
            .arg(&program)
            .args(["c/pm_driver.c", "c/harness.c"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cc starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        program
    })
}

#[test]
fn the_example_in_the_readme_compiles() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```c\n").expect("there is an example");
    let (example, _) = rest.split_once("```").expect("it ends");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pm_driver_example.c");
    std::fs::write(&file, example).expect("it can be written");
    let output = Command::new(pm_tools::find(Tool::Cc).expect("a C compiler is here"))
        .args(["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I../rtl/generated", "-Ic"])
        .arg(&file)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cc starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A process with the C driver in it, and the device behind it.
struct Driver {
    port: Port,
    process: Child,
    calls: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What the device answered last.
    status: Status,
}

impl Driver {
    /// A driver that polls at most so often.
    fn new(port: Port, polls: u32) -> Driver {
        let mut process =
            Command::new(harness()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the harness starts");
        let calls = process.stdin.take().expect("it listens");
        let answers = BufReader::new(process.stdout.take().expect("it speaks"));
        let mut driver = Driver { port, process, calls, answers, status: Status::NotActive };
        assert_eq!(driver.call("open", &[u64::from(polls)]).0, Error::Done);
        driver
    }

    /// Active, with the log empty.
    fn active(geometry: &str, polls: u32) -> Driver {
        let mut driver = Driver::new(Port::new(geometry), 1000);
        assert_eq!(driver.error("activate", &[POOL, 16, 0]), Error::Done);
        let (error, record) = driver.call("audit", &[]);
        assert_eq!((error, record[0], record[2]), (Error::Done, 1, u64::from(Event::Boot.code())));
        assert_eq!(driver.error("open", &[u64::from(polls)]), Error::Done);
        driver
    }

    /// Calls a function, serves its register accesses, and tells its outcome.
    fn call(&mut self, name: &str, operands: &[u64]) -> (Error, Vec<u64>) {
        let operands: String = operands.iter().map(|operand| format!(" {operand:x}")).collect();
        self.say(&format!("{name}{operands}"));
        loop {
            let mut line = String::new();
            let length = self.answers.read_line(&mut line).expect("it speaks text");
            assert!(length > 0, "the harness ended during {name}");
            let (what, rest) = line.trim().split_once(' ').expect("a line has two words");
            let numbers: Vec<u64> = rest.split(' ').map(|word| u64::from_str_radix(word, 16).expect("it is a number")).collect();
            let served = match what {
                "R" => self.port.read(numbers[0] as u8),
                "W" => self.port.write(numbers[0] as u8, numbers[1] as u32).map(|()| 0),
                _ => {
                    self.status = Status::from_code(numbers[1] as u8).expect("it is a status");
                    return (ERRORS[numbers[0] as usize], numbers[2..].to_vec());
                }
            };
            self.say(&served.map_or("!".into(), |value| format!("= {value:08x}")));
        }
    }

    fn error(&mut self, name: &str, operands: &[u64]) -> Error {
        self.call(name, operands).0
    }

    /// The status that a call is refused with.
    fn refused(&mut self, name: &str, operands: &[u64]) -> Status {
        assert_eq!(self.error(name, operands), Error::Refused, "{name}");
        self.status
    }

    fn say(&mut self, line: &str) {
        writeln!(self.calls, "{line}").expect("the harness listens");
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A process of this test's own, which waits for a line that never comes.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn partitions_come_change_and_go() {
    let mut pm = Driver::active("tiny+dynamic", 1000);
    assert_eq!(pm.call("sizes", &[]), (Error::Done, vec![5, 2, 3, 4, 2, 2, 48, 0]));
    let (error, made) = pm.call("create", &[1, 0, 4, WRITE]);
    assert_eq!((error, &made[..2]), (Error::Done, &[0, POOL][..]));
    assert_eq!(pm.port.granted(1, 3, Kind::Write.code()), Some(POOL + 3));
    assert_eq!(pm.port.granted(0, 3, Kind::Read.code()), None, "another tenant");

    assert_eq!(pm.error("protect", &[0, READ]), Error::Done);
    assert_eq!(pm.port.granted(1, 3, Kind::Write.code()), None);
    assert_eq!(pm.port.granted(1, 3, Kind::Read.code()), Some(POOL + 3));

    assert_eq!(pm.error("resize", &[0, 8]), Error::Done);
    assert_eq!(pm.port.granted(1, 7, Kind::Read.code()), Some(POOL + 7));
    let (error, shared) = pm.call("share", &[0, 0, 0, READ]);
    assert_eq!((error, &shared[..2]), (Error::Done, &[1, POOL][..]));
    assert_eq!(pm.port.granted(0, 7, Kind::Read.code()), Some(POOL + 7));

    assert_eq!(pm.call("find", &[1, 5]), (Error::Done, vec![0, POOL, 1, 0, 8, READ, 0, 0]));
    assert_eq!(pm.call("query", &[1]), (Error::Done, vec![1, POOL, 0, 0, 8, READ, 0, 0]));
    assert_eq!(pm.error("destroy", &[1]), Error::Done);
    assert_eq!(pm.port.granted(0, 7, Kind::Read.code()), None);
}

#[test]
fn refusals_are_told() {
    let mut pm = Driver::active("tiny", 1000);
    assert_eq!(pm.refused("create", &[2, 0, 4, READ]), Status::BadTenant);
    assert_eq!(pm.refused("create", &[0, 0, 3, READ]), Status::BadAlignment);
    assert_eq!(pm.refused("destroy", &[0]), Status::BadSlot);
    assert_eq!(pm.error("resize", &[0, 8]), Error::Bus, "without `dynamic` there is no such command");
    assert_eq!(pm.error("activate", &[POOL, 16, 0]), Error::Gate);
    assert_eq!(pm.error("create", &[0, 0, 4, READ]), Error::Done);
    assert_eq!(pm.error("lock", &[0]), Error::Done);
    assert_eq!(pm.refused("destroy", &[0]), Status::Locked);
    assert_eq!(pm.error("seal", &[]), Error::Done);
    assert_eq!(pm.refused("create", &[1, 0, 4, READ]), Status::Sealed);

    let mut pm = Driver::new(Port::new("tiny"), 1000);
    assert_eq!(pm.refused("activate", &[POOL + 1, 16, 0]), Status::BadAlignment);
    assert_eq!(pm.error("activate", &[POOL, 16, 0]), Error::Done);

    for strict in [0, 1] {
        let mut pm = Driver::new(Port::new("tiny"), 1000);
        assert_eq!(pm.error("activate_as", &[POOL, 16, 0, strict]), Error::Done);
        let state = pm.port.rtl.read_register(offset::BOOT_STATE).expect("it can be read");
        assert_eq!(u64::from(state >> 12 & 1), strict);
    }
}

/// Two tenants with windows of their own, and what a device with one window says of two bases.
#[test]
fn each_tenant_has_a_window() {
    let bases = |count: u64| POOL | count << 28;
    let mut pm = Driver::new(Port::new("tiny+windows=per-tenant"), 1000);
    assert_eq!(pm.call("sizes", &[]).1[7], 1);
    assert_eq!(pm.error("activate_windows", &[bases(3), 16, 8, 24]), Error::Windows);
    assert_eq!(pm.error("activate_windows", &[bases(2), 16, 8, 24]), Error::Done);
    assert_eq!(pm.refused("create", &[1, 8, 8, READ]), Status::OutsideWindow);
    assert_eq!(pm.error("create", &[1, 24, 8, READ]), Error::Done);
    assert_eq!(pm.port.granted(1, 25, Kind::Read.code()), Some(POOL + 1));
    let mut pm = Driver::new(Port::new("tiny+windows=per-tenant"), 1000);
    assert_eq!(pm.error("activate", &[POOL, 16, 8]), Error::Done);
    assert_eq!(pm.error("create", &[1, 8, 8, READ]), Error::Done);
    let mut pm = Driver::new(Port::new("tiny"), 1000);
    assert_eq!(pm.call("sizes", &[]).1[7], 0);
    assert_eq!(pm.error("activate_windows", &[bases(2), 16, 8, 24]), Error::Windows);
    assert_eq!(pm.error("activate_windows", &[bases(1), 16, 8]), Error::Done);
}

#[test]
fn polled_commands_go_on_after_a_timeout() {
    let mut pm = Driver::active("tiny", 1);
    assert_eq!(pm.error("poll", &[]), Error::Idle);
    assert_eq!(pm.error("create", &[0, 0, 8, READ]), Error::Timeout);
    assert_eq!(pm.error("start", &[1, 0, 4, READ]), Error::Busy);
    let made = loop {
        match pm.call("poll", &[]) {
            (Error::Busy, _) => {}
            (error, made) => break (error, made[1]),
        }
    };
    assert_eq!(made, (Error::Done, POOL));
    assert_eq!(pm.error("start", &[1, 0, 4, READ]), Error::Done);
    assert_eq!(pm.error("poll", &[]), Error::Busy);
}

#[test]
fn the_log_and_interrupts_tell_of_a_denial() {
    let mut pm = Driver::active("tiny", 1000);
    assert_eq!(pm.error("create", &[1, 0, 8, READ]), Error::Done);
    let (_, record) = pm.call("audit", &[]);
    assert_eq!((record[2], record[4]), (u64::from(Event::Command.code()), u64::from(Cmd::Create.code())));
    assert_eq!(pm.error("clear", &[u64::from(irq::COMMAND)]), Error::Done);
    assert_eq!(pm.error("enable", &[u64::from(irq::DENIAL)]), Error::Done);
    assert_eq!(pm.call("fault", &[]).1[0], 0);
    assert_eq!(pm.port.granted(1, 5, Kind::Write.code()), None);
    pm.port.rtl.idle(8);
    assert!(pm.port.rtl.irq());
    assert_eq!(pm.call("interrupts", &[]).1[0], u64::from(irq::DENIAL));
    let (error, fault) = pm.call("fault", &[]);
    assert_eq!((error, fault[0], fault[1], fault[2], fault[6]), (Error::Done, 1, 1, u64::from(Kind::Write.code()), 5));
    let (_, record) = pm.call("audit", &[]);
    assert_eq!(
        (record[0], record[2], record[3], record[5], record[6]),
        (1, u64::from(Event::TranslateDenied.code()), 1, fault[3], 5)
    );
    assert_eq!(pm.call("audit", &[]).1[0], 0, "no other waits");
    assert_eq!(pm.error("clear", &[u64::from(irq::DENIAL)]), Error::Done);
    assert!(!pm.port.rtl.irq());
}

#[test]
fn an_audit_record_survives_a_bus_error_and_a_rival_is_noticed() {
    let mut pm = Driver::active("tiny", 1000);
    for slot in 0..3 {
        assert_eq!(pm.refused("destroy", &[slot]), Status::BadSlot);
    }
    pm.port.fails_in = Some(5);
    assert_eq!(pm.error("audit", &[]), Error::Bus);
    let (error, record) = pm.call("audit", &[]);
    assert_eq!((error, record[1], record[4]), (Error::Done, 1, u64::from(Cmd::Destroy.code())));
    pm.port.write(pm_driver::offset::AUDIT_POP, 1).expect("a rival takes a word");
    assert_eq!(pm.error("audit", &[]), Error::Torn);
    assert_eq!(pm.call("audit", &[]).1[1], 3);
}

#[test]
fn a_manifest_boots_and_a_flipped_bit_does_not() {
    let manifest = Manifest::development(POOL, 16, 0);
    for (tampering, expected) in [(Tampering::None, Error::Done), (Tampering::Flip { word: 3, bit: 2 }, Error::Refused)] {
        let mut pm = Driver::new(Port::new("tiny+boot"), 1000);
        for word in offered(&manifest, tampering) {
            pm.call("word", &[u64::from(word)]);
        }
        assert_eq!(pm.error("boot", &[]), expected);
        let status = if expected == Error::Done { Status::Ok } else { Status::Integrity };
        assert_eq!(pm.status, status);
    }
}
