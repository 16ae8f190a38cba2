//! What keys cost as they lie there: a month of each customer managed key, and of what its first two rotations add.

use super::state::Kms;
use crate::sim::SimTime;
use crate::storage::cost::Meter;

const DAY: i64 = 86_400;
/// Rotations that add to the price of a key ("AWS Key Management Service pricing": the first and the second add the price of a key each).
const CHARGED_ROTATIONS: usize = 2;

impl Kms {
    /// Counts keys up to `now`. Keys that S3 made for the account are free; a key that waits for its deletion costs nothing from the day on which that was asked,
    /// and where it is cancelled is charged as though it had never been ("AWS Key Management Service pricing").
    pub fn charge(&self, now: SimTime, meter: &mut Meter) {
        for key in self.keys.values().filter(|key| !key.aws_managed) {
            let end = key.deletion.map_or(now, |(at, days)| at.plus_seconds(-days.saturating_mul(DAY))).min(now);
            meter.kms_keys(key.created, end, 1);
            for rotation in key.rotations(end).iter().take(CHARGED_ROTATIONS) {
                meter.kms_keys(rotation.at, end, 1);
            }
        }
    }
}
