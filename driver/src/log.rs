//! What the device tells: the audit log, the first denial, interrupts, counters.

use crate::{Error, Outcome, PartitionManager, Registers};
use pm_interface::registers::offset;
use pm_interface::{AuditRecord, Kind, Reason, AUDIT_WORDS};

/// The first denial since the last clear of [`irq::DENIAL`](crate::irq::DENIAL).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Who asked.
    pub tenant: u8,
    /// The row that refused; zero where there is none.
    pub slot: u8,
    /// Kind of the access; `None` for the code that no access has.
    pub kind: Option<Kind>,
    /// Why.
    pub reason: Reason,
    /// On the physical port, not the translate port.
    pub physical: bool,
    /// Others came after it; with `alerts`.
    pub more: bool,
    /// Where.
    pub address: u64,
}

/// Accesses since reset, wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Granted or allowed.
    pub granted: u32,
    /// Denied.
    pub denied: u32,
    /// Left to the standard MMU.
    pub not_mine: u32,
}

impl<R: Registers> PartitionManager<R> {
    /// Takes the oldest audit record; `None` when none waits: with `chain` it does once the digest has
    /// taken it in. After an error the next call goes on where this one stopped.
    pub fn audit(&mut self) -> Outcome<R, Option<AuditRecord>> {
        let level = self.registers.read(offset::AUDIT_LEVEL)?;
        if level & 0xFFFF == 0 {
            return Ok(None);
        }
        let shown = (level >> 16 & 7) as usize;
        if shown != self.held {
            self.held = 0;
            for _ in shown..AUDIT_WORDS {
                self.registers.write(offset::AUDIT_POP, 1)?;
            }
            return Err(Error::Torn);
        }
        while self.held < AUDIT_WORDS {
            self.words[self.held] = self.registers.read(offset::AUDIT_DATA)?;
            self.registers.write(offset::AUDIT_POP, 1)?;
            self.held += 1;
        }
        self.held = 0;
        AuditRecord::from_words(self.words).map(Some).ok_or(Error::Code(self.words[2]))
    }

    /// Denials counted instead of recorded since reset.
    pub fn audit_lost(&mut self) -> Outcome<R, u32> {
        Ok(self.registers.read(offset::AUDIT_LOST)?)
    }

    /// Digest of the log's hash chain and how many records it covers; with `chain`.
    pub fn digest(&mut self) -> Outcome<R, ([u32; 4], u32)> {
        let words = [offset::AUDIT_DIGEST, offset::AUDIT_DIGEST_1, offset::AUDIT_DIGEST_2, offset::AUDIT_DIGEST_3];
        for _ in 0..self.polls {
            let before = self.registers.read(offset::AUDIT_CHAINED)?;
            let mut digest = [0; 4];
            for (word, register) in digest.iter_mut().zip(words) {
                *word = self.registers.read(register)?;
            }
            if self.registers.read(offset::AUDIT_CHAINED)? == before {
                return Ok((digest, before));
            }
        }
        Err(Error::Timeout)
    }

    /// The first denial since the last clear of [`irq::DENIAL`](crate::irq::DENIAL), if there was one.
    pub fn fault(&mut self) -> Outcome<R, Option<Fault>> {
        let info = self.registers.read(offset::FAULT_INFO)?;
        if info >> 31 == 0 {
            return Ok(None);
        }
        Ok(Some(Fault {
            tenant: info as u8,
            slot: (info >> 8) as u8,
            kind: Kind::from_code((info >> 20 & 3) as u8),
            reason: Reason::from_code((info >> 24 & 15) as u8).ok_or(Error::Code(info))?,
            physical: info >> 30 & 1 == 1,
            more: info >> 29 & 1 == 1,
            address: self.read_wide(offset::FAULT_ADDRESS_LO)?,
        }))
    }

    /// The causes that wait, bits of [`irq`](crate::irq), enabled or not.
    pub fn interrupts(&mut self) -> Outcome<R, u32> {
        Ok(self.registers.read(offset::IRQ_STATUS)?)
    }

    /// Which causes raise the output `irq`; the others do not.
    pub fn enable_interrupts(&mut self, causes: u32) -> Outcome<R, ()> {
        Ok(self.registers.write(offset::IRQ_ENABLE, causes)?)
    }

    /// Clears these causes. [`irq::DENIAL`](crate::irq::DENIAL) also frees the place of the first denial.
    ///
    /// A cause that announces records (a denial, losses, a repair) is raised again while one waits: clear it and read the log with
    /// [`PartitionManager::audit`] until `None`, in any order. The interrupt comes again for each record that can be read later; a
    /// handler that does not read the log disables the cause.
    pub fn clear_interrupts(&mut self, causes: u32) -> Outcome<R, ()> {
        Ok(self.registers.write(offset::IRQ_STATUS, causes)?)
    }

    /// Accesses since reset.
    pub fn counts(&mut self) -> Outcome<R, Counts> {
        Ok(Counts {
            granted: self.registers.read(offset::COUNT_GRANTED)?,
            denied: self.registers.read(offset::COUNT_DENIED)?,
            not_mine: self.registers.read(offset::COUNT_NOT_MINE)?,
        })
    }
}
