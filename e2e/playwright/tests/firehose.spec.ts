import { expect, test, type Page } from "@playwright/test";
import { keyboard, mouse, type Hands } from "../hands";
import { call, open, watch } from "../support";

const BUCKET = "ml-ticker-archive";

const minutes = async (page: Page, hands: Hands, times: number) => {
  for (let press = 0; press < times; press++) {
    const before = Date.parse((await call(page, "clock", "GetTime", {})).Time);
    await hands.press(page.getByRole("button", { name: "+1 min" }));
    await expect.poll(async () => Date.parse((await call(page, "clock", "GetTime", {})).Time)).toBeGreaterThan(before + 59_000);
  }
};

const objects = async (page: Page): Promise<{ Key: string; Size: number }[]> => (await call(page, "s3", "ListObjectsV2", { Bucket: BUCKET })).Contents ?? [];

for (const [name, with_hands] of [["mouse", mouse], ["keyboard", keyboard]] as const)
  test(`the lab: Firehose from a stream into S3, and an alarm that goes from insufficient data to alarm to OK, by ${name}`, async ({ page }) => {
    const console = watch(page);
    const hands = with_hands(page);
    await open(page, "./#/streams");
    await hands.press(page.getByRole("link", { name: "Create a Firehose stream" }));
    await hands.write(page.getByLabel("Stream name", { exact: true }), "ml-kinesis-stream-1");
    await hands.write(page.getByLabel("Bucket name"), BUCKET);
    await hands.write(page.getByLabel("Interval (s)", { exact: true }), "60");
    await hands.write(page.getByLabel("Firehose stream name"), "ml-to-s3");
    await hands.press(page.getByRole("button", { name: "Create Firehose stream" }));
    await expect(page.getByRole("heading", { name: "ml-to-s3" })).toBeVisible();
    await minutes(page, hands, 1);
    await expect(page.getByText("ACTIVE")).toBeVisible();

    // The built-in demo data, about five minutes: objects arrive in the bucket.
    await hands.press(page.getByRole("button", { name: "Start demo data" }));
    await expect(page.getByRole("button", { name: "Stop demo data" })).toBeVisible();
    await minutes(page, hands, 5);
    await expect.poll(async () => (await objects(page)).length).toBeGreaterThanOrEqual(4);
    const first = (await objects(page))[0];
    expect(first.Key).toMatch(/^\d{4}\/\d\d\/\d\d\/\d\d\/ml-to-s3-1-\d{4}-\d\d-\d\d-/);
    await expect(page.getByRole("link", { name: first.Key })).toBeVisible();
    await expect(page.getByRole("img", { name: /^The buffer holds .* flushes by time/ })).toBeVisible();
    await hands.press(page.getByRole("button", { name: "Stop demo data" }));
    await expect(page.getByRole("button", { name: "Start demo data" })).toBeVisible();
    await minutes(page, hands, 2);

    // Every record that was read is in an object, as the producer made it.
    const { Counts } = await call(page, "sluice", "GetDelivery", { DeliveryStreamName: "ml-to-s3" });
    expect(Counts.Read).toBe(Counts.Delivered);
    await expect(page.getByText(/^Taken [\d,]+ = delivered [\d,]+ \+ buffered 0$/)).toBeVisible();
    const body = Buffer.from((await call(page, "s3", "GetObject", { Bucket: BUCKET, Key: first.Key })).Body, "base64").toString();
    expect(body).toMatch(/"TICKER_SYMBOL"/i);

    // The alarm: lower than 10,000 records read in a minute, to a new topic with an address.
    await hands.press(page.getByRole("link", { name: "Create an alarm on its records" }));
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("combobox", { name: "Metric", exact: true })).toHaveValue("AWS/Firehose DataReadFromKinesisStream.Records DeliveryStreamName=ml-to-s3");
    await hands.choose(dialog.getByLabel("Alarm when it is"), "Lower than ( < )");
    await hands.write(dialog.getByLabel("Threshold"), "10000");
    await hands.choose(dialog.getByLabel("When in alarm, notify"), "A new topic, by e-mail");
    await hands.write(dialog.getByLabel("Topic name"), "ops");
    await hands.write(dialog.getByLabel("E-mail address"), "ana@example.com");
    await hands.write(dialog.getByLabel("Alarm name"), "lowerlimit");
    await hands.press(dialog.getByRole("button", { name: "Create alarm" }));
    await expect(page.getByRole("heading", { name: "lowerlimit" })).toBeVisible();
    const state = page.locator(".stream-head .alarm-state");
    await expect(state).toHaveText("INSUFFICIENT DATA");
    await page.goto("./#/alarms");
    await hands.press(page.getByRole("button", { name: "Confirm subscription" }));
    await expect(page.getByRole("button", { name: "Confirm subscription" })).toHaveCount(0);

    // Demo data again, about three minutes: in alarm, since it stays under 10,000 a minute.
    await page.goto("./#/streams/delivery/ml-to-s3");
    await hands.press(page.getByRole("button", { name: "Start demo data" }));
    await expect(page.getByRole("button", { name: "Stop demo data" })).toBeVisible();
    await minutes(page, hands, 3);
    await page.goto("./#/alarms/lowerlimit");
    await expect(state).toHaveText("IN ALARM");
    await hands.press(page.getByRole("button", { name: "Why did the alarm change?" }));
    await expect(page.getByRole("list", { name: "Why" })).toContainText("ml-to-s3");

    // A higher rate brings it to OK.
    await page.goto("./#/streams/delivery/ml-to-s3");
    await hands.write(page.getByLabel("Records (a second)"), "300");
    await minutes(page, hands, 3);
    await page.goto("./#/alarms/lowerlimit");
    await expect(state).toHaveText("OK");
    await expect(page.getByRole("img", { name: /^As it went/ })).toHaveAccessibleName(/insufficient data, then in alarm, then ok/);
    await page.goto("./#/alarms");
    await expect(page.getByText(/^ALARM: "lowerlimit" in /)).toHaveCount(1);
    console.check();
  });

test("a Firehose stream by keyboard: direct puts, larger and smaller hints, deletion", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/streams/delivery/");
  await page.getByLabel("Records come from").focus();
  await page.keyboard.type("Direct");
  await page.getByLabel("Bucket name").focus();
  await page.keyboard.type(BUCKET);
  await page.getByLabel("Firehose stream name").focus();
  await page.keyboard.type("puts");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "puts" })).toBeVisible();
  await minutes(page, mouse(page), 1);
  await page.getByText("Put records by hand").press("Enter");
  await page.getByLabel("One record a line").fill('{"ticker": "ANA"}\n{"ticker": "BO"}');
  await page.getByRole("button", { name: "Put 2" }).press("Enter");
  await expect(page.getByText(/buffered 2/)).toBeVisible();
  const interval = page.getByLabel("Buffer interval (s)", { exact: true });
  await interval.fill("30");
  await interval.press("Tab");
  await page.getByRole("button", { name: "Save changes" }).press("Enter");
  await expect(page.getByRole("button", { name: "Save changes" })).toHaveCount(0);
  await minutes(page, mouse(page), 1);
  await expect(page.getByText("Taken 2 = delivered 2 + buffered 0")).toBeVisible();
  const [object] = await objects(page);
  expect(object.Size).toBe('{"ticker": "ANA"}{"ticker": "BO"}'.length);
  await page.getByRole("button", { name: "Show as table" }).press("Enter");
  await expect(page.getByRole("region", { name: "Data of the figure" })).toContainText("at a change");
  await page.getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByRole("button", { name: "Delete stream" }).press("Enter");
  await expect(page.getByRole("heading", { name: "Streams", exact: true })).toBeVisible();
  console.check();
});

test("on the way: a function drops and changes records, Parquet by a table's columns", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/streams/delivery/");
  await page.getByLabel("Records come from").selectOption("direct");
  await page.getByLabel("Bucket name").fill(BUCKET);
  await page.getByLabel("Interval (s)", { exact: true }).fill("10");
  await page.getByLabel("Transform each record by a function").check();
  await expect(page.getByText(/^Ok: \{"CHANGE/)).toBeVisible();
  await page.getByLabel("Function, an expression").fill("if PRICE <");
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Function, an expression").fill('if price < 10 then Dropped else with(record, {dear: price > 100})');
  await page.getByLabel("A line end after each record").check();
  await page.getByLabel("Firehose stream name").fill("changed");
  await page.getByLabel("Firehose stream name").press("Tab");
  await page.getByRole("button", { name: "Create Firehose stream" }).click();
  await expect(page.getByRole("heading", { name: "changed" })).toBeVisible();
  await minutes(page, mouse(page), 1);
  await page.getByText("Put records by hand").click();
  await page.getByLabel("One record a line").fill('{"ticker": "ANA", "price": 5}\n{"ticker": "BO", "price": 500}\nno json');
  await page.getByRole("button", { name: "Put 3" }).click();
  await minutes(page, mouse(page), 3);
  await expect(page.getByText("Taken 3 = delivered 1 + buffered 0 + dropped 1 + in error objects 1")).toBeVisible();
  const made = await objects(page);
  const failed = made.find(({ Key }) => Key.startsWith("errors/processing-failed/"))!;
  const good = made.find(({ Key }) => !Key.startsWith("errors/"))!;
  const text = async (Key: string) => Buffer.from((await call(page, "s3", "GetObject", { Bucket: BUCKET, Key })).Body, "base64").toString();
  expect(JSON.parse(await text(good.Key))).toEqual({ ticker: "BO", price: 500, dear: true });
  expect((await text(good.Key)).endsWith("}\n")).toBe(true);
  expect(Buffer.from(JSON.parse((await text(failed.Key)).trim()).rawData, "base64").toString()).toBe("no json");

  // JSON becomes Parquet by a table of the catalog, as a table that can be looked at.
  await call(page, "glue", "CreateDatabase", { DatabaseInput: { Name: "prices" } });
  await call(page, "glue", "CreateTable", {
    DatabaseName: "prices",
    TableInput: { Name: "ticks", StorageDescriptor: { Columns: [{ Name: "ticker", Type: "string" }, { Name: "price", Type: "double" }] } },
  });
  await page.goto("./#/streams/delivery/");
  await page.getByLabel("Records come from").selectOption("direct");
  await page.getByLabel("S3 bucket").selectOption(BUCKET);
  await page.getByLabel("Prefix", { exact: true }).fill("ticks/");
  await page.getByLabel("Interval (s)", { exact: true }).fill("10");
  await page.getByLabel("Convert").selectOption("prices.ticks");
  await page.getByLabel("Firehose stream name").fill("columns");
  await page.getByLabel("Firehose stream name").press("Tab");
  await page.getByRole("button", { name: "Create Firehose stream" }).click();
  await expect(page.getByRole("heading", { name: "columns" })).toBeVisible();
  await minutes(page, mouse(page), 1);
  await page.getByText("Put records by hand").click();
  await page.getByLabel("One record a line").fill('{"ticker": "ANA", "price": 5}\n{"ticker": "BO", "price": 500}');
  await page.getByRole("button", { name: "Put 2" }).click();
  await minutes(page, mouse(page), 2);
  await expect.poll(async () => (await objects(page)).filter(({ Key }) => Key.endsWith(".parquet")).length).toBe(1);
  await expect(page.getByText("Taken 2 = delivered 2 + buffered 0")).toBeVisible();
  await page.getByRole("link", { name: /\.parquet$/ }).click();
  await expect(page.locator("[role=grid]").getByText("ANA")).toBeVisible();
  console.check();
});
