//! The members of `CodeGenConfigurationNode` (botocore 1.44.5, service model `glue`): what each is for, how many inputs it takes, what the console calls it.

use crate::etl::Role;

struct Member {
    name: &'static str,
    role: Role,
    min: usize,
    max: usize,
    label: &'static str,
}

const MANY: usize = usize::MAX;

const fn source(name: &'static str, label: &'static str) -> Member {
    Member {
        name,
        role: Role::Source,
        min: 0,
        max: 0,
        label,
    }
}

const fn transform(name: &'static str, inputs: usize, label: &'static str) -> Member {
    Member {
        name,
        role: Role::Transform,
        min: inputs,
        max: inputs,
        label,
    }
}

const fn gathers(name: &'static str, label: &'static str) -> Member {
    Member {
        name,
        role: Role::Transform,
        min: 1,
        max: MANY,
        label,
    }
}

const fn target(name: &'static str, label: &'static str) -> Member {
    Member {
        name,
        role: Role::Target,
        min: 1,
        max: 1,
        label,
    }
}

const S3: &str = "Amazon S3";
const CATALOG: &str = "AWS Glue Data Catalog";

/// All 79. Labels of members that Sluice does not run are the API's names where the console has no other.
const MEMBERS: [Member; 79] = [
    source("AthenaConnectorSource", "AthenaConnectorSource"),
    source("JDBCConnectorSource", "JDBCConnectorSource"),
    source("SparkConnectorSource", "SparkConnectorSource"),
    source("CatalogSource", CATALOG),
    source("RedshiftSource", "RedshiftSource"),
    source("S3CatalogSource", CATALOG),
    source("S3CsvSource", S3),
    source("S3JsonSource", S3),
    source("S3ParquetSource", S3),
    source("RelationalCatalogSource", "RelationalCatalogSource"),
    source("DynamoDBCatalogSource", "DynamoDBCatalogSource"),
    source("DirectKinesisSource", "DirectKinesisSource"),
    source("DirectKafkaSource", "DirectKafkaSource"),
    source("CatalogKinesisSource", "CatalogKinesisSource"),
    source("CatalogKafkaSource", "CatalogKafkaSource"),
    source("GovernedCatalogSource", "GovernedCatalogSource"),
    source("MicrosoftSQLServerCatalogSource", "MicrosoftSQLServerCatalogSource"),
    source("MySQLCatalogSource", "MySQLCatalogSource"),
    source("OracleSQLCatalogSource", "OracleSQLCatalogSource"),
    source("PostgreSQLCatalogSource", "PostgreSQLCatalogSource"),
    source("S3CatalogHudiSource", "S3CatalogHudiSource"),
    source("CatalogHudiSource", "CatalogHudiSource"),
    source("S3HudiSource", "S3HudiSource"),
    source("DirectJDBCSource", "DirectJDBCSource"),
    source("S3CatalogDeltaSource", "S3CatalogDeltaSource"),
    source("CatalogDeltaSource", "CatalogDeltaSource"),
    source("S3DeltaSource", "S3DeltaSource"),
    source("AmazonRedshiftSource", "AmazonRedshiftSource"),
    source("SnowflakeSource", "SnowflakeSource"),
    source("ConnectorDataSource", "ConnectorDataSource"),
    source("S3CatalogIcebergSource", "S3CatalogIcebergSource"),
    source("CatalogIcebergSource", "CatalogIcebergSource"),
    source("S3ExcelSource", "S3ExcelSource"),
    source("DynamoDBELTConnectorSource", "DynamoDBELTConnectorSource"),
    transform("ApplyMapping", 1, "Change Schema"),
    transform("SelectFields", 1, "Select Fields"),
    transform("DropFields", 1, "Drop Fields"),
    transform("RenameField", 1, "Rename Field"),
    transform("Spigot", 1, "Spigot"),
    transform("Join", 2, "Join"),
    transform("SplitFields", 1, "Split Fields"),
    transform("SelectFromCollection", 1, "Select From Collection"),
    transform("FillMissingValues", 1, "Fill Missing Values"),
    transform("Filter", 1, "Filter"),
    gathers("CustomCode", "Custom Transform"),
    gathers("SparkSQL", "SQL Query"),
    transform("DropNullFields", 1, "Drop Null Fields"),
    transform("Merge", 2, "Merge"),
    transform("Union", 2, "Union"),
    transform("PIIDetection", 1, "Detect Sensitive Data"),
    transform("Aggregate", 1, "Aggregate"),
    transform("DropDuplicates", 1, "Drop Duplicates"),
    transform("Route", 1, "Conditional Router"),
    transform("DynamicTransform", 1, "DynamicTransform"),
    transform("EvaluateDataQuality", 1, "Evaluate Data Quality"),
    gathers("EvaluateDataQualityMultiFrame", "Evaluate Data Quality"),
    transform("Recipe", 1, "Data Preparation Recipe"),
    target("JDBCConnectorTarget", "JDBCConnectorTarget"),
    target("SparkConnectorTarget", "SparkConnectorTarget"),
    target("CatalogTarget", CATALOG),
    target("RedshiftTarget", "RedshiftTarget"),
    target("S3CatalogTarget", CATALOG),
    target("S3GlueParquetTarget", S3),
    target("S3DirectTarget", S3),
    target("GovernedCatalogTarget", "GovernedCatalogTarget"),
    target("MicrosoftSQLServerCatalogTarget", "MicrosoftSQLServerCatalogTarget"),
    target("MySQLCatalogTarget", "MySQLCatalogTarget"),
    target("OracleSQLCatalogTarget", "OracleSQLCatalogTarget"),
    target("PostgreSQLCatalogTarget", "PostgreSQLCatalogTarget"),
    target("S3HudiCatalogTarget", "S3HudiCatalogTarget"),
    target("S3HudiDirectTarget", "S3HudiDirectTarget"),
    target("S3DeltaCatalogTarget", "S3DeltaCatalogTarget"),
    target("S3DeltaDirectTarget", "S3DeltaDirectTarget"),
    target("AmazonRedshiftTarget", "AmazonRedshiftTarget"),
    target("SnowflakeTarget", "SnowflakeTarget"),
    target("ConnectorDataTarget", "ConnectorDataTarget"),
    target("S3IcebergCatalogTarget", "S3IcebergCatalogTarget"),
    target("S3IcebergDirectTarget", "S3IcebergDirectTarget"),
    target("S3HyperDirectTarget", "S3HyperDirectTarget"),
];

fn find(name: &str) -> Option<&'static Member> {
    MEMBERS.iter().find(|member| member.name == name)
}

pub fn exists(name: &str) -> bool {
    find(name).is_some()
}

pub fn names() -> impl Iterator<Item = &'static str> {
    MEMBERS.iter().map(|member| member.name)
}

/// Least and most inputs. A name that is no member takes none.
pub fn inputs(name: &str) -> (usize, usize) {
    find(name).map_or((0, 0), |member| (member.min, member.max))
}

pub fn role(name: &str) -> Role {
    find(name).map_or(Role::Control, |member| member.role)
}

pub fn label(name: &str) -> &'static str {
    find(name).map_or("Unknown node", |member| member.label)
}
