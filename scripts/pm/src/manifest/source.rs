//! The TOML that a manifest is built from. Unknown keys are refused; every error has its line.

use pm_interface::manifest::{quotas, BadLimits, BootPartition, Limits, Manifest, Part, Refusal};
use pm_interface::{Geometry, Status};
use pm_sim::input::read_text;
use pm_sim::scenario::{GeometryText, RightsText};
use pm_sim::InputError;
use serde::Deserialize;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    geometry: Spanned<GeometryText>,
    version: u32,
    #[serde(default)]
    seal: bool,
    strict: Option<bool>,
    pool_base: Spanned<u64>,
    pool_size: Spanned<u64>,
    window_base: Spanned<u64>,
    #[serde(default)]
    quota: Vec<Spanned<QuotaText>>,
    #[serde(default)]
    partition: Vec<Spanned<PartitionText>>,
}

/// What is left out is not limited.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuotaText {
    tenant: u8,
    /// Bytes.
    size: Option<u64>,
    slots: Option<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartitionText {
    tenant: u8,
    base: u64,
    size: u64,
    #[serde(default)]
    rights: RightsText,
    #[serde(default)]
    isolated: bool,
    #[serde(default)]
    locked: bool,
}

/// Reads and checks a file.
pub fn load(path: &Path) -> Result<Manifest, InputError> {
    let file = path.display().to_string();
    parse(&file, &read_text(path, "the manifest's source")?)
}

fn parse(file: &str, text: &str) -> Result<Manifest, InputError> {
    let line_of = |span: Range<usize>| text[..span.start.min(text.len())].matches('\n').count() + 1;
    let at = |span: Range<usize>, message: String| InputError::new(file, line_of(span), message);
    let source: Text = toml::from_str(text).map_err(|error| {
        let InputError { file, line, message } = InputError::toml(file, text, error.message(), error.span());
        InputError { file, line, message: message + "; pm manifest build --help shows a whole source" }
    })?;
    let geometry = geometry(source.geometry.get_ref()).map_err(|message| at(source.geometry.span(), message))?;
    let quota_spans: Vec<Range<usize>> = source.quota.iter().map(Spanned::span).collect();
    let limits = source.quota.iter().map(|quota| limits(&geometry, quota.get_ref()).map_err(|message| at(quota.span(), message)));
    let limits = limits.collect::<Result<Vec<Limits>, InputError>>()?;
    let quotas = quotas(&geometry, &limits).map_err(|BadLimits { index, first, message }| {
        let first = first.map(|first| format!(" (line {})", line_of(quota_spans[first].clone()))).unwrap_or_default();
        at(quota_spans[index].clone(), message + &first)
    })?;
    let partition = |text: &Spanned<PartitionText>| {
        let PartitionText { tenant, base, size, rights, isolated, locked } = *text.get_ref();
        BootPartition { tenant, rights: rights.with(isolated, locked), logical: base, size }
    };
    let manifest = Manifest {
        security_version: source.version,
        seal: source.seal,
        strict: source.strict,
        pool_base: *source.pool_base.get_ref(),
        pool_size: *source.pool_size.get_ref(),
        window_base: *source.window_base.get_ref(),
        quotas,
        partitions: source.partition.iter().map(partition).collect(),
    };
    manifest.check(&geometry).map_err(|refusal: Refusal| {
        let span = match refusal.part {
            Part::Manifest => None,
            Part::Pool if refusal.status == Status::BadSize => Some(source.pool_size.span()),
            Part::Pool => Some(source.pool_base.span()),
            Part::Window => Some(source.window_base.span()),
            Part::Quota(tenant) => {
                limits.iter().position(|limit| usize::from(limit.tenant) == tenant).map(|place| quota_spans[place].clone())
            }
            Part::Partition(index) => source.partition.get(index).map(Spanned::span),
        };
        InputError::new(file, span.map_or(0, line_of), format!("{refusal} ({})", refusal.status))
    })?;
    Ok(manifest)
}

fn geometry(text: &GeometryText) -> Result<Geometry, String> {
    text.geometry()
}

fn limits(geometry: &Geometry, text: &QuotaText) -> Result<Limits, String> {
    let QuotaText { tenant, size, slots } = *text;
    let granule = geometry.granule();
    if let Some(size) = size.filter(|size| size & (granule - 1) != 0) {
        return Err(format!("quota: size {size:#x} has to be a multiple of the granule, {granule:#x} bytes"));
    }
    Ok(Limits { tenant, granules: size.map(|size| size >> geometry.granule_bits), slots })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::manifest::Quota;

    const HEAD: &str = "geometry = \"cu\"\nversion = 3\npool_base = 0x8000_0000\npool_size = 0x2000\nwindow_base = 0x1_0000\n";

    #[test]
    fn what_is_left_out_has_its_default() {
        let manifest = parse("t", HEAD).unwrap();
        assert_eq!((manifest.security_version, manifest.seal, manifest.length()), (3, false, 11));
        let text = format!("{HEAD}[[quota]]\ntenant = 2\nslots = 1\n[[partition]]\ntenant = 2\nbase = 0x1_0000\nsize = 0x100\n");
        let manifest = parse("t", &text).unwrap();
        assert_eq!(manifest.quotas.len(), 8);
        assert_eq!(manifest.quotas[2], Quota { granules: Quota::ANY_GRANULES, slots: 1 });
        assert!(manifest.quotas.iter().enumerate().all(|(tenant, quota)| tenant == 2 || *quota == Quota::UNLIMITED));
        assert_eq!(manifest.partitions[0].rights.bits(), 0);
    }

    #[test]
    fn quotas_that_cannot_be_meant_are_named() {
        for (quota, said) in [
            ("tenant = 8\nslots = 1", "there is no tenant 8"),
            ("tenant = 1", "it limits nothing"),
            ("tenant = 1\nsize = 0x80", "multiple of the granule, 0x100 bytes"),
            ("tenant = 1\nsize = 0xFFFF_FF00", "too many; use at most 16777214, 0xfffffe00 bytes"),
            ("tenant = 1\nslots = 255", "too large; use at most 254"),
            ("tenant = 1\nslots = 1\n\n[[quota]]\ntenant = 1\nsize = 0x100", "has one already; give both limits there (line 6)"),
            ("tenant = 256\nslots = 1", "invalid value"),
        ] {
            let error = parse("t", &format!("{HEAD}[[quota]]\n{quota}\n")).unwrap_err();
            assert!(error.message.contains(said) && (6..=10).contains(&error.line), "{error}");
        }
    }
}
