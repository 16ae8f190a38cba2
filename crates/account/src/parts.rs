//! Parts of the account's code that a host fetches when a call needs them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use sluice_core::account::{Account, Part, Parts};

use crate::store::StoreError;

type Fetch = dyn Fn(Part) -> Pin<Box<dyn Future<Output = Result<Parts, String>>>>;

/// How a host comes by parts. The default fetches nothing: natively all of them are linked.
#[derive(Clone, Default)]
pub struct Bring(Option<Rc<Fetch>>);

impl Bring {
    pub fn new(fetch: impl Fn(Part) -> Pin<Box<dyn Future<Output = Result<Parts, String>>>> + 'static) -> Self {
        Bring(Some(Rc::new(fetch)))
    }

    /// Sees to it that the account has parts. Error: one could not be fetched; what the account holds is as it was, and a later call tries again.
    pub(crate) async fn to(&self, account: &mut Account, parts: &[Part]) -> Result<(), StoreError> {
        let Some(fetch) = &self.0 else {
            // Core has all others.
            #[cfg(not(feature = "apart"))]
            if parts.contains(&Part::FlinkSql) && !account.has(Part::FlinkSql) {
                let sql = Parts::flink_sql(sluice_flinksql::call::call);
                account.link(sql).map_err(|error| StoreError::failed(error.to_string()))?;
            }
            return Ok(());
        };
        for part in parts {
            if account.has(*part) {
                continue;
            }
            let fetched = fetch(*part)
                .await
                .map_err(|reason| StoreError::failed(format!("a part of Sluice that this needs could not be fetched: {reason}")))?;
            account.link(fetched).map_err(|error| StoreError::failed(error.to_string()))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Bring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Bring(fetches)" } else { "Bring(linked)" })
    }
}
