import { readFileSync } from "node:fs";
import { expect, test, type Page } from "@playwright/test";
import { job, sample } from "../parking";
import { call, crash, md5, objects, open, random } from "../support";

const POINTS = 24;

/** Everything listed can be read whole and is what its ETag says. */
async function everythingListedIsWhole(page: Page, bucket: string): Promise<void> {
  for (const [key, size] of await objects(page, bucket)) {
    const object = await call(page, "s3", "GetObject", { Bucket: bucket, Key: key });
    const bytes = Buffer.from(object.Body, "base64");
    expect(bytes.length, key).toBe(size);
    expect(`"${md5(bytes)}"`, key).toBe(object.ETag);
  }
}

test("what was acknowledged survives a reload", async ({ page }) => {
  await open(page, "./?account=reload");
  await call(page, "s3", "CreateBucket", { Bucket: "keep" });
  await call(page, "s3", "PutObject", { Bucket: "keep", Key: "a.txt", Body: Buffer.from("hello").toString("base64") });
  await open(page, "./?account=reload");
  const object = await call(page, "s3", "GetObject", { Bucket: "keep", Key: "a.txt" });
  expect(Buffer.from(object.Body, "base64").toString()).toBe("hello");
});

for (let point = 0; point < POINTS / 2; point++) {
  test(`uploads: a tab killed at seeded point ${point} loses nothing acknowledged`, async ({ page, context }) => {
    const next = random(1000 + point);
    const account = `crash-upload-${point}`;
    await open(page, `./?account=${account}`);
    await call(page, "s3", "CreateBucket", { Bucket: "uploads" });
    const acknowledged = new Map<string, string>();
    await page.exposeFunction("acknowledge", (key: string, etag: string) => void acknowledged.set(key, etag));
    // Uploads of up to 3 MB one after another, until the process dies.
    await page.evaluate((seed) => {
      void (async () => {
        for (let i = 0; i < 200; i++) {
          const size = (seed * 7919 + i * 104729) % (i % 3 === 0 ? 3_000_000 : 40_000);
          const body = btoa("0123456789abcdef".repeat(Math.ceil(size / 16)).slice(0, size));
          const { ETag } = await window.sluice.call("s3", "PutObject", { Bucket: "uploads", Key: `part-${i}`, Body: body });
          (window as any).acknowledge(`part-${i}`, ETag);
        }
      })();
    }, point + 1);
    // All points but the first have something to lose.
    if (point > 0) await expect.poll(() => acknowledged.size).toBeGreaterThan(0);
    await page.waitForTimeout(next() * 1500);
    await crash(context, page);

    const again = await context.newPage();
    await open(again, `./?account=${account}`);
    const listed = await objects(again, "uploads");
    for (const [key, etag] of acknowledged) {
      expect(listed.has(key), `${key} was acknowledged`).toBe(true);
      expect((await call(again, "s3", "HeadObject", { Bucket: "uploads", Key: key })).ETag).toBe(etag);
    }
    await everythingListedIsWhole(again, "uploads");
  });
}

for (let point = 0; point < POINTS / 2; point++) {
  test(`runs: a tab killed at seeded point ${point} leaves whole outputs or none`, async ({ page, context }) => {
    const next = random(2000 + point);
    const account = `crash-run-${point}`;
    await open(page, `./?account=${account}`);
    await call(page, "s3", "CreateBucket", { Bucket: "lake" });
    const body = readFileSync(sample(20_000)).toString("base64");
    await call(page, "s3", "PutObject", { Bucket: "lake", Key: "raw/tickets.csv", Body: body });
    await call(page, "glue", "CreateDatabase", { DatabaseInput: { Name: "parking" } });
    await call(page, "glue", "CreateJob", { Name: "parking", Role: "AWSGlueServiceRole-parking", JobMode: "VISUAL", Command: { Name: "glueetl" }, CodeGenConfigurationNodes: job("s3://lake/raw/", "s3://lake/out/") });
    // Runs one after another: the seeded moment falls before, inside or between them.
    await page.evaluate(() => {
      void (async () => {
        for (;;) {
          const { JobRunId } = await window.sluice.call("glue", "StartJobRun", { JobName: "parking" });
          for (;;) {
            const { JobRun } = await window.sluice.call("glue", "GetJobRun", { JobName: "parking", RunId: JobRunId });
            if (!["STARTING", "RUNNING", "STOPPING"].includes(JobRun.JobRunState)) break;
            await new Promise((done) => setTimeout(done, 5));
          }
        }
      })();
    });
    await page.waitForTimeout(100 + next() * 1500);
    await crash(context, page);

    const again = await context.newPage();
    await open(again, `./?account=${account}`);
    const { JobRuns } = await call(again, "glue", "GetJobRuns", { JobName: "parking" });
    for (const run of JobRuns) expect(["SUCCEEDED", "FAILED", "STOPPED"], run.Id).toContain(run.JobRunState);
    const outputs = [...(await objects(again, "lake")).keys()].filter((key) => key.startsWith("out/"));
    expect(outputs.length).toBe(JobRuns.filter((run: any) => run.JobRunState === "SUCCEEDED").length);
    await everythingListedIsWhole(again, "lake");
    for (const key of outputs) {
      const bytes = Buffer.from((await call(again, "s3", "GetObject", { Bucket: "lake", Key: key })).Body, "base64");
      expect(bytes.subarray(0, 4).toString() + bytes.subarray(-4).toString(), key).toBe("PAR1PAR1");
    }
  });
}
