//! Restores from archive: how long they take, the temporary copy, and how responses speak of it.
//!
//! Belongs here: the rules and times of RestoreObject. Does not belong here: the command (`commands::restore`), when it is polled (`poll`).

use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::lifecycle::midnight_at_or_after;
use super::{AccessTier, Object, StorageClass, rules};
use crate::sim::SimTime;
use crate::storage::cost::RestoreTier;

/// Seconds that a restore takes: the upper end of the range that "Archive retrieval options" gives, every time. `None`: not offered by that archive.
///
/// `deep`: S3 Glacier Deep Archive or the Deep Archive Access tier. AWS gives the times of Expedited for objects below 250 MB; here they hold for all.
pub const fn restore_seconds(tier: RestoreTier, deep: bool) -> Option<i64> {
    let [expedited, standard, bulk] = if deep { rules::RESTORE_SECONDS_DEEP } else { rules::RESTORE_SECONDS };
    match tier {
        RestoreTier::Expedited => expedited,
        RestoreTier::Standard => standard,
        RestoreTier::Bulk => bulk,
    }
}

/// A restore that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restore {
    pub(super) speed: RestoreTier,
    pub(super) requested: SimTime,
    /// When the copy is there.
    pub(super) ready: SimTime,
    /// Days that the copy stays; `None` in Intelligent-Tiering, where the object itself comes back.
    pub(super) days: Option<u32>,
    /// When the copy goes; `None` while the restore is going on.
    pub(super) expires: Option<SimTime>,
    /// Row of the trace at which it was asked for.
    #[serde(default)]
    pub(super) cause: Option<u32>,
}

impl Restore {
    pub fn is_ongoing(&self) -> bool {
        self.expires.is_none()
    }

    /// When the copy goes; `None` while the restore is going on.
    pub fn expires(&self) -> Option<SimTime> {
        self.expires
    }

    pub fn ready(&self) -> SimTime {
        self.ready
    }

    /// `days` after the restore was done, rounded up to the next midnight UTC (RestoreObject, "Restoring objects").
    pub(super) fn expiry(done: SimTime, days: u32) -> SimTime {
        midnight_at_or_after(done.plus_seconds(i64::from(days) * 86_400))
    }

    /// The header `x-amz-restore`.
    pub(super) fn header(&self) -> String {
        match self.expires {
            None => String::from("ongoing-request=\"true\""),
            Some(at) => format!("ongoing-request=\"false\", expiry-date=\"{}\"", http_date(at)),
        }
    }
}

/// Whether the archive is a deep one; `None` for an object that is in no archive.
pub(super) fn is_deep(object: &Object) -> Option<bool> {
    match object.storage_class {
        StorageClass::Glacier => Some(false),
        StorageClass::DeepArchive => Some(true),
        _ => match object.tiering.as_ref()?.tier {
            AccessTier::ArchiveAccess => Some(false),
            AccessTier::DeepArchiveAccess => Some(true),
            _ => None,
        },
    }
}

/// `Fri, 21 Dec 2012 00:00:00 GMT` (RFC 7231).
pub(super) fn http_date(at: SimTime) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let civil = at.civil();
    let day = at.micros().div_euclid(86_400_000_000).rem_euclid(7) as usize;
    let name = |names: &[&'static str], index: usize| names.get(index).copied().unwrap_or_default();
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        name(&DAYS, day),
        civil.day,
        name(&MONTHS, usize::from(civil.month).wrapping_sub(1)),
        civil.year,
        civil.hour,
        civil.minute,
        civil.second
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_headers() {
        assert_eq!(http_date(SimTime::parse("2012-12-21").unwrap()), "Fri, 21 Dec 2012 00:00:00 GMT");
        assert_eq!(http_date(SimTime::EPOCH), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(SimTime::parse("1969-12-31T23:59:59Z").unwrap()), "Wed, 31 Dec 1969 23:59:59 GMT");
    }
}
