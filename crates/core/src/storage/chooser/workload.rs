use alloc::format;

use crate::account::params::{BOOLEAN, Member, Shape, TEXT, optional, required};
use crate::account::{ApiError, Params, param_error};
use crate::storage::money::Picos;

/// How a program reaches the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interface {
    /// Whatever serves.
    #[default]
    Any,
    /// GET, PUT, DELETE over HTTP.
    Object,
    /// Directories, locks, writes in place.
    File,
    /// A device.
    Block,
}

/// What is asked of the storage, steadily.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Workload {
    /// Operations a second, of all instances together.
    pub reads: f64,
    pub writes: f64,
    /// Bytes of one operation.
    pub read_bytes: u64,
    pub write_bytes: u64,
    /// GB (2³⁰ bytes) at rest.
    pub total_gb: f64,
    /// Bytes of one object or file; minimum sizes and monitoring go by it.
    pub object_bytes: u64,
    /// Instances that share the data.
    pub instances: u64,
    /// Availability Zones that they run in.
    pub zones: u64,
    /// Whether the data must outlive the loss of a zone.
    pub survive_zone_loss: bool,
    /// Milliseconds that an operation may take on average.
    pub latency_ms: Option<f64>,
    pub budget: Option<Picos>,
    pub interface: Interface,
    /// Prefixes that requests to S3 spread over evenly.
    pub prefixes: u64,
}

/// Seconds of the month that costs are for: 730 hours, as AWS's calculator has it.
pub const MONTH_SECONDS: u64 = 730 * 3_600;

/// What is provisioned is used to this share at most: at its whole capacity a queue has no end.
pub(super) const PROVISIONED_SHARE: f64 = 0.8;

const POSITIVE: Shape = Shape::Integer { min: Some(1) };

/// Members of `Workload` in `sluice:ChooseStorage`.
pub(super) const WORKLOAD: &[Member] = &[
    required("ReadsPerSecond", Shape::Double),
    required("WritesPerSecond", Shape::Double),
    optional("ReadBytes", POSITIVE),
    optional("WriteBytes", POSITIVE),
    required("TotalGB", Shape::Double),
    optional("ObjectBytes", POSITIVE),
    optional("Instances", POSITIVE),
    optional("AvailabilityZones", POSITIVE),
    optional("SurviveZoneLoss", BOOLEAN),
    optional("LatencyMs", Shape::Double),
    optional("BudgetPerMonth", Shape::Double),
    optional("Interface", TEXT),
    optional("Prefixes", POSITIVE),
];

const MAX_RATE: f64 = 1e8;
const MAX_GB: f64 = 1e9;
const MAX_BYTES: i64 = 53_687_091_200_000;
const MAX_COUNT: i64 = 1_000_000;

impl Workload {
    /// Reads the members of [`WORKLOAD`], already checked. Errors: `ParamValidation` with the member and its range.
    pub(super) fn read(given: &Params<'_>) -> Result<Workload, ApiError> {
        let number = |name: &str, least: f64, most: f64| match given.double(name) {
            None => Ok(None),
            Some(value) if (least..=most).contains(&value) => Ok(Some(value)),
            Some(value) => Err(beyond(name, value, least, most)),
        };
        let whole = |name: &str, most: i64| match given.integer(name) {
            None => Ok(None),
            Some(value) if (1..=most).contains(&value) => Ok(u64::try_from(value).ok()),
            Some(value) => Err(beyond(name, value, 1, most)),
        };
        let read_bytes = whole("ReadBytes", MAX_BYTES)?.unwrap_or(16_384);
        let write_bytes = whole("WriteBytes", MAX_BYTES)?.unwrap_or(read_bytes);
        let interface = match given.text("Interface").unwrap_or("Any") {
            "Any" => Interface::Any,
            "Object" => Interface::Object,
            "File" => Interface::File,
            "Block" => Interface::Block,
            other => {
                return Err(param_error(format!(
                    "Invalid value for parameter Workload.Interface, value: {other}, must be one of: Any, Object, File, Block"
                )));
            }
        };
        Ok(Workload {
            reads: number("ReadsPerSecond", 0.0, MAX_RATE)?.unwrap_or(0.0),
            writes: number("WritesPerSecond", 0.0, MAX_RATE)?.unwrap_or(0.0),
            read_bytes,
            write_bytes,
            total_gb: number("TotalGB", 0.0, MAX_GB)?.unwrap_or(0.0),
            object_bytes: whole("ObjectBytes", MAX_BYTES)?.unwrap_or(1 << 20),
            instances: whole("Instances", MAX_COUNT)?.unwrap_or(1),
            zones: whole("AvailabilityZones", 6)?.unwrap_or(1),
            survive_zone_loss: given.boolean("SurviveZoneLoss").unwrap_or(false),
            latency_ms: number("LatencyMs", 0.001, 1e9)?,
            budget: number("BudgetPerMonth", 0.0, 1e12)?.map(|dollars| Picos(libm::round(dollars * 1e12) as i128)),
            interface,
            prefixes: whole("Prefixes", MAX_COUNT)?.unwrap_or(1),
        })
    }

    pub fn operations(&self) -> f64 {
        self.reads + self.writes
    }

    /// MiB a second.
    pub fn read_mibps(&self) -> f64 {
        self.reads * self.read_bytes as f64 / 1_048_576.0
    }

    pub fn write_mibps(&self) -> f64 {
        self.writes * self.write_bytes as f64 / 1_048_576.0
    }

    /// Whole operations of a month.
    pub fn monthly(&self, rate: f64) -> u128 {
        (rate * MONTH_SECONDS as f64) as u128
    }

    /// Bytes at rest.
    pub fn bytes(&self) -> u128 {
        (self.total_gb * crate::storage::price::GB as f64) as u128
    }

    /// Objects or files at rest.
    pub fn objects(&self) -> u128 {
        self.bytes().div_ceil(u128::from(self.object_bytes.max(1)))
    }
}

fn beyond(name: &str, value: impl core::fmt::Display, least: impl core::fmt::Display, most: impl core::fmt::Display) -> ApiError {
    param_error(format!(
        "Invalid value for parameter Workload.{name}, value: {value}, valid range: {least} to {most}"
    ))
}
