import { expect, test, type Page } from "@playwright/test";
import { job, sample } from "../parking";
import { call, objects, open, shot, watch } from "../support";

const ROWS = 1_000_000;
/** Milliseconds from the call that stops a run to the run being STOPPED. */
const CANCEL = 100;

test.describe.configure({ mode: "serial" });
test.setTimeout(120_000);

let page: Page;
let seen: ReturnType<typeof watch>;
/** Milliseconds of a whole run, and what it left. */
let whole = 0;
let kept: string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  seen = watch(page);
  await open(page, "./?account=large#/storage");
  await call(page, "s3", "CreateBucket", { Bucket: "lake" });
  await call(page, "glue", "CreateDatabase", { DatabaseInput: { Name: "parking" } });
  await call(page, "glue", "CreateJob", {
    Name: "parking", Role: "AWSGlueServiceRole-parking", JobMode: "VISUAL", Command: { Name: "glueetl" },
    CodeGenConfigurationNodes: job("s3://lake/", "s3://lake/out/"),
  });
  await page.getByRole("link", { name: "lake", exact: true }).click();
});

test.afterAll(async () => {
  await page.close();
});

/** Keys under `out/`. */
const results = async (): Promise<string[]> => [...(await objects(page, "lake")).keys()].filter((key) => key.startsWith("out/"));

test("a file of 1,000,000 rows uploads and previews", async () => {
  const path = sample(ROWS);
  await page.getByLabel("Files to upload").setInputFiles(path);
  const name = path.split("/").at(-1)!;
  const uploads = page.getByRole("list", { name: "Uploads" });
  await expect(page.getByRole("link", { name, exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(uploads).toBeHidden();
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("region", { name: "Preview" })).toContainText(/the first 2\d,\d{3} rows, 11 columns/);
  // One object alone is the job's source.
  await call(page, "glue", "UpdateJob", {
    JobName: "parking",
    JobUpdate: { Role: "AWSGlueServiceRole-parking", JobMode: "VISUAL", Command: { Name: "glueetl" }, CodeGenConfigurationNodes: job(`s3://lake/${name}`, "s3://lake/out/") },
  });
});

test("the lab's job runs to its end, and the run bar tells the memory", async () => {
  await page.evaluate(() => void (location.hash = "#/etl/parking"));
  const bar = page.getByRole("region", { name: "Run", exact: true });
  await page.getByRole("button", { name: "Run job" }).click();
  await expect(bar).toContainText("Succeeded", { timeout: 120_000 });
  await expect(bar).toContainText("1,000,000 rows in 1 file");
  const { JobRuns } = await call(page, "glue", "GetJobRuns", { JobName: "parking" });
  const run = JobRuns[0];
  const seconds = (Date.parse(run.CompletedOn) - Date.parse(run.StartedOn)) / 1000;
  const { nodes, memory, Outputs } = run.SluiceReport;
  expect(nodes["node-1"].rows_out).toBe(ROWS);
  expect(nodes["node-3"].rows_in).toBe(ROWS);
  expect(nodes["node-1"].bad_rows).toBe(0);
  expect(Outputs).toHaveLength(1);
  expect([...(await objects(page, "lake")).entries()].filter(([key]) => key.startsWith("out/"))).toEqual([[Outputs[0].key, Outputs[0].blob?.size ?? expect.any(Number)]]);
  console.log(`1,000,000 rows in ${seconds.toFixed(2)} s; high-water mark of WebAssembly.Memory: ${(memory / 2 ** 20).toFixed(1)} MiB`);
  expect(memory).toBeGreaterThan(0);
  expect(memory).toBeLessThan(256 * 2 ** 20);
  await expect(bar).toContainText(/\d+(\.\d)? MB memory/);
  const { Table } = await call(page, "glue", "GetTable", { DatabaseName: "parking", Name: "results" });
  expect(Table.StorageDescriptor.Columns.map((column: any) => `${column.Name} ${column.Type}`)).toEqual(["date_of_infraction string", "infraction_code string", "infraction_description string"]);
  await shot(page, "large-run");
  whole = seconds * 1000;
  kept = await results();
});

/** Starts a run, stops it after so many milliseconds, and measures in the page how long the stop takes. */
async function cancel(after: number): Promise<{ state: string; millis: number; rows: number }> {
  return page.evaluate(async (after) => {
    const call = window.sluice.call;
    const { JobRunId } = await call("glue", "StartJobRun", { JobName: "parking" });
    const started = performance.now();
    while (performance.now() - started < after) await call("glue", "GetJobRun", { JobName: "parking", RunId: JobRunId });
    const asked = performance.now();
    await call("glue", "BatchStopJobRun", { JobName: "parking", JobRunIds: [JobRunId] });
    for (;;) {
      const { JobRun } = await call("glue", "GetJobRun", { JobName: "parking", RunId: JobRunId });
      if (["RUNNING", "STOPPING"].includes(JobRun.JobRunState)) continue;
      const rows = Object.values<any>(JobRun.SluiceReport.nodes).map((node) => node.rows_in);
      return { state: JobRun.JobRunState, millis: performance.now() - asked, rows: Math.max(0, ...rows) };
    }
  }, after);
}

test("a run stopped in the middle is STOPPED within 100 ms and leaves nothing", async () => {
  const read: number[] = [];
  for (const share of [0.1, 0.15, 0.2, 0.25, 0.3]) {
    const stopped = await cancel(whole * share);
    console.log(`stopped after ${stopped.rows} rows: ${stopped.millis.toFixed(1)} ms`);
    expect(stopped.state).toBe("STOPPED");
    expect(stopped.rows).toBeLessThan(ROWS);
    expect(stopped.millis).toBeLessThan(CANCEL);
    expect(await results()).toEqual(kept);
    read.push(stopped.rows);
  }
  expect(Math.max(...read), "rows read before a stop").toBeGreaterThan(0);
});

test("the Stop button stops it too", async () => {
  const bar = page.getByRole("region", { name: "Run", exact: true });
  // In the page: the button is pressed as soon as bytes have been read, and the time taken until the bar says so.
  const stopped = bar.evaluate(
    (bar) =>
      new Promise<number>((done) => {
        let clicked = 0;
        new MutationObserver((_, watching) => {
          const share = bar.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow") ?? "0";
          const button = [...bar.querySelectorAll("button")].find((button) => button.textContent!.includes("Stop run"));
          if (clicked === 0 && share !== "0" && button) {
            clicked = performance.now();
            button.click();
          } else if (clicked > 0 && bar.textContent!.includes("Stopped")) {
            watching.disconnect();
            done(performance.now() - clicked);
          }
        }).observe(bar, { subtree: true, childList: true, characterData: true, attributes: true });
      }),
  );
  await page.getByRole("button", { name: "Run job" }).click();
  const millis = await stopped;
  console.log(`Stop button to “Stopped” on the run bar: ${millis.toFixed(1)} ms`);
  expect(millis).toBeLessThan(2 * CANCEL);
  expect(await results()).toEqual(kept);
  seen.check();
});
