//! `pm manifest`: builds, signs and shows boot manifests, and makes the keys for it.

mod key;
mod source;

use crate::output::{Files, Kind, Output, Replace};
use crate::terminal;
use clap::{Args, Subcommand};
use pm_interface::manifest::{split_tag, Manifest, FORMAT, MAX_WORDS, TAG_WORDS};
use pm_interface::Rights;
use pm_model::manifest::{authentic, sign};
use pm_sim::{table, InputError};
use serde::Serialize;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "\
Example:
  pm manifest key device.key
  pm manifest build boot.toml -o boot.bin --key device.key
  pm manifest inspect boot.bin --key device.key

Exit code: 0 done, 1 a tag is wrong or missing, or a file cannot be written, 2 bad arguments or input files.";

const BUILD: &str = "\
Example:
  pm manifest build boot.toml -o boot.bin --key device.key

A source is TOML; addresses and sizes are in bytes:
  geometry = \"cu\"            # or { preset = \"cu\", slots = 4, tenants = 3 }
  version = 3                # security version: a device refuses one below the highest it has accepted
  seal = false               # true: nothing can be created or changed after boot
  strict = true              # an address in the window that no partition has is refused; left out: as the device was built
  pool_base = 0x8000_0000
  pool_size = 0x2000
  window_base = 0x0001_0000
  [[quota]]                  # the most that a tenant may own; no limit where none is given
  tenant = 1
  size = 0x1000
  slots = 4
  [[partition]]              # created at boot, in this order
  tenant = 1
  base = 0x0001_0000
  size = 0x400
  rights = \"rw\"
  isolated = true
  locked = false

Without --key the manifest has no tag and a device stays closed on it: sign it later, where the key is.
The version is the tag's nonce: give each manifest that a key signs a version of its own.

Exit code: 0 done, 1 the manifest cannot be written, 2 the source or the key cannot be used (with file, line and what to do).";

const SIGN: &str = "\
Example:
  pm manifest sign boot.bin --key device.key

The tag is Ascon-AEAD128 (NIST SP 800-232) over the manifest. A tag that is there already is replaced. Look at what you sign:
pm manifest inspect.

Exit code: 0 done, 1 the manifest cannot be written, 2 the manifest or the key cannot be used.";

const INSPECT: &str = "\
Example:
  pm manifest inspect boot.bin --key device.key

Without --key the tag is not checked, and what is shown may be anybody's.

Exit code: 0 done, 1 with --key: the tag is wrong or missing, 2 the manifest or the key cannot be used.";

const KEY: &str = "\
Example:
  pm manifest key device.key

Writes 32 random hex digits to a new file with mode 0600. The device gets the same key. Whoever has it can sign.

Exit code: 0 done, 1 the file cannot be written, 2 it is there already.";

/// Build, sign and show boot manifests
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Build a manifest from TOML
    #[command(after_help = BUILD)]
    Build {
        /// Source
        #[arg(value_name = "MANIFEST.toml")]
        source: PathBuf,
        /// File to write; - for standard output
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
        /// Sign it with the key in this file (32 hex digits, mode 0600)
        #[arg(long, value_name = "KEYFILE")]
        key: Option<PathBuf>,
        #[command(flatten)]
        replace: Replace,
    },
    /// Sign a manifest, in place
    #[command(after_help = SIGN)]
    Sign {
        /// Manifest
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Key (32 hex digits, mode 0600)
        #[arg(long, value_name = "KEYFILE")]
        key: PathBuf,
    },
    /// Show what a manifest says, and whether its tag is right
    #[command(after_help = INSPECT)]
    Inspect {
        /// Manifest
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Check the tag with the key in this file (32 hex digits, mode 0600)
        #[arg(long, value_name = "KEYFILE")]
        key: Option<PathBuf>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a new random key
    #[command(after_help = KEY)]
    Key {
        /// File to write; must not be there
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Whether everything is done, and the tag right where it was checked.
pub fn run(arguments: Arguments) -> anyhow::Result<bool> {
    match arguments.action {
        Action::Build { source, out, key, replace } => build(&source, &out, key.as_deref(), replace),
        Action::Sign { file, key } => sign_file(&file, &key),
        Action::Inspect { file, key, json } => inspect(&file, key.as_deref(), json),
        Action::Key { file } => {
            key::generate(&file)?;
            let text =
                format!("wrote {}: a new key, mode 0600; keep it secret, and give the same to the device\n", file.display());
            terminal::print(&text)?;
            Ok(true)
        }
    }
}

fn build(source: &Path, out: &Path, key: Option<&Path>, replace: Replace) -> anyhow::Result<bool> {
    let mut files = Files::new(replace).input(source, "the source");
    if let Some(key) = key {
        files = files.input(key, "the key");
    }
    let manifest = source::load(source)?;
    let output = files.output(out, Kind::Manifest)?;
    let key = key.map(key::read).transpose()?;
    let words = key.as_ref().map_or_else(|| manifest.words(), |key| sign(&manifest, key));
    write(&output, &words)?;
    let name = if output.is_standard() { Path::new("standard output") } else { out };
    let (out, version) = (name.display(), manifest.security_version);
    let file = if output.is_standard() { "FILE".into() } else { out.to_string() };
    let text = match key {
        Some(_) => format!("wrote {out}: {} words, signed, security version {version}\n", words.len()),
        None => format!(
            "wrote {out}: {} words, UNSIGNED, security version {version}\n\
             a device stays closed on it; sign it: pm manifest sign {file} --key KEYFILE\n",
            words.len()
        ),
    };
    if output.is_standard() {
        terminal::tell(&text);
    } else {
        terminal::print(&text)?;
    }
    Ok(true)
}

fn sign_file(file: &Path, key: &Path) -> anyhow::Result<bool> {
    let output = Files::new(Replace { force: true }).input(key, "the key").output(file, Kind::Manifest)?;
    let read = Content::from_file(file)?;
    let key = key::read(key)?;
    let words = sign(&read.manifest, &key);
    let former = match read.tag {
        None => "",
        Some(tag) if authentic(&read.manifest.words(), &tag, &key) => "; it was signed with this key already",
        Some(_) => "; the tag that it had was not of this key and these words, and is replaced",
    };
    write(&output, &words)?;
    terminal::print(&format!("signed {}: security version {}{former}\n", file.display(), read.manifest.security_version))?;
    Ok(true)
}

fn write(output: &Output, words: &[u32]) -> anyhow::Result<()> {
    output.write(words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>())
}

/// What a manifest's file holds.
struct Content {
    manifest: Manifest,
    tag: Option<[u32; TAG_WORDS]>,
}

impl Content {
    fn from_file(path: &Path) -> Result<Content, InputError> {
        let fault = |message: String| InputError::new(&path.display().to_string(), 0, message);
        let unreadable = |error: std::io::Error| fault(format!("cannot read the manifest: {error}"));
        let longest = 4 * (MAX_WORDS + TAG_WORDS) as u64;
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(longest + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
        if bytes.len() as u64 > longest {
            let message = "this is no boot manifest; build one with pm manifest build";
            return Err(fault(format!("it is longer than {longest} bytes: {message}")));
        }
        let (words, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            let message = "are no whole number of 4-byte words: it was cut short, or is no boot manifest";
            return Err(fault(format!("its {} bytes {message}", bytes.len())));
        }
        let words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
        let (body, tag) = split_tag(&words).map_err(|malformed| fault(malformed.to_string()))?;
        let manifest = Manifest::from_words(body).map_err(|malformed| fault(malformed.to_string()))?;
        Ok(Content { manifest, tag })
    }
}

#[derive(Serialize)]
struct Shown {
    file: String,
    format: u32,
    words: usize,
    security_version: u32,
    seal: bool,
    /// `None`: as the device was built.
    strict: Option<bool>,
    pool_base: u64,
    pool_size: u64,
    window_base: u64,
    quotas: Vec<ShownQuota>,
    partitions: Vec<ShownPartition>,
    /// As 32 hex digits, first byte first.
    tag: Option<String>,
    /// Whether the tag is right, where a key was given.
    authentic: Option<bool>,
}

/// `None`: no limit.
#[derive(Serialize)]
struct ShownQuota {
    tenant: usize,
    granules: Option<u64>,
    slots: Option<usize>,
}

#[derive(Serialize)]
struct ShownPartition {
    tenant: u8,
    base: u64,
    size: u64,
    rights: String,
    isolated: bool,
    locked: bool,
}

fn letters(rights: Rights) -> String {
    let letter = |set: bool, letter: char| if set { letter } else { '-' };
    [letter(rights.read, 'r'), letter(rights.write, 'w'), letter(rights.execute, 'x')].into_iter().collect()
}

fn inspect(file: &Path, key: Option<&Path>, json: bool) -> anyhow::Result<bool> {
    let key = key.map(key::read).transpose()?;
    let Content { manifest, tag } = Content::from_file(file)?;
    let checked = key.map(|key| tag.is_some_and(|tag| authentic(&manifest.words(), &tag, &key)));
    let quotas = manifest.quotas.iter().enumerate().map(|(tenant, quota)| ShownQuota {
        tenant,
        granules: quota.granule_limit(),
        slots: quota.slot_limit(),
    });
    let partitions = manifest.partitions.iter().map(|partition| ShownPartition {
        tenant: partition.tenant,
        base: partition.logical,
        size: partition.size,
        rights: letters(partition.rights),
        isolated: partition.rights.isolated,
        locked: partition.rights.locked,
    });
    let shown = Shown {
        file: file.display().to_string(),
        format: FORMAT,
        words: manifest.length(),
        security_version: manifest.security_version,
        seal: manifest.seal,
        strict: manifest.strict,
        pool_base: manifest.pool_base,
        pool_size: manifest.pool_size,
        window_base: manifest.window_base,
        quotas: quotas.collect(),
        partitions: partitions.collect(),
        tag: tag.map(|tag| tag.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("{byte:02x}")).collect()),
        authentic: checked,
    };
    if json {
        terminal::print_json(&shown)?;
    } else {
        terminal::print(&text(&shown))?;
    }
    Ok(checked != Some(false))
}

fn text(shown: &Shown) -> String {
    let yes = |flag: bool| if flag { "yes" } else { "no" };
    let unsigned = format!("a device stays closed on it; sign it: pm manifest sign {} --key KEYFILE", shown.file);
    let tag = match (&shown.tag, shown.authentic) {
        (None, Some(_)) => format!("MISSING: {unsigned}"),
        (None, None) => format!("none: unsigned, {unsigned}"),
        (Some(tag), None) => format!("{tag}, not checked: give --key"),
        (Some(tag), Some(true)) => format!("{tag}, right"),
        (Some(tag), Some(false)) => {
            format!("{tag}, WRONG: the manifest was changed after it was signed, or signed with another key")
        }
    };
    let rows = [
        ("manifest", format!("{}, format {}, {} words before the tag", shown.file, shown.format, shown.words)),
        ("security version", shown.security_version.to_string()),
        ("seal after boot", yes(shown.seal).into()),
        ("strict window", shown.strict.map_or("as the device was built", yes).into()),
        ("pool", format!("{:#x}, {:#x} bytes", shown.pool_base, shown.pool_size)),
        ("window", format!("{:#x}", shown.window_base)),
        ("quotas", if shown.quotas.is_empty() { "none: nobody is limited".into() } else { format!("{}", shown.quotas.len()) }),
        ("boot partitions", shown.partitions.len().to_string()),
        ("tag", tag),
    ];
    let mut text = table::render(&rows.map(|(name, value)| vec![name.into(), value]));
    let row = |cells: [&str; 6]| cells.map(String::from).to_vec();
    if !shown.quotas.is_empty() {
        let mut rows = vec![["tenant", "granules", "slots"].map(String::from).to_vec()];
        let limit = |limit: Option<u64>| limit.map_or("no limit".into(), |limit| limit.to_string());
        for ShownQuota { tenant, granules, slots } in &shown.quotas {
            rows.push(vec![tenant.to_string(), limit(*granules), limit(slots.map(|slots| slots as u64))]);
        }
        text.push_str(&format!("\nquotas\n{}", table::render(&rows)));
    }
    if !shown.partitions.is_empty() {
        let mut rows = vec![row(["tenant", "base", "size", "rights", "isolated", "locked"])];
        for partition in &shown.partitions {
            let ShownPartition { tenant, base, size, rights, isolated, locked } = partition;
            let (base, size) = (format!("{base:#x}"), format!("{size:#x}"));
            rows.push(row([&tenant.to_string(), &base, &size, rights, yes(*isolated), yes(*locked)]));
        }
        text.push_str(&format!("\nboot partitions\n{}", table::render(&rows)));
    }
    text
}
