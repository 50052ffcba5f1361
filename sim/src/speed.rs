//! How fast a run was: its cycles, and the CPU time that they took. Other work on the machine does not count.

use crate::Device;
use pm_system::process;
use serde::Serialize;
use std::time::Duration;

/// Taken at the beginning of a run.
pub struct Stopwatch {
    cycles: u64,
    cpu_time: Option<Duration>,
}

/// CPU time of this program and of the one that a device has beside it.
fn cpu_time(device: &dyn Device) -> Option<Duration> {
    Some(process::cpu_time() + device.cpu_time_beside()?)
}

impl Stopwatch {
    /// Now.
    pub fn start(device: &dyn Device) -> Stopwatch {
        Stopwatch { cycles: device.cycles(), cpu_time: cpu_time(device) }
    }

    /// What has passed since then, on the same device.
    pub fn stop(self, device: &dyn Device) -> Speed {
        let cycles = device.cycles() - self.cycles;
        let taken = self.cpu_time.and_then(|begun| cpu_time(device)?.checked_sub(begun)).map(|taken| taken.as_secs_f64());
        let taken = taken.filter(|seconds| *seconds > 0.0);
        Speed { cycles, cpu_seconds: taken, cycles_per_second: taken.map(|seconds| (cycles as f64 / seconds).round() as u64) }
    }
}

/// How fast a run was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Speed {
    /// Clock cycles of the device.
    pub cycles: u64,
    /// CPU time that they took, in this program and in the one that simulates; nothing where the system does not say.
    pub cpu_seconds: Option<f64>,
    /// Cycles a second of that time.
    pub cycles_per_second: Option<u64>,
}

impl Speed {
    /// As a line.
    pub fn text(&self) -> String {
        match (self.cpu_seconds, self.cycles_per_second) {
            (Some(seconds), Some(rate)) => {
                format!("speed: {} cycles in {seconds:.2} s of CPU time, {rate} cycles/s\n", self.cycles)
            }
            _ => format!("speed: {} cycles; this system does not say how much CPU time they took\n", self.cycles),
        }
    }
}
