import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { job, sample } from "../parking";
import { call, objects, open } from "../support";

const MILLION = 1_000_000;
/** So many rows of the sample are a little more than 1 GB of CSV. */
const GIGABYTE_ROWS = 12_050_000;
const MEMORY = 256 * 2 ** 20;
const CANCEL = 100;

/** Opens an account, uploads a sample through the picker and makes the lab's job over it. */
async function prepare(page: Page, account: string, rows: number): Promise<void> {
  const path = sample(rows);
  await open(page, `./?account=${account}#/storage`);
  await call(page, "s3", "CreateBucket", { Bucket: "lake" });
  await call(page, "glue", "CreateDatabase", { DatabaseInput: { Name: "parking" } });
  await page.getByRole("link", { name: "lake", exact: true }).click();
  await page.getByLabel("Files to upload").setInputFiles(path);
  const name = path.split("/").at(-1)!;
  await expect(page.getByRole("link", { name, exact: true })).toBeVisible({ timeout: 300_000 });
  await call(page, "glue", "CreateJob", {
    Name: "parking", Role: "AWSGlueServiceRole-parking", JobMode: "VISUAL", Command: { Name: "glueetl" },
    CodeGenConfigurationNodes: job(`s3://lake/${name}`, "s3://lake/out/"),
  });
}

/** Runs the job to its end: the run, and the seconds that the account noted. */
async function run(page: Page): Promise<{ run: any; seconds: number }> {
  const run = await page.evaluate(async () => {
    const call = window.sluice.call;
    const { JobRunId } = await call("glue", "StartJobRun", { JobName: "parking" });
    for (;;) {
      const { JobRun } = await call("glue", "GetJobRun", { JobName: "parking", RunId: JobRunId });
      if (!["RUNNING", "STOPPING"].includes(JobRun.JobRunState)) return JobRun;
      await new Promise((done) => setTimeout(done, 20));
    }
  });
  expect(run.JobRunState, run.ErrorMessage).toBe("SUCCEEDED");
  return { run, seconds: (Date.parse(run.CompletedOn) - Date.parse(run.StartedOn)) / 1000 };
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Rows a second of the same job natively, as `cargo bench -p sluice-engine` left them. */
function native(): number | undefined {
  const path = resolve(join(import.meta.dirname, "../../../target/bench-native.json"));
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).rows_per_second : undefined;
}

test("CSV to Parquet, 1,000,000 rows, in Chromium and natively", async ({ page }) => {
  await prepare(page, "bench-million", MILLION);
  const speeds: number[] = [];
  for (let round = 0; round < 5; round++) {
    const { run: ended, seconds } = await run(page);
    expect(ended.SluiceReport.nodes["node-3"].rows_in).toBe(MILLION);
    speeds.push(MILLION / seconds);
  }
  const browser = median(speeds);
  const beside = native();
  const shown = (speed: number) => Math.round(speed).toLocaleString("en-US");
  console.log(`CSV to Parquet: ${shown(browser)} rows/s in Chromium (median of 5: ${speeds.map(shown).join(", ")})`);
  if (beside) console.log(`  natively ${shown(beside)} rows/s: Chromium is at ${((100 * browser) / beside).toFixed(0)} % of it`);
  else console.log("  target/bench-native.json is missing: run `cargo bench -p sluice-engine` for the native figure");
});

test("a run stopped in the middle", async ({ page }) => {
  await prepare(page, "bench-cancel", MILLION);
  // The first run warms the worker up.
  await run(page);
  const { seconds } = await run(page);
  const kept = (await objects(page, "lake")).size;
  const times: number[] = [];
  for (const share of [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4]) {
    const stopped = await page.evaluate(async (after) => {
      const call = window.sluice.call;
      const { JobRunId } = await call("glue", "StartJobRun", { JobName: "parking" });
      await new Promise((done) => setTimeout(done, after));
      const asked = performance.now();
      await call("glue", "BatchStopJobRun", { JobName: "parking", JobRunIds: [JobRunId] });
      for (;;) {
        const { JobRun } = await call("glue", "GetJobRun", { JobName: "parking", RunId: JobRunId });
        if (!["RUNNING", "STOPPING"].includes(JobRun.JobRunState)) return { state: JobRun.JobRunState, millis: performance.now() - asked };
      }
    }, seconds * 1000 * share);
    expect(stopped.state).toBe("STOPPED");
    times.push(stopped.millis);
  }
  console.log(`cancel: ${times.map((time) => time.toFixed(1)).join(", ")} ms; the slowest ${Math.max(...times).toFixed(1)} ms`);
  expect(Math.max(...times)).toBeLessThan(CANCEL);
  expect((await objects(page, "lake")).size).toBe(kept);
});

test("1 GB of CSV to Parquet in bounded memory", async ({ page }) => {
  await prepare(page, "bench-gigabyte", GIGABYTE_ROWS);
  const [size] = [...(await objects(page, "lake")).values()];
  expect(size).toBeGreaterThan(1e9);
  const { run: ended, seconds } = await run(page);
  expect(ended.SluiceReport.nodes["node-3"].rows_in).toBe(GIGABYTE_ROWS);
  const memory: number = ended.SluiceReport.memory;
  console.log(`1 GB of CSV to Parquet: ${seconds.toFixed(1)} s, ${Math.round(GIGABYTE_ROWS / seconds).toLocaleString("en-US")} rows/s; high-water mark of WebAssembly.Memory ${(memory / 2 ** 20).toFixed(1)} MiB of 256`);
  expect(memory).toBeGreaterThan(0);
  expect(memory).toBeLessThan(MEMORY);
});
