import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

export const COLUMNS = [
  "tag_number_masked", "date_of_infraction", "infraction_code", "infraction_description", "set_fine_amount", "time_of_infraction",
  "location1", "location2", "location3", "location4", "province",
];
export const KEPT = ["date_of_infraction", "infraction_code", "infraction_description"];
export const DROPPED = COLUMNS.filter((name) => !KEPT.includes(name));

const root = resolve(import.meta.dirname, "../..");

/** A parking-ticket CSV of so many rows from the product's own seeded generator; made once, kept under target/. */
export function sample(rows: number): string {
  const folder = join(root, "target/samples");
  const path = join(folder, `Parking_Tags_Data_2022_${rows}.csv`);
  if (!existsSync(path) || statSync(path).size === 0) {
    mkdirSync(folder, { recursive: true });
    execFileSync("cargo", ["xtask", "sample", "--rows", String(rows), "--out", path], { cwd: root, stdio: "inherit" });
  }
  return path;
}

/** The lab's job as Glue's CodeGenConfigurationNodes. */
export function job(source: string, target: string, database = "parking", table = "results"): unknown {
  return {
    "node-1": { S3CsvSource: { Name: "Amazon S3", Paths: [source], Separator: "comma", QuoteChar: "quote", Escaper: "", Multiline: false, WithHeader: true, WriteHeader: true, SkipFirst: false, Recurse: true, Exclusions: [], OptimizePerformance: false, OutputSchemas: [{ Columns: COLUMNS.map((Name) => ({ Name, Type: "string" })) }] } },
    "node-2": { DropFields: { Name: "Drop Fields", Inputs: ["node-1"], Paths: DROPPED.map((name) => [name]) } },
    "node-3": {
      S3GlueParquetTarget: {
        Name: "Amazon S3", Inputs: ["node-2"], PartitionKeys: [], Path: target, Compression: "snappy",
        SchemaChangePolicy: { EnableUpdateCatalog: true, UpdateBehavior: "UPDATE_IN_DATABASE", Database: database, Table: table },
      },
    },
  };
}
