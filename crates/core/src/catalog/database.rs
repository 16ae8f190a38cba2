//! Databases of the Data Catalog: the operations, and the state that tables and partitions live in.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::shape::{self, DESCRIPTION, Kind, NAME, OBJECTS, TEXT, TEXTS, may, need};
use super::table::Table;
use crate::account::ApiError;
use crate::gather::object;
use crate::sim::SimTime;

/// Databases in an account (Glue quotas; raisable).
const MAX_DATABASES: usize = 10_000;
/// Databases or tables on one page of a listing (`CatalogGetterPageSize`).
pub(super) const PAGE: usize = 100;

pub(super) const CATALOG_ID: shape::Member = may("CatalogId", NAME);

const DATABASE_INPUT: Kind = Kind::Structure(&[
    need("Name", NAME),
    may("Description", DESCRIPTION),
    may("LocationUri", Kind::Text(1, 1024)),
    may("Parameters", Kind::Map),
    may("CreateTableDefaultPermissions", OBJECTS),
    may("TargetDatabase", Kind::Object),
    may("FederatedDatabase", Kind::Object),
]);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Catalog {
    /// The account's id, as `CatalogId` answers it.
    pub(super) id: String,
    databases: BTreeMap<String, Database>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Database {
    /// `DatabaseInput` as it was given, name folded.
    input: Map<String, Value>,
    created: SimTime,
    tables: BTreeMap<String, Table>,
}

/// Catalog names fold to lower case (Data Catalog, `TableInput.Name`).
pub(super) fn fold(name: &str) -> String {
    name.to_lowercase()
}

pub(super) fn no_database(name: &str) -> ApiError {
    ApiError::new("EntityNotFoundException", format!("Database {name} not found."))
}

impl Catalog {
    pub(super) fn of_account(id: &str) -> Self {
        Catalog {
            id: id.to_string(),
            databases: BTreeMap::new(),
        }
    }

    pub(super) fn has_database(&self, name: &str) -> bool {
        self.databases.contains_key(&fold(name))
    }

    pub(super) fn tables(&self, database: &str) -> Option<&BTreeMap<String, Table>> {
        self.databases.get(&fold(database)).map(|database| &database.tables)
    }

    pub(super) fn tables_mut(&mut self, database: &str) -> Option<&mut BTreeMap<String, Table>> {
        self.databases.get_mut(&fold(database)).map(|database| &mut database.tables)
    }

    pub(super) fn table(&self, database: &str, table: &str) -> Option<&Table> {
        self.tables(database)?.get(&fold(table))
    }

    pub(super) fn table_mut(&mut self, database: &str, table: &str) -> Option<&mut Table> {
        self.tables_mut(database)?.get_mut(&fold(table))
    }

    /// The table, or the error that the API gives: one for the database, another for the table.
    pub(super) fn find(&self, database: &str, table: &str) -> Result<&Table, ApiError> {
        let tables = self.tables(database).ok_or_else(|| no_database(database))?;
        tables.get(&fold(table)).ok_or_else(|| no_table(database, table))
    }

    pub(super) fn find_mut(&mut self, database: &str, table: &str) -> Result<&mut Table, ApiError> {
        let tables = self.tables_mut(database).ok_or_else(|| no_database(database))?;
        tables.get_mut(&fold(table)).ok_or_else(|| no_table(database, table))
    }

    /// Makes the database when it is missing, as a crawler does.
    pub(super) fn ensure_database(&mut self, now: SimTime, name: &str) {
        let name = fold(name);
        self.databases.entry(name.clone()).or_insert_with(|| Database {
            input: object([("Name".to_string(), Value::String(name))]),
            created: now,
            tables: BTreeMap::new(),
        });
    }

    pub(super) fn create_database(&mut self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &[CATALOG_ID, need("DatabaseInput", DATABASE_INPUT), may("Tags", Kind::Map)])?;
        let mut input: Map<String, Value> = shape::read(params, "DatabaseInput")?.unwrap_or_default();
        let name = fold(shape::text(&input, "Name"));
        if self.databases.contains_key(&name) {
            return Err(ApiError::new("AlreadyExistsException", "Database already exists."));
        }
        if self.databases.len() >= MAX_DATABASES {
            return Err(ApiError::new(
                "ResourceNumberLimitExceededException",
                "Number of databases exceeds the account's limit.",
            ));
        }
        input.insert("Name".to_string(), Value::String(name.clone()));
        self.databases.insert(
            name,
            Database {
                input,
                created: now,
                tables: BTreeMap::new(),
            },
        );
        Ok(json!({}))
    }

    pub(super) fn get_database(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &[CATALOG_ID, need("Name", NAME)])?;
        let name = shape::text(params, "Name");
        let database = self.databases.get(&fold(name)).ok_or_else(|| no_database(name))?;
        Ok(json!({ "Database": self.show(database) }))
    }

    pub(super) fn get_databases(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &[
                CATALOG_ID,
                may("NextToken", TEXT),
                may("MaxResults", Kind::Integer(1, PAGE as i64)),
                may("ResourceShareType", Kind::OneOf(&["FOREIGN", "ALL", "FEDERATED"])),
                may("AttributesToGet", TEXTS),
            ],
        )?;
        let (page, next) = shape::page(params, self.databases.values().collect(), PAGE)?;
        let list: Vec<Value> = page.into_iter().map(|database| self.show(database)).collect();
        Ok(with_token(json!({ "DatabaseList": list }), next))
    }

    /// Its tables and partitions go with it.
    pub(super) fn delete_database(&mut self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &[CATALOG_ID, need("Name", NAME)])?;
        let name = shape::text(params, "Name");
        self.databases.remove(&fold(name)).ok_or_else(|| no_database(name))?;
        Ok(json!({}))
    }

    fn show(&self, database: &Database) -> Value {
        let mut shown = database.input.clone();
        shown.insert("CreateTime".to_string(), json!(database.created.to_string()));
        shown.insert("CatalogId".to_string(), json!(self.id));
        Value::Object(shown)
    }
}

fn no_table(database: &str, table: &str) -> ApiError {
    ApiError::new("EntityNotFoundException", "Entity Not Found").with_help(format!("There is no table {table} in the database {database}."))
}

pub(super) fn with_token(mut response: Value, token: Option<String>) -> Value {
    if let (Some(token), Value::Object(members)) = (token, &mut response) {
        members.insert("NextToken".to_string(), Value::String(token));
    }
    response
}
