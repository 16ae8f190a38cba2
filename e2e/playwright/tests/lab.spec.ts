import { expect, test } from "@playwright/test";
import { BUCKET, card, drag, key, place, schema, ticked, wire } from "../lab";
import { COLUMNS, DROPPED, KEPT, sample } from "../parking";
import { compare } from "../reader";
import { call, open, watch } from "../support";

const ROWS = 20_000;
const CSV = sample(ROWS);

/** Types that a crawler finds in the sample, other than string. */
const TYPES: Record<string, string> = {
  date_of_infraction: "bigint",
  infraction_code: "bigint",
  set_fine_amount: "bigint",
  time_of_infraction: "bigint",
};

test("the lab by mouse", async ({ page }, info) => {
  const console = watch(page);
  await open(page);

  await test.step("begin", async () => {
    await page.getByRole("link", { name: "Start with a lab" }).click();
    await page.getByRole("link", { name: "Begin in the account" }).click();
  });

  await test.step("a bucket and a folder", async () => {
    await page.getByRole("button", { name: "Create a bucket" }).click();
    await page.getByLabel("Bucket name").fill(BUCKET);
    await page.getByRole("dialog").getByRole("button", { name: "Create bucket" }).click();
    await page.getByRole("button", { name: "Create a folder" }).click();
    await page.getByLabel("Folder name").fill("parking_data");
    await page.getByRole("dialog").getByRole("button", { name: "Create folder" }).click();
    await ticked(page, 1, "Make a bucket and a folder");
  });

  await test.step("upload", async () => {
    await page.getByRole("link", { name: "parking_data/" }).click();
    await page.getByLabel("Files to upload").setInputFiles(CSV);
    await ticked(page, 2, "Upload the tickets");
    await expect(page.locator(`tr[data-key="${key(CSV)}"]`)).toBeVisible();
  });

  await test.step("crawl", async () => {
    await page.getByRole("navigation", { name: "Services" }).getByRole("link", { name: "Catalog" }).click();
    await page.getByRole("link", { name: "Create crawler" }).first().click();
    await page.getByLabel("Name", { exact: true }).fill("parking");
    await page.getByLabel("S3 path").fill(`s3://${BUCKET}/parking_data/`);
    // The role follows the crawler's name, as the console proposes it.
    await expect(page.getByLabel("IAM role")).toHaveValue("AWSGlueServiceRole-parking");
    await page.getByLabel("Database").fill("parking");
    await page.getByRole("button", { name: "Create crawler" }).click();
    await page.getByRole("main").getByRole("button", { name: /^Run/ }).click();
    await ticked(page, 3, "Crawl it into the catalog");
    await page.getByRole("main").getByRole("link", { name: "parking_data", exact: true }).click();
    expect(await schema(page)).toEqual(COLUMNS.map((name) => [name, TYPES[name] ?? "string"]));
  });

  await test.step("draw the job", async () => {
    await page.getByRole("navigation", { name: "Services" }).getByRole("link", { name: "ETL" }).click();
    await page.getByRole("button", { name: "Create a visual job" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Parking");
    await page.getByRole("dialog").getByRole("button", { name: "Create job" }).click();

    await place(page, "S3Source", 150, 120);
    await page.getByLabel("S3 URL").fill(`s3://${BUCKET}/${key(CSV)}`);
    await place(page, "DropFields", 150, 320);
    await expect(page.locator("g[data-edge]")).toHaveCount(0);
    await wire(page, card(page, "source").locator('[data-port="out"]'), card(page, "transform").locator('[data-port="in"]'));
    await expect(page.locator("g[data-edge]")).toHaveCount(1);
    for (const name of DROPPED) await page.getByRole("checkbox", { name: new RegExp(`^${name}\\b`) }).check();

    await place(page, "S3Target", 480, 320);
    await wire(page, card(page, "transform").locator('[data-port="out"]'), card(page, "target").locator('[data-port="in"]'));
    await expect(page.locator("g[data-edge]")).toHaveCount(2);
    await page.getByLabel("S3 target location").fill(`s3://${BUCKET}/parking_data/`);
    await page.getByRole("radio", { name: /update the schema and add new partitions/ }).check();
    await page.getByRole("combobox", { name: "Database", exact: true }).fill("parking");
    await page.getByRole("combobox", { name: "Table name", exact: true }).fill("results");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await ticked(page, 4, "Draw the job");
  });

  await test.step("run", async () => {
    await page.getByRole("button", { name: "Run job" }).click();
    const bar = page.getByRole("region", { name: "Run", exact: true });
    await expect(bar).toContainText("Succeeded");
    await expect(bar).toContainText("20,000 rows in 1 file");
    await ticked(page, 6, "Run it");
    await ticked(page, 6, "Look at what came out");
  });

  await test.step("look at the table and the file", async () => {
    await page.getByRole("link", { name: "Table parking.results" }).click();
    expect(await schema(page)).toEqual(KEPT.map((name) => [name, "string"]));
    await page.goBack();
    await page.getByRole("link", { name: "Open the result" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    const parquet = info.outputPath("results.parquet");
    await (await download).saveAs(parquet);
    expect((await download).suggestedFilename()).toMatch(/\.parquet$/);
    const found = compare(CSV, parquet, KEPT);
    expect(found.all_strings).toBe(true);
    expect(found.rows).toBe(ROWS);
    expect(found.compression).toEqual(["SNAPPY"]);
  });
  console.check();
});

test("a Data Catalog source gives the table's types", async ({ page }, info) => {
  const console = watch(page);
  await open(page);
  await call(page, "s3", "CreateBucket", { Bucket: BUCKET });
  await page.goto(`./#/storage/${BUCKET}`);
  await page.getByLabel("Files to upload").setInputFiles(CSV);
  await expect(page.locator("tr[data-key]")).toHaveCount(1);
  await call(page, "glue", "CreateDatabase", { DatabaseInput: { Name: "parking" } });
  await call(page, "glue", "CreateCrawler", { Name: "parking", Role: "AWSGlueServiceRole-parking", DatabaseName: "parking", Targets: { S3Targets: [{ Path: `s3://${BUCKET}/` }] } });
  await call(page, "glue", "StartCrawler", { Name: "parking" });
  await expect.poll(async () => (await call(page, "glue", "GetTables", { DatabaseName: "parking" })).TableList.length).toBe(1);
  const { Name: table, StorageDescriptor: storage } = (await call(page, "glue", "GetTables", { DatabaseName: "parking" })).TableList[0];
  expect(Object.fromEntries(storage.Columns.map((column: any) => [column.Name, column.Type]))).toMatchObject(TYPES);

  await page.goto("./#/etl");
  await page.getByRole("button", { name: "Create a visual job" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Typed");
  await page.getByRole("dialog").getByRole("button", { name: "Create job" }).click();
  await place(page, "S3CatalogSource", 150, 200);
  await page.getByLabel("Database", { exact: true }).selectOption("parking");
  await page.getByLabel("Table", { exact: true }).selectOption(table);
  // Dropped on the source's card, the node is appended and wired.

  const source = (await card(page, "source").boundingBox())!;
  await drag(page, page.locator('[data-entry="S3Target"]'), { x: source.x + source.width / 2, y: source.y + source.height / 2 });
  await expect(page.locator("g[data-edge]")).toHaveCount(1);
  await page.getByLabel("S3 target location").fill(`s3://${BUCKET}/typed/`);
  await page.getByRole("button", { name: "Run job" }).click();
  await expect(page.getByRole("region", { name: "Run", exact: true })).toContainText("Succeeded");
  await page.getByRole("link", { name: "Open the result" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  const parquet = info.outputPath("typed.parquet");
  await (await download).saveAs(parquet);
  const found = compare(CSV, parquet, COLUMNS.map((name) => (TYPES[name] ? `${name}=int64` : name)), "hive");
  expect(found.rows).toBe(ROWS);
  console.check();
});
