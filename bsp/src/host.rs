//! The host's side of the protocol: frames, and a session over anything that reads and writes bytes.
//!
//! A serial port, a socket or a simulated board will do; reads must end with an error when nothing comes for a while
//! (some hundred milliseconds on a real line). `PROTOCOL.md` describes the bytes.

use crate::protocol::{crc16, FrameStatus, Operation, PING_VALUE, REQUEST_SYNC, RESPONSE_SYNC};
use anyhow::{bail, ensure, Context, Result};
use pm_interface::registers::offset;
use pm_interface::{AuditRecord, BootState, Kind, Reason, Status, AUDIT_WORDS};
use std::io::{Read, Write};

/// The bytes of a request.
pub fn request(operation: Operation, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![REQUEST_SYNC, operation.code(), payload.len() as u8];
    frame.extend(payload);
    frame.extend(crc16(&frame[1..]).to_be_bytes());
    frame
}

/// A response frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The opcode that is answered; of a frame that could not be read, what was read of it.
    pub opcode: u8,
    /// How the request ended.
    pub status: FrameStatus,
    /// What it carries.
    pub payload: Vec<u8>,
}

impl Response {
    /// Bytes before and behind the payload.
    pub const OVERHEAD: usize = 6;

    /// Reads one frame; the bytes before its sync byte are skipped.
    ///
    /// # Errors
    /// When the connection ends or times out, or the CRC or the status is wrong.
    pub fn read(from: &mut impl Read) -> Result<Response> {
        let mut byte = [0; 1];
        while byte[0] != RESPONSE_SYNC {
            from.read_exact(&mut byte).context("no response from the board: is it configured, and the port right?")?;
        }
        let mut frame = vec![0; 3];
        from.read_exact(&mut frame).context("the board's response stopped in its header")?;
        frame.resize(3 + usize::from(frame[2]) + 2, 0);
        from.read_exact(&mut frame[3..]).context("the board's response stopped in its payload")?;
        Response::checked(&frame)
    }

    /// The response in `frame`, sync byte included.
    ///
    /// # Errors
    /// When it is not exactly one well-formed frame.
    pub fn decode(frame: &[u8]) -> Result<Response> {
        ensure!(frame.len() >= Response::OVERHEAD, "{} bytes are no response frame", frame.len());
        ensure!(frame[0] == RESPONSE_SYNC, "a response starts with {RESPONSE_SYNC:#04x}, not {:#04x}", frame[0]);
        let expected = Response::OVERHEAD + usize::from(frame[3]);
        ensure!(frame.len() == expected, "a response of {} bytes should have {expected}", frame.len());
        Response::checked(&frame[1..])
    }

    /// The response in `frame`, without its sync byte.
    fn checked(frame: &[u8]) -> Result<Response> {
        let (body, crc) = frame.split_at(frame.len() - 2);
        let (sent, computed) = (u16::from_be_bytes([crc[0], crc[1]]), crc16(body));
        ensure!(sent == computed, "the board's response is damaged: its CRC is {sent:#06x}, its bytes give {computed:#06x}");
        let Some(status) = FrameStatus::from_code(body[1]) else {
            bail!("the board answers with status {}, which this version does not know", body[1]);
        };
        Ok(Response { opcode: body[0], status, payload: body[3..].to_vec() })
    }
}

/// What became of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessOutcome {
    /// It was made.
    Done {
        /// Physical address of its first byte.
        physical: u32,
        /// What was read, zero-extended; zero for a write.
        data: u32,
        /// Through a partition; else through the standard MMU or physically.
        managed: bool,
        /// The partition's slot.
        slot: u8,
    },
    /// It was refused.
    Denied {
        /// Why.
        reason: Reason,
        /// By the translate port; else by the standard MMU or the physical port.
        managed: bool,
        /// The slot that decided, where there is one.
        slot: u8,
    },
    /// It was granted, but at an address where there is no memory.
    BusError {
        /// Physical address of its first byte.
        physical: u32,
    },
}

/// An entry of the standard MMU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The page is mapped.
    pub present: bool,
    /// It may be read.
    pub read: bool,
    /// It may be written.
    pub write: bool,
    /// It may be fetched from.
    pub execute: bool,
    /// Physical page, 12 bits.
    pub frame: u16,
}

/// A conversation with the board.
pub struct Session<T> {
    port: T,
}

impl<T: Read + Write> Session<T> {
    /// Talks over `port`.
    pub fn new(port: T) -> Self {
        Session { port }
    }

    /// The port.
    pub fn port(&mut self) -> &mut T {
        &mut self.port
    }

    /// Sends a request and waits for its response, whatever its status.
    ///
    /// # Errors
    /// When the port fails or the response is damaged or answers something else.
    pub fn exchange(&mut self, operation: Operation, payload: &[u8]) -> Result<Response> {
        self.send(&request(operation, payload))?;
        let response = Response::read(&mut self.port)?;
        ensure!(
            response.opcode == operation.code() || frame_fault(response.status),
            "the board answers opcode {} to opcode {}; start again with a reset",
            response.opcode,
            operation.code()
        );
        Ok(response)
    }

    /// Sends bytes as they are, well-formed or not.
    ///
    /// # Errors
    /// When the port fails.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.port.write_all(bytes).and_then(|()| self.port.flush()).context("cannot write to the board's port")
    }

    /// Receives one response.
    ///
    /// # Errors
    /// When the port fails or the response is damaged.
    pub fn receive(&mut self) -> Result<Response> {
        Response::read(&mut self.port)
    }

    /// The response to `operation` with `length` bytes of payload.
    fn done(&mut self, operation: Operation, payload: &[u8], length: usize) -> Result<Vec<u8>> {
        let response = self.exchange(operation, payload)?;
        ensure!(response.status == FrameStatus::Ok, "{operation:?}: the board answers {:?}", response.status);
        ensure!(
            response.payload.len() == length,
            "{operation:?}: the board answers {} bytes instead of {length}",
            response.payload.len()
        );
        Ok(response.payload)
    }

    /// Checks that a board with this version of the protocol answers.
    ///
    /// # Errors
    /// When none does.
    pub fn ping(&mut self) -> Result<()> {
        let value = word(&self.done(Operation::Ping, &[], 4)?);
        ensure!(value & 0xFF_FFFF == PING_VALUE, "the board speaks version {value:#010x}, this program {PING_VALUE:#010x}");
        Ok(())
    }

    /// Reads the register at `offset`.
    ///
    /// # Errors
    /// When the register does not answer, or the port fails.
    pub fn read_register(&mut self, offset: u8) -> Result<u32> {
        let value = self.done(Operation::ReadRegister, &[offset], 4);
        Ok(word(&value.with_context(|| format!("cannot read register {offset:#04x}"))?))
    }

    /// Writes the register at `offset`.
    ///
    /// # Errors
    /// When the register refuses, or the port fails.
    pub fn write_register(&mut self, offset: u8, value: u32) -> Result<()> {
        let [a, b, c, d] = value.to_le_bytes();
        self.done(Operation::WriteRegister, &[offset, a, b, c, d], 0)
            .with_context(|| format!("cannot write {value:#x} to register {offset:#04x}"))?;
        Ok(())
    }

    /// Boots a board with authenticated boot: offers a manifest with its tag, ends it, and waits for what comes of it. Anything
    /// but `Ok` closes the board until reset.
    ///
    /// # Errors
    /// When the board takes no manifest, or the port fails.
    pub fn boot(&mut self, words: &[u32]) -> Result<Status> {
        for word in words {
            self.write_register(offset::BOOT_DATA, *word)
                .context("the board takes no manifest: is it built with cu+boot, and reset?")?;
        }
        self.write_register(offset::CONTROL, 1)?;
        for _ in 0..1000 {
            let state = self.read_register(offset::BOOT_STATE)?;
            if BootState::from_code(state as u8 & 7) != Some(BootState::Checking) {
                let status = Status::from_code((state >> 8) as u8 & 15);
                return status.context("the board ends its boot with an unknown status");
            }
        }
        bail!("the boot does not end: read the audit log, or reset the board")
    }

    /// Writes entry `index` of `tenant`'s page table in the standard MMU.
    ///
    /// # Errors
    /// When there is no such tenant or page, or the port fails.
    pub fn fill_page(&mut self, tenant: u8, index: u8, page: Page) -> Result<()> {
        ensure!(page.frame < 1 << 12, "physical page {:#x} does not fit 12 bits", page.frame);
        let rights = u8::from(page.present) | u8::from(page.read) << 1 | u8::from(page.write) << 2 | u8::from(page.execute) << 3;
        let [low, high] = page.frame.to_le_bytes();
        self.done(Operation::FillPage, &[tenant, rights, index, low, high], 0)
            .with_context(|| format!("cannot map page {index} of tenant {tenant}"))?;
        Ok(())
    }

    /// Reads 1 to 4 bytes at a logical address, as `tenant`.
    ///
    /// # Errors
    /// When the length is not one that the board has, or the port fails. A refusal is an [`AccessOutcome`].
    pub fn read(&mut self, tenant: u8, address: u32, length: u8) -> Result<AccessOutcome> {
        self.access(Operation::Access, tenant, Kind::Read, address, length, 0)
    }

    /// Writes the low 1 to 4 bytes of `data` to a logical address, as `tenant`.
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn write(&mut self, tenant: u8, address: u32, length: u8, data: u32) -> Result<AccessOutcome> {
        self.access(Operation::Access, tenant, Kind::Write, address, length, data)
    }

    /// Accesses memory, at a logical address ([`Operation::Access`]) or a physical one ([`Operation::PhysicalAccess`]).
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn access(
        &mut self,
        operation: Operation,
        tenant: u8,
        kind: Kind,
        address: u32,
        length: u8,
        data: u32,
    ) -> Result<AccessOutcome> {
        ensure!(length < 16, "an access of {length} bytes: the board has 1 to 4");
        let mut payload = vec![tenant];
        payload.extend(address.to_le_bytes());
        payload.push(length | kind.code() << 4);
        payload.extend(data.to_le_bytes());
        let response = self.exchange(operation, &payload)?;
        let bytes = &response.payload;
        let managed = |verdict: u8| verdict & 0x10 != 0;
        Ok(match (response.status, bytes.len()) {
            (FrameStatus::Ok, 10) => {
                AccessOutcome::Done { physical: word(bytes), data: word(&bytes[4..]), managed: managed(bytes[8]), slot: bytes[9] }
            }
            (FrameStatus::Denied, 2) => AccessOutcome::Denied {
                reason: Reason::from_code(bytes[0] & 15).context("the board gives an unknown reason")?,
                managed: managed(bytes[0]),
                slot: bytes[1],
            },
            (FrameStatus::BusError, 6) => AccessOutcome::BusError { physical: word(bytes) },
            (status, length) => bail!("{operation:?}: the board answers {status:?} with {length} bytes"),
        })
    }

    /// Takes the oldest audit record, if there is one.
    ///
    /// # Errors
    /// When the record is none that this version knows, or the port fails.
    pub fn read_audit(&mut self) -> Result<Option<AuditRecord>> {
        let response = self.exchange(Operation::ReadAudit, &[])?;
        match (response.status, response.payload.len()) {
            (FrameStatus::Empty, 0) => Ok(None),
            (FrameStatus::Ok, length) if length == 4 * AUDIT_WORDS => {
                let mut words = [0; AUDIT_WORDS];
                for (place, bytes) in words.iter_mut().zip(response.payload.chunks(4)) {
                    *place = word(bytes);
                }
                Ok(Some(AuditRecord::from_words(words).with_context(|| format!("no audit record: {words:08x?}"))?))
            }
            (FrameStatus::MidRecord, 0) => {
                bail!("part of the oldest audit record is popped: write AUDIT_POP until its word is 0")
            }
            (status, length) => bail!("ReadAudit: the board answers {status:?} with {length} bytes"),
        }
    }
}

/// Whether the board may not have read the opcode.
fn frame_fault(status: FrameStatus) -> bool {
    matches!(status, FrameStatus::BadCrc | FrameStatus::FramingError | FrameStatus::Timeout)
}

/// The first four bytes as a number.
fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ping_word, MEMORY_BYTES};

    #[test]
    fn frames_as_documented() {
        assert_eq!(request(Operation::Ping, &[])[..3], [0xA5, 0x01, 0x00]);
        let frame = request(Operation::WriteRegister, &[0x14, 1, 0, 0, 0]);
        assert_eq!(frame[..8], [0xA5, 0x03, 0x05, 0x14, 1, 0, 0, 0]);
        let standard = crc::Crc::<u16>::new(&crc::CRC_16_IBM_3740);
        assert_eq!(frame[8..], standard.checksum(&frame[1..8]).to_be_bytes());
    }

    #[test]
    fn the_document_agrees() {
        let text = include_str!("../PROTOCOL.md");
        let example = |name: &str| -> Vec<u8> {
            let bytes = |line: &str| -> Option<Vec<u8>> {
                line.split_whitespace().skip(1).map(|byte| u8::from_str_radix(byte, 16).ok()).collect()
            };
            let mut lines = text.lines().filter(|line| line.starts_with(name));
            lines.find_map(bytes).expect("an example")
        };
        assert_eq!(example("request"), request(Operation::WriteRegister, &[0x14, 1, 0, 0, 0]));
        let response = Response { opcode: 3, status: FrameStatus::Ok, payload: vec![] };
        assert_eq!(Response::decode(&example("response")).unwrap(), response);
        for status in FrameStatus::ALL {
            assert!(text.contains(&format!("\n| {} | {status:?} | ", status.code())), "{status:?}");
        }
        for operation in Operation::ALL {
            let start = format!("| {:02X} | {operation:?} |", operation.code());
            let row = text.lines().find(|line| line.starts_with(&start)).expect("a row for each operation");
            assert_eq!(row.split('|').nth(4).map(str::trim), Some(&*operation.request_length().to_string()), "{row}");
        }
        assert!(text.contains(&format!("word 0x{:08X}", ping_word(MEMORY_BYTES))));
    }

    #[test]
    fn responses_are_read_or_refused() {
        let mut good = vec![0x5A, 0x02, 0x01, 0x04, 1, 2, 3, 4];
        good.extend(crc16(&good[1..]).to_be_bytes());
        let expected = Response { opcode: 2, status: FrameStatus::Ok, payload: vec![1, 2, 3, 4] };
        assert_eq!(Response::decode(&good).unwrap(), expected);
        let noisy: Vec<u8> = [0x00, 0xA5, 0xFF].iter().chain(&good).copied().collect();
        assert_eq!(Response::read(&mut &noisy[..]).unwrap(), expected);
        for bit in 0..8 * good.len() {
            let mut wrong = good.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(Response::decode(&wrong).is_err(), "bit {bit}");
        }
        for length in 0..good.len() {
            assert!(Response::decode(&good[..length]).is_err());
            assert!(Response::read(&mut &good[..length]).is_err());
        }
        let mut unknown = vec![0x5A, 0x02, 0x7F, 0x00];
        unknown.extend(crc16(&unknown[1..]).to_be_bytes());
        assert!(Response::decode(&unknown).unwrap_err().to_string().contains("status 127"));
    }
}
