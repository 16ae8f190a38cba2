import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test, type Locator, type Page, type TestInfo } from "@playwright/test";
import { call, objects, open, watch } from "../support";

const MEGABYTE = 1024 * 1024;
const GOOD = Buffer.from("code,name\n1,one\n2,two\n");

type Mode = "PERMISSIVE" | "DROPMALFORMED" | "FAILFAST";

interface BadFile {
  name: string;
  bytes: Buffer | ((page: Page) => Promise<Buffer>);
  /** What the preview of the object says. */
  preview: RegExp[];
  /** What the crawler writes about it, and the classification of its table. */
  crawl: RegExp;
  classification: string;
  columns?: number;
  /** A job that reads it and writes Parquet: the rows it ends with, or the error on the source. */
  source?: "csv" | "parquet";
  rows?: number;
  error?: RegExp;
  bad?: { line: number; raw: string | RegExp; reason: RegExp }[];
}

function utf16(text: string, order: "le" | "be"): Buffer {
  const bytes = Buffer.from(text, "utf16le");
  return order === "be" ? bytes.swap16() : bytes;
}

function csvSource(path: string, name = "source"): unknown {
  return { S3CsvSource: { Name: name, Paths: [path], Separator: "comma", QuoteChar: "quote", Escaper: "", Multiline: false, WithHeader: true, WriteHeader: true, SkipFirst: false, Recurse: true, Exclusions: [], OptimizePerformance: false } };
}

const parquetSource = (path: string): unknown => ({ S3ParquetSource: { Name: "source", Paths: [path], Recurse: true } });

function parquetTarget(path: string): unknown {
  return { S3GlueParquetTarget: { Name: "target", Inputs: ["source"], PartitionKeys: [], Path: path, Compression: "snappy", SchemaChangePolicy: { EnableUpdateCatalog: false } } };
}

let jobs = 0;

/** Runs a job to its end and gives the run, as GetJobRun shows it. */
async function run(page: Page, nodes: unknown, mode: Mode = "PERMISSIVE"): Promise<any> {
  const name = `job-${jobs++}`;
  await call(page, "glue", "CreateJob", {
    Name: name, Role: "AWSGlueServiceRole-test", JobMode: "VISUAL", Command: { Name: "glueetl" }, CodeGenConfigurationNodes: nodes,
    DefaultArguments: { "--sluice-read-modes": JSON.stringify({ source: mode }) },
  });
  const { JobRunId } = await call(page, "glue", "StartJobRun", { JobName: name });
  let ended: any;
  await expect(async () => {
    ended = (await call(page, "glue", "GetJobRun", { JobName: name, RunId: JobRunId })).JobRun;
    expect(["RUNNING", "STOPPING"]).not.toContain(ended.JobRunState);
  }).toPass({ intervals: [20, 50, 100], timeout: 60_000 });
  return ended;
}

/** Keys of what runs wrote under a prefix. */
async function outputs(page: Page, prefix: string): Promise<string[]> {
  return [...(await objects(page, "out")).keys()].filter((key) => key.startsWith(prefix));
}

async function crawl(page: Page, name: string, path: string): Promise<{ messages: string; table: any }> {
  await call(page, "glue", "CreateCrawler", { Name: name, Role: "AWSGlueServiceRole-test", DatabaseName: "bad", Targets: { S3Targets: [{ Path: path }] } });
  await call(page, "glue", "StartCrawler", { Name: name });
  let crawler: any;
  await expect(async () => {
    crawler = (await call(page, "glue", "GetCrawler", { Name: name })).Crawler;
    expect(crawler.State).toBe("READY");
    expect(crawler.LastCrawl).toBeTruthy();
  }).toPass({ intervals: [20, 50, 100], timeout: 30_000 });
  expect(crawler.LastCrawl.Status).toBe("SUCCEEDED");
  const { TableList } = await call(page, "glue", "GetTables", { DatabaseName: "bad" });
  const table = TableList.find((table: any) => table.StorageDescriptor.Location.startsWith(path));
  return { messages: crawler.LastCrawl.SluiceMessages.join("\n"), table };
}

async function start(page: Page, testInfo: TestInfo): Promise<void> {
  await open(page, `./?account=bad-${testInfo.workerIndex}-${testInfo.testId}#/storage`);
  await call(page, "s3", "CreateBucket", { Bucket: "bad" });
  await call(page, "s3", "CreateBucket", { Bucket: "out" });
  await call(page, "glue", "CreateDatabase", { DatabaseInput: { Name: "bad" } });
  await page.getByRole("link", { name: "bad", exact: true }).click();
}

/** Puts a file into the bucket as a person does, and opens it. */
async function upload(page: Page, name: string, buffer: Buffer): Promise<Locator> {
  await page.getByLabel("Files to upload").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
  await page.getByRole("link", { name, exact: true }).click();
  const preview = page.getByRole("region", { name: "Preview" });
  await expect(preview.locator(".fault, .meta").first()).toBeVisible();
  return preview;
}

/** The page goes on working: another file previews, another job writes. */
async function goesOn(page: Page): Promise<void> {
  const close = page.getByRole("link", { name: "Close this object" });
  if (await close.isVisible()) await close.click();
  const preview = await upload(page, "good.csv", GOOD);
  await expect(preview.getByText("CSV, with a header · 2 rows, 2 columns")).toBeVisible();
  await expect(preview.getByRole("gridcell", { name: /two/ })).toBeVisible();
  const ended = await run(page, { source: csvSource("s3://bad/good.csv"), target: parquetTarget("s3://out/good/") });
  expect(ended.JobRunState).toBe("SUCCEEDED");
  expect(ended.SluiceReport.Outputs.map((output: any) => output.rows)).toEqual([2]);
  expect(await outputs(page, "good/")).toHaveLength(1);
}

/** A Parquet file that Sluice has written. */
async function parquet(page: Page): Promise<Buffer> {
  await call(page, "s3", "PutObject", { Bucket: "out", Key: "seed.csv", Body: GOOD.toString("base64") });
  await run(page, { source: csvSource("s3://out/seed.csv"), target: parquetTarget("s3://out/seed/") });
  const [key] = await outputs(page, "seed/");
  return Buffer.from((await call(page, "s3", "GetObject", { Bucket: "out", Key: key })).Body, "base64");
}

const wide = [...Array(5000).keys()];

const FILES: BadFile[] = [
  {
    name: "empty.csv", bytes: Buffer.alloc(0),
    preview: [/0 rows, 0 columns/, /No columns/], crawl: /empty\.csv is of no known format: the object is empty/, classification: "UNKNOWN", rows: 0,
  },
  {
    name: "header-only.csv", bytes: Buffer.from("a,b,c\n"),
    preview: [/CSV, with a header · 0 rows, 3 columns/, /No rows/], crawl: /at least two rows/, classification: "UNKNOWN", rows: 0,
  },
  {
    name: "ragged.csv", bytes: Buffer.from("a,b\n1,2\n3\n4,5,6\n7,8\n"),
    preview: [/4 rows, 2 columns/, /2 rows do not fit/], crawl: /2 of the first 5 rows do not have 2 columns; the first of them is line 3 with 1/, classification: "csv", columns: 2, rows: 4,
    bad: [{ line: 3, raw: "3", reason: /1 fields where 2 are expected/ }, { line: 4, raw: "4,5,6", reason: /3 fields where 2 are expected/ }],
  },
  {
    name: "long-line.csv", bytes: Buffer.concat([Buffer.from("a,b\n1,2\n"), Buffer.alloc(10 * MEGABYTE, "x"), Buffer.from(",9\n3,4\n")]),
    preview: [/3 rows, 2 columns/, /1 row does not fit/], crawl: /Created table/, classification: "csv", columns: 2, rows: 3,
    bad: [{ line: 3, raw: /^x{100,2000}/, reason: /longer than 8 MiB: every column is null/ }],
  },
  {
    name: "one-line.csv", bytes: Buffer.alloc(10 * MEGABYTE, "x"),
    preview: [/line 1 is longer than 8 MiB/], crawl: /not one whole row was found/, classification: "UNKNOWN", error: /^source: s3:\/\/bad\/one-line\.csv: line 1: the header does not end within 8 MiB$/,
  },
  {
    name: "quote.csv", bytes: Buffer.from('a,b\n1,"x\n2,y\n'),
    preview: [/2 rows, 2 columns/, /1 row does not fit/], crawl: /A quote in line 2 is not closed on its line/, classification: "csv", columns: 2, rows: 2,
    bad: [{ line: 2, raw: '1,"x', reason: /a quote is opened and not closed/ }],
  },
  {
    name: "nul.csv", bytes: Buffer.from(`a,b\n${"0,zero\n".repeat(60)}1,x\0y\n2,z\n`),
    preview: [/62 rows, 2 columns/, /1 row does not fit/], crawl: /There is a NUL byte at offset 427: this is no text file/, classification: "UNKNOWN", rows: 62,
    bad: [{ line: 62, raw: "1,x\0y", reason: /the line holds a NUL byte/ }],
  },
  {
    name: "utf16-le.csv", bytes: utf16("\ufeffcode,name\r\n1,x\r\n", "le"),
    preview: [/the file is UTF-16; convert it to UTF-8 first/], crawl: /the file is UTF-16/, classification: "UNKNOWN", error: /^source: s3:\/\/bad\/utf16-le\.csv: the file is UTF-16; convert it to UTF-8 first$/,
  },
  {
    name: "utf16-be.csv", bytes: utf16("\ufeffcode,name\r\n1,x\r\n", "be"),
    preview: [/the file is UTF-16/], crawl: /the file is UTF-16/, classification: "UNKNOWN", error: /the file is UTF-16/,
  },
  {
    name: "utf16-no-mark.csv", bytes: utf16("code,name\r\n1,x\r\n", "le"),
    preview: [/the file is UTF-16/], crawl: /the file is UTF-16/, classification: "UNKNOWN", error: /the file is UTF-16/,
  },
  {
    name: "zero.parquet", bytes: Buffer.alloc(0), source: "parquet",
    preview: [/0 rows, 0 columns/, /No columns/], crawl: /the object is empty/, classification: "UNKNOWN", error: /^source: s3:\/\/bad\/zero\.parquet: the file is empty \(0 bytes\)/,
  },
  {
    name: "cut.parquet", source: "parquet",
    bytes: async (page) => { const whole = await parquet(page); return whole.subarray(0, whole.length - 20); },
    preview: [/the Parquet file is cut short or damaged/], crawl: /the Parquet file is cut short or damaged/, classification: "UNKNOWN", error: /^source: s3:\/\/bad\/cut\.parquet: the Parquet file is cut short or damaged: it does not end with PAR1/,
  },
  {
    name: "parquet-named.csv", source: "csv", bytes: parquet,
    preview: [/Parquet · 2 rows, 2 columns/], crawl: /Created table/, classification: "parquet", columns: 2, error: /^source: s3:\/\/bad\/parquet-named\.csv: this is a Parquet file, not CSV$/,
  },
  {
    name: "twice.csv", bytes: Buffer.from("a,A,a,b\n1,2,3,4\n5,6,7,8\n"),
    preview: [/2 rows, 4 columns/, /a0/, /A1/, /a2/], crawl: /Created table/, classification: "csv", columns: 4, rows: 2,
  },
  {
    name: "wide.csv", bytes: Buffer.from(`${wide.map((i) => `c${i}`).join(",")}\n${`${wide.join(",")}\n`.repeat(50)}`),
    preview: [/50 rows, 5,000 columns/], crawl: /Created table/, classification: "csv", columns: 5000, rows: 50,
  },
];

for (const file of FILES) {
  test(`${file.name} ends in a clear message or a documented result`, async ({ page }, testInfo) => {
    const seen = watch(page);
    await start(page, testInfo);
    const bytes = Buffer.isBuffer(file.bytes) ? file.bytes : await file.bytes(page);
    const path = `s3://bad/${file.name}`;

    const preview = await upload(page, file.name, bytes);
    for (const text of file.preview) await expect(preview).toContainText(text);
    // An object is named once in a message.
    await expect(preview).not.toContainText(`${path}: ${path}`);
    if (bytes.length === 0) await expect(page.getByText(`${file.name} has no bytes.`)).toBeVisible();
    if (file.bad) {
      await preview.locator(".bad-rows summary").click();
      const rows = preview.locator(".bad-rows li");
      await expect(rows).toHaveCount(file.bad.length);
      for (const [index, bad] of file.bad.entries()) {
        await expect(rows.nth(index)).toContainText(`Line ${bad.line}`);
        await expect(rows.nth(index)).toContainText(bad.reason);
      }
    }

    const { messages, table } = await crawl(page, "crawler", path);
    expect(messages).toMatch(file.crawl);
    expect(table.Parameters.classification).toBe(file.classification);
    expect(table.StorageDescriptor.Columns).toHaveLength(file.columns ?? 0);
    const names = table.StorageDescriptor.Columns.map((column: any) => column.Name);
    expect(new Set(names).size, "a table's columns have different names").toBe(names.length);

    const source = file.source === "parquet" ? parquetSource(path) : csvSource(path);
    const ended = await run(page, { source, target: parquetTarget("s3://out/result/") });
    if (file.error) {
      expect(ended.JobRunState).toBe("FAILED");
      expect(ended.ErrorMessage).toMatch(file.error);
      expect(ended.SluiceReport.Failure.error.node).toBe("source");
      expect(await outputs(page, "result/")).toEqual([]);
    } else {
      expect(ended.ErrorMessage).toBeUndefined();
      expect(ended.JobRunState).toBe("SUCCEEDED");
      expect(ended.SluiceReport.nodes.target.rows_in).toBe(file.rows);
      const report = ended.SluiceReport.nodes.source;
      expect(report.bad_rows).toBe(file.bad?.length ?? 0);
      for (const [index, bad] of (file.bad ?? []).entries()) {
        const sample = report.bad_samples[index];
        expect(sample).toMatchObject({ bucket: "bad", key: file.name, line: bad.line });
        if (typeof bad.raw === "string") expect(sample.raw).toBe(bad.raw);
        else expect(sample.raw).toMatch(bad.raw);
        expect(sample.reason).toMatch(bad.reason);
      }
      // No rows, no file: as Glue's sink leaves it.
      expect(await outputs(page, "result/")).toHaveLength(file.rows === 0 ? 0 : 1);
    }

    await goesOn(page);
    seen.check();
  });
}

test("ragged rows by read mode", async ({ page }, testInfo) => {
  const seen = watch(page);
  await start(page, testInfo);
  await upload(page, "ragged.csv", Buffer.from("a,b\n1,2\n3\n4,5,6\n7,8\n"));
  const nodes = (prefix: string) => ({ source: csvSource("s3://bad/ragged.csv"), target: parquetTarget(`s3://out/${prefix}/`) });

  const permissive = await run(page, nodes("permissive"), "PERMISSIVE");
  expect(permissive.SluiceReport.nodes.source).toMatchObject({ rows_out: 4, bad_rows: 2 });
  expect(permissive.SluiceReport.Outputs.map((output: any) => output.rows)).toEqual([4]);

  const dropped = await run(page, nodes("dropped"), "DROPMALFORMED");
  expect(dropped.SluiceReport.nodes.source).toMatchObject({ rows_out: 2, bad_rows: 2 });
  expect(dropped.SluiceReport.Outputs.map((output: any) => output.rows)).toEqual([2]);

  const failed = await run(page, nodes("failed"), "FAILFAST");
  expect(failed.JobRunState).toBe("FAILED");
  expect(failed.ErrorMessage).toBe("source: s3://bad/ragged.csv: line 3: 1 fields where 2 are expected: the missing ones are null (the source is read FAILFAST)");
  expect(failed.SluiceReport.Failure.row).toMatchObject({ key: "ragged.csv", line: 3, raw: "3" });
  expect(await outputs(page, "failed/")).toEqual([]);

  await goesOn(page);
  seen.check();
});

test("a dropped folder is refused by name, and the file beside it is taken", async ({ page, context }, testInfo) => {
  const seen = watch(page);
  await start(page, testInfo);
  const folder = testInfo.outputPath("tickets 2022");
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/inside.csv`, GOOD);
  const beside = testInfo.outputPath("beside.csv");
  writeFileSync(beside, GOOD);

  const target = page.locator(".drop").first();
  await expect(target).toBeVisible();
  const box = (await target.boundingBox())!;
  const devtools = await context.newCDPSession(page);
  const drop = async (files: string[]) => {
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await devtools.send("Input.dispatchDragEvent", { type, x: box.x + box.width / 2, y: box.y + box.height / 2, data: { items: [], files, dragOperationsMask: 1 } });
    }
  };
  await drop([folder]);
  await expect(page.getByRole("alert")).toContainText("“tickets 2022” is a folder; a browser hands over files.");
  await expect(page.getByRole("alert")).toContainText("drop the files inside");
  expect([...(await objects(page, "bad")).keys()]).toEqual([]);

  await drop([folder, beside]);
  await expect(page.getByRole("link", { name: "beside.csv", exact: true })).toBeVisible();
  expect([...(await objects(page, "bad")).keys()]).toEqual(["beside.csv"]);

  await goesOn(page);
  seen.check();
});
