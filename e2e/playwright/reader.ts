import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "@playwright/test";

/** What compare.py found. */
export type Comparison = { rows: number; expected: number; columns: string[]; types: string[]; compression: string[]; differing: number; all_strings: boolean };

/** Reads a Parquet file with pyarrow and compares every row with the CSV, by Spark's rule for empty fields or Hive's; fails when anything differs. */
export function compare(csv: string, parquet: string, columns: string[], rule: "spark" | "hive" = "spark"): Comparison {
  const script = join(import.meta.dirname, "compare.py");
  let output: string;
  try {
    output = execFileSync(process.env.SLUICE_PYTHON ?? "python3", [script, ...(rule === "hive" ? ["--hive"] : []), csv, parquet, ...columns], { encoding: "utf8" });
  } catch (error: any) {
    throw new Error(`compare.py: ${error.stdout ?? ""}${error.stderr ?? error.message}`);
  }
  const found: Comparison = JSON.parse(output);
  expect(found.rows).toBe(found.expected);
  return found;
}
