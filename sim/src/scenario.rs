//! Scenarios: a geometry, then steps, each with what is expected of it; read from TOML, run on any [`Device`].
//!
//! ```text
//!  file.toml ──► format (serde, unknown keys refused) ──► check (names, ranges) ──► Scenario ──► run ──► ScenarioReport
//!                     └──────── InputError: file, line, what to do ───────┘
//! ```

mod check;
mod format;
mod run;

pub use format::{
    AccessStep, ActivateStep, AuditStep, BitsFault, BootPartitionText, BootStep, BootText, CamFault, CorruptPlace, CorruptStep,
    CreateStep, DestroyStep, DigestText, Expected, FindStep, FlipText, GeometryText, KindText, LockStep, MemoryStep, PatrolStep,
    ProtectStep, QueryStep, RecordText, RegisterStep, ReplaceText, ResetStep, RightsText, RowText, Scenario, ScenarioText,
    SealStep, Setup, ShadowFault, Step,
};
pub use run::{AuditTrail, ScenarioReport, StepReport};

use crate::input::read_text;
use crate::{Device, DeviceError, InputError, ModelDevice};
use std::path::Path;

impl Scenario {
    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Scenario, InputError> {
        let file = path.display().to_string();
        Scenario::parse(&file, &read_text(path, "the scenario")?)
    }

    /// Checks a text; `file` is its name in messages.
    pub fn parse(file: &str, text: &str) -> Result<Scenario, InputError> {
        check::parse(file, text)
    }

    /// About how many cycles it takes: what the golden model counts.
    pub fn expected_cycles(&self) -> u64 {
        let mut model = ModelDevice::new(&self.geometry);
        self.run(&mut model, &mut |_| ()).cycles
    }

    /// Where in the file the first step is that upsets the inside of the device, which only RustHDL's simulator can do.
    pub fn first_upset(&self) -> Option<usize> {
        self.steps.iter().find(|(_, step)| step.corrupt.is_some()).map(|(line, _)| *line)
    }

    /// Runs every step on a device of this geometry; `progress` hears of each step that begins.
    ///
    /// The device is reset first and, unless the setup says otherwise, activated. A step that fails does not end the run.
    pub fn run(&self, device: &mut dyn Device, progress: &mut dyn FnMut(usize)) -> ScenarioReport {
        run::run(self, device, progress).0
    }

    /// The same; then takes what is left in the audit log, and gives all of it since the last reset.
    ///
    /// # Errors
    /// When the log cannot be read to its end.
    pub fn run_logged(
        &self,
        device: &mut dyn Device,
        progress: &mut dyn FnMut(usize),
    ) -> Result<(ScenarioReport, AuditTrail), DeviceError> {
        let (report, mut trail) = run::run(self, device, progress);
        trail.drain(device)?;
        trail.finish(device)?;
        Ok((report, trail))
    }
}
