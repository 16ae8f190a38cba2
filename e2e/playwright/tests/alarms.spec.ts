import { expect, test, type Page } from "@playwright/test";
import { call, open, watch } from "../support";

const minute = async (page: Page, times = 1) => {
  for (let press = 0; press < times; press++) {
    const before = (await call(page, "clock", "GetTime", {})).Time;
    await page.getByRole("button", { name: "+1 min" }).click();
    await expect.poll(async () => Date.parse((await call(page, "clock", "GetTime", {})).Time)).toBeGreaterThan(Date.parse(before) + 59_000);
  }
};

/** A stream with a producer of so many records a second. */
async function stream(page: Page, rate: number): Promise<void> {
  await call(page, "kinesis", "CreateStream", { StreamName: "telemetry", ShardCount: 2 });
  await call(page, "clock", "Advance", { Seconds: 60 });
  await call(page, "sluice", "AddProducer", {
    Name: "vehicles",
    StreamName: "telemetry",
    RecordsPerSecond: rate,
    RecordBytes: 250,
    Keys: { Count: 100, Prefix: "vehicle-", Digits: 4 },
    Pattern: { Kind: "uniform" },
    Client: { Kind: "sdk" },
    Until: 86_400,
  });
}

test("an alarm: made, from insufficient data to in alarm to OK, its mail, why, another threshold by keys and by mouse", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/alarms");
  await stream(page, 100);
  await page.getByRole("button", { name: "Create alarm" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Metric", exact: true }).selectOption({ label: "IncomingRecords · StreamName telemetry · AWS/Kinesis" });
  await dialog.getByLabel("Alarm when it is").selectOption("LessThanThreshold");
  await dialog.getByLabel("Threshold").fill("10000");
  await dialog.getByLabel("When in alarm, notify").selectOption("new");
  await dialog.getByLabel("Topic name").fill("ops");
  await dialog.getByLabel("E-mail address").fill("ana@example.com");
  await dialog.getByLabel("Alarm name").fill("lowerlimit");
  await dialog.getByLabel("Alarm name").press("Tab");
  await dialog.getByRole("button", { name: "Create alarm" }).click();
  await expect(page.getByRole("heading", { name: "lowerlimit" })).toBeVisible();
  const state = page.locator(".stream-head .alarm-state");
  await expect(state).toHaveText("INSUFFICIENT DATA");

  await page.goto("./#/alarms");
  await page.getByRole("button", { name: "Confirm subscription" }).click();
  await expect(page.getByRole("button", { name: "Confirm subscription" })).toHaveCount(0);
  await page.getByRole("link", { name: "lowerlimit" }).click();

  await minute(page, 3);
  await expect(state).toHaveText("IN ALARM");
  await expect(page.getByText(/1 datapoint|1 out of the last 1 datapoints/).first()).toBeVisible();
  await page.getByRole("button", { name: "Why did the alarm change?" }).click();
  await expect(page.getByRole("list", { name: "Why" })).toContainText("The minute's metrics of telemetry went to CloudWatch");

  // A threshold that the traffic does not fall under: seen over the past, then kept.
  const threshold = page.getByRole("slider", { name: "Threshold" });
  await expect(threshold).toHaveAttribute("aria-valuenow", "10000");
  for (let press = 0; press < 4; press++) await threshold.press("PageDown");
  const lower = Number(await threshold.getAttribute("aria-valuenow"));
  expect(lower).toBeLessThan(6_000);
  await expect(page.getByRole("img", { name: /^With these settings: .*ok$/ })).toBeVisible();
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(threshold).toHaveAttribute("aria-valuenow", "10000");

  // The learner raises the rate: more than 10,000 a minute.
  await call(page, "sluice", "UpdateProducer", { Name: "vehicles", RecordsPerSecond: 300 });
  await minute(page, 2);
  await expect(state).toHaveText("OK");
  const ribbon = page.getByRole("img", { name: /^As it went/ });
  await expect(ribbon).toHaveAccessibleName(/insufficient data, then in alarm, then ok/);

  // Dragged up: with this threshold it would be in alarm, and is when saved.
  const grip = (await threshold.boundingBox())!;
  await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
  await page.mouse.down();
  await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2 - 120, { steps: 6 });
  await page.mouse.up();
  expect(Number(await threshold.getAttribute("aria-valuenow"))).toBeGreaterThan(18_000);
  await page.getByRole("button", { name: "Save changes" }).click();
  await minute(page);
  await expect(state).toHaveText("IN ALARM");

  await page.goto("./#/alarms");
  await expect(page.getByText(/^ALARM: "lowerlimit" in /)).toHaveCount(2);
  console.check();
});

test("alarms by keyboard: create, missing data, delete", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/alarms");
  await stream(page, 100);
  await page.getByRole("button", { name: "Create alarm" }).first().press("Enter");
  const dialog = page.getByRole("dialog");
  const metric = dialog.getByRole("combobox", { name: "Metric", exact: true });
  await metric.focus();
  await metric.selectOption({ label: "IncomingRecords · StreamName telemetry · AWS/Kinesis" });
  await dialog.getByLabel("Missing data").focus();
  await page.keyboard.type("notB");
  await dialog.getByLabel("Alarm name").focus();
  await page.keyboard.type("quiet");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "quiet" })).toBeVisible();
  await page.getByRole("button", { name: "+1 min" }).press("Enter");
  await page.getByRole("button", { name: "Show as table" }).press("Enter");
  await expect(page.getByRole("region", { name: "Data of the figure" }).getByRole("row").first()).toBeVisible();
  expect((await call(page, "cloudwatch", "DescribeAlarms", {})).MetricAlarms[0].TreatMissingData).toBe("notBreaching");
  await page.getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByRole("button", { name: "Delete alarm" }).press("Enter");
  await expect(page.getByRole("heading", { name: "Alarms", exact: true })).toBeVisible();
  expect((await call(page, "cloudwatch", "DescribeAlarms", {})).MetricAlarms).toEqual([]);
  console.check();
});

test("an alarm on an expression, and a composite alarm that follows it", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/alarms");
  await stream(page, 100);
  await page.getByRole("button", { name: "Create alarm" }).first().click();
  const dialog = page.getByRole("dialog");
  const choose = (name: string) => dialog.getByRole("combobox", { name, exact: true });
  await choose("It watches").selectOption("math");
  await choose("Metric m1").selectOption({ label: "IncomingRecords · StreamName telemetry · AWS/Kinesis" });
  await choose("Metric m2").selectOption({ label: "IncomingBytes · StreamName telemetry · AWS/Kinesis" });
  await dialog.getByRole("textbox", { name: "Expression" }).fill("m2 / m1");
  await dialog.getByLabel("Threshold").fill("10");
  await dialog.getByLabel("Alarm name").fill("large-records");
  await dialog.getByRole("button", { name: "Create alarm" }).click();
  await expect(page.getByRole("heading", { name: "large-records" })).toBeVisible();
  await minute(page, 3);
  const state = page.locator(".stream-head .alarm-state");
  await expect(state).toHaveText("IN ALARM");

  await page.goto("./#/alarms");
  await page.getByRole("button", { name: "Create alarm" }).first().click();
  await choose("It watches").selectOption("composite");
  await dialog.getByRole("textbox", { name: "Rule" }).fill('ALARM("large-records"');
  await dialog.getByLabel("Alarm name").fill("any");
  await dialog.getByRole("button", { name: "Create alarm" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.getByRole("textbox", { name: "Rule" }).fill('ALARM("large-records")');
  await dialog.getByRole("button", { name: "Create alarm" }).click();
  await expect(page.getByRole("heading", { name: "any", exact: true })).toBeVisible();
  await minute(page, 1);
  await expect(state).toHaveText("IN ALARM");
  console.check();
});
