//! A record in names, for people and for other programs.

use pm_interface::{AuditRecord, Command, Event, Kind, Reason, Status, Upset, AUDIT_WORDS};
use serde::Serialize;
use std::fmt;

/// A record's fields, with names in place of codes. A code without a name reads as `code 9`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Described {
    /// Counts every record since reset.
    pub sequence: u32,
    /// Clock cycles since reset.
    pub time: u64,
    /// Name of the [`Event`].
    pub event: String,
    /// Who asked; `None` where nobody did.
    pub tenant: Option<u8>,
    /// Which row; zero where there is none.
    pub slot: Option<u8>,
    /// Name of the [`Command`], or of the [`Upset`], or `read`, `write`, `execute`, `reserved`.
    pub kind: Option<String>,
    /// Name of the [`Status`] of a command or activation.
    pub status: Option<String>,
    /// Name of the [`Reason`] of a denial.
    pub reason: Option<String>,
    /// Address of the access or command; the pool's base at boot, and where a bit was lost.
    pub address: Option<u64>,
    /// Denials counted instead of recorded since reset.
    pub denials_lost: Option<u32>,
    /// Commands refused for want of room since reset.
    pub commands_refused: Option<u16>,
}

fn named(code: u8, name: Option<&str>) -> Option<String> {
    Some(name.map_or_else(|| format!("code {code}"), String::from))
}

/// Name of an access's kind.
fn kind(code: u8) -> Option<String> {
    named(code, Kind::from_code(code).map(Kind::name).or((code == 3).then_some("reserved"))).map(|name| name.to_lowercase())
}

/// The fields of a record's words.
pub fn describe(words: &[u32; AUDIT_WORDS]) -> Described {
    let event = Event::from_code((words[2] >> 28) as u8);
    // What stands beside an unknown event is read all the same.
    let beside = [words[0], words[1], words[2] & 0x0FFF_FFFF | u32::from(Event::Command.code()) << 28, words[3], words[4]];
    let record = AuditRecord::from_words(beside).expect("the event is known");
    let AuditRecord { sequence, time, tenant, slot, kind: code, reason, address, .. } = record;
    let bare = Described {
        sequence,
        time,
        event: named((words[2] >> 28) as u8, event.map(Event::name)).unwrap_or_default(),
        tenant: None,
        slot: None,
        kind: None,
        status: None,
        reason: None,
        address: Some(address),
        denials_lost: None,
        commands_refused: None,
    };
    let status = named(reason, Status::from_code(reason).map(Status::name));
    match event {
        Some(Event::Boot) => Described { status, ..bare },
        Some(Event::Command) => {
            let kind = named(code, Command::from_code(code).map(Command::name));
            Described { tenant: Some(tenant), slot: Some(slot), kind, status, ..bare }
        }
        Some(Event::TranslateDenied | Event::PhysicalDenied) => {
            let reason = named(reason, Reason::from_code(reason).map(Reason::name));
            Described { tenant: Some(tenant), slot: Some(slot), kind: kind(code), reason, ..bare }
        }
        Some(Event::Integrity) => {
            let upset = Upset::from_code(code);
            let slot = (upset != Some(Upset::RegisterLost)).then_some(slot);
            Described { slot, kind: named(code, upset.map(Upset::name)), ..bare }
        }
        Some(Event::Lost) => {
            let (denials_lost, commands_refused) = (Some(address as u32), Some((address >> 32) as u16));
            Described { address: None, denials_lost, commands_refused, ..bare }
        }
        None => {
            let (kind, reason) = (named(code, None), named(reason, None));
            Described { tenant: Some(tenant), slot: Some(slot), kind, reason, ..bare }
        }
    }
}

impl Described {
    /// Status or reason.
    pub fn outcome(&self) -> Option<&str> {
        self.status.as_deref().or(self.reason.as_deref())
    }

    /// The address, or what was lost.
    pub fn subject(&self) -> String {
        match (self.address, self.denials_lost, self.commands_refused) {
            (Some(address), ..) => format!("{address:#x}"),
            (None, denials, commands) => {
                format!("{} denials lost, {} commands refused", denials.unwrap_or(0), commands.unwrap_or(0))
            }
        }
    }
}

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.event)?;
        if let Some(tenant) = self.tenant {
            write!(f, " tenant {tenant}")?;
        }
        if let Some(slot) = self.slot {
            write!(f, " slot {slot}")?;
        }
        if let Some(kind) = &self.kind {
            write!(f, " {kind}")?;
        }
        if let Some(outcome) = self.outcome() {
            write!(f, " {outcome}")?;
        }
        write!(f, " {} at time {}", self.subject(), self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(event: u8, kind: u8, reason: u8, expected: &str) {
        let word = 5 | 6 << 8 | u32::from(kind) << 20 | u32::from(reason) << 24 | u32::from(event) << 28;
        assert_eq!(describe(&[1, 2, word, 0x30, 0x2_0001]).to_string(), expected);
    }

    #[test]
    fn every_event_reads_in_its_own_way() {
        check(1, 0, 1, "Boot Ok 0x100000030 at time 8589934594");
        check(2, 1, 8, "Command tenant 5 slot 6 Create NoSpace 0x100000030 at time 8589934594");
        check(2, 15, 15, "Command tenant 5 slot 6 code 15 OldVersion 0x100000030 at time 8589934594");
        check(3, 0, 5, "TranslateDenied tenant 5 slot 6 read Permission 0x100000030 at time 8589934594");
        check(4, 3, 6, "PhysicalDenied tenant 5 slot 6 reserved Isolated 0x100000030 at time 8589934594");
        check(5, 0, 8, "Lost 48 denials lost, 1 commands refused at time 8589934594");
        check(6, 1, 8, "Integrity slot 6 RowRepaired 0x100000030 at time 8589934594");
        check(6, 3, 8, "Integrity RegisterLost 0x100000030 at time 8589934594");
        check(9, 2, 3, "code 9 tenant 5 slot 6 code 2 code 3 0x100000030 at time 8589934594");
        assert_eq!(describe(&[7, 0, 0x2000_0000, 0, 0]).sequence, 7);
    }
}
