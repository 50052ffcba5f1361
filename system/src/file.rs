//! Files that appear whole or not at all.
//!
//! ```text
//!  write --> .NAME.xxxxxx.part in the same folder --> all written, synced --> renamed to NAME
//!                  '--> an error, a panic, a signal, SIGKILL: removed
//! ```
//! This module must never leave half of a file under its name, and never follow one that another program made meanwhile: the
//! draft's name is its own.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::process::{remove_at_the_end, remove_lock_at_the_end};

/// A file that is being written. Dropped without [`Draft::finish`] it leaves nothing.
#[derive(Debug)]
pub struct Draft {
    file: NamedTempFile,
    target: PathBuf,
    replaces: bool,
}

impl Draft {
    /// A draft of `target`, which replaces what is there; where that is a link, what it leads to.
    ///
    /// # Errors
    /// When nothing can be written in the folder.
    pub fn of(target: &Path) -> io::Result<Draft> {
        let linked = fs::symlink_metadata(target).is_ok_and(|data| data.file_type().is_symlink());
        let target = if linked { target.canonicalize()? } else { target.to_owned() };
        let former = fs::metadata(&target).ok().map(|data| data.permissions());
        Draft::with(target, 0o666, former, true)
    }

    /// A draft of a file that must not be there when it is finished, and that only its owner can read.
    ///
    /// # Errors
    /// When nothing can be written in the folder.
    pub fn of_secret(target: &Path) -> io::Result<Draft> {
        Draft::with(target.to_owned(), 0o600, None, false)
    }

    fn with(target: PathBuf, mode: u32, former: Option<Permissions>, replaces: bool) -> io::Result<Draft> {
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(target.file_name().ok_or_else(|| io::Error::other("this is no name of a file"))?);
        prefix.push(".");
        let file = Builder::new().prefix(&prefix).suffix(".part").make_in(folder, |path| {
            // Before the file is there, so that there is no moment at which nobody would remove it.
            remove_at_the_end(path)?;
            let mut options = OpenOptions::new();
            options.read(true).write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
            options.open(path)
        })?;
        // The user's mask is for new files, not for one that replaces another.
        if let Some(former) = former {
            file.as_file().set_permissions(former)?;
        }
        Ok(Draft { file, target, replaces })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When not all of it could be written, or, of a secret, when a file of this name is there.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.as_file().sync_all()?;
        match self.replaces {
            true => self.file.persist(&self.target),
            false => self.file.persist_noclobber(&self.target),
        }
        .map(drop)
        .map_err(|error| error.error)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes a file, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    let mut draft = Draft::of(path)?;
    draft.write_all(bytes.as_ref())?;
    draft.finish()
}

/// Copies a file, whole or not at all.
///
/// # Errors
/// When one cannot be read or the other not be written.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut draft = Draft::of(to)?;
    io::copy(&mut source, &mut draft)?;
    draft.finish()
}

/// A folder for what is not kept. It is removed with everything in it when this is dropped, and when this program ends.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// A new one, among the user's temporary files.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn new(prefix: &str) -> io::Result<TemporaryFolder> {
        let made = Builder::new().prefix(prefix).make(|path| {
            remove_at_the_end(path)?;
            fs::create_dir(path)
        })?;
        Ok(TemporaryFolder(made.into_temp_path().keep()?))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What cannot be removed now, the watchdog tries again.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Something that one program at a time may use. Other programs are kept out until this is dropped, or this program ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

/// Why there is no lock.
#[derive(Debug)]
pub enum Locked {
    /// Another program has it: what that program says of itself.
    By(String),
    /// The lock's file cannot be written.
    Error(io::Error),
}

impl From<io::Error> for Locked {
    fn from(error: io::Error) -> Locked {
        Locked::Error(error)
    }
}

impl Lock {
    /// Locks by the file `path`, which is removed when the lock is given back. `me` is what others are told.
    ///
    /// # Errors
    /// When another program has the lock, or the file cannot be written.
    pub fn take(path: &Path, me: &str) -> Result<Lock, Locked> {
        remove_lock_at_the_end(path)?;
        loop {
            let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    let mut text = String::new();
                    (&file).take(1000).read_to_string(&mut text)?;
                    return Err(Locked::By(text.trim().to_string()));
                }
                Err(TryLockError::Error(error)) => return Err(error.into()),
                Ok(()) => {}
            }
            // Whoever had the lock may have removed the file since it was opened here.
            if !is_at(&file, path) {
                continue;
            }
            let lock = Lock { file: file.try_clone()?, path: path.to_owned() };
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{me}")?;
            return Ok(lock);
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |data: fs::Metadata| (data.dev(), data.ino());
    file.metadata().map(place).ok() == fs::metadata(path).map(place).ok()
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Before the lock is given back: nobody else has the file now.
        let _ = fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_folder_goes_with_what_is_in_it() {
        let folder = TemporaryFolder::new("pm-test-").unwrap();
        let path = folder.path().to_owned();
        write(&path.join("file"), "text").unwrap();
        drop(folder);
        assert!(!path.exists());
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_draft_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut draft = Draft::of(&path).unwrap();
        draft.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(draft);
        assert!(names(folder.path()).is_empty());
        write(&path, "first").unwrap();
        let mut draft = Draft::of(&path).unwrap();
        draft.write_all(b"second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        draft.finish().unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names(folder.path())), ("second", vec!["out".to_string()]));
    }

    #[test]
    fn a_link_stays_and_permissions_too() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("out"), folder.path().join("link"));
        write(&path, "first").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("out", &link).unwrap();
        write(&link, "second").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_secret_is_private_and_never_written_over() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let mut drafts = [Draft::of_secret(&path).unwrap(), Draft::of_secret(&path).unwrap()];
        drafts[0].write_all(b"first").unwrap();
        let [first, second] = drafts;
        first.finish().unwrap();
        assert_eq!(second.finish().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["key"]);
    }

    #[test]
    fn the_second_is_told_who_has_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Lock::take(&path, "process 1").unwrap();
        assert!(matches!(Lock::take(&path, "process 2"), Err(Locked::By(who)) if who == "process 1"));
        drop(first);
        assert!(names(folder.path()).is_empty());
        drop(Lock::take(&path, "process 3").unwrap());
        // What a run that was killed left behind locks nobody out.
        write(&path, "process 4, which is gone").unwrap();
        let fifth = Lock::take(&path, "process 5").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "process 5\n");
        drop(fifth);
        assert!(names(folder.path()).is_empty());
    }
}
