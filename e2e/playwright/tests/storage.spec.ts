import { execFileSync } from "node:child_process";
import { expect, test, type Page } from "@playwright/test";
import { keyboard, mouse } from "../hands";
import { enter, tabTo, type } from "../keys";
import { call, open, watch } from "../support";

// The course's storage demo: a class at upload, another by hand, a lifecycle rule, four hundred days, the bill.

const BUCKET = "four-hundred-days";
const SIZE = 3_000_000;
const GB = 2 ** 30;

/** A file of `SIZE` bytes. */
const file = (name: string) => ({ name, mimeType: "text/plain", buffer: Buffer.alloc(SIZE, "sluice\n") });

/** Decimal text in pico-units, exactly. */
const picos = (text: string): bigint => {
  const [whole, part = ""] = text.split(".");
  return BigInt(whole) * 10n ** 12n + BigInt(part.padEnd(12, "0"));
};

/** Hours of each class that the bill has, in GB-months of the months' own lengths, by the calendar: from upload on, moved at the midnight the rules give. */
const stored = (steps: { at: number; class: string | null }[], end: number): Map<string, number> => {
  const found = new Map<string, number>();
  steps.forEach((step, index) => {
    if (!step.class) return;
    let from = step.at;
    const until = Math.min(steps[index + 1]?.at ?? end, end);
    while (from < until) {
      const day = new Date(from);
      const next = Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1);
      const month = next - Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1);
      const to = Math.min(next, until);
      found.set(step.class!, (found.get(step.class!) ?? 0) + ((SIZE / GB) * (to - from)) / month);
      from = to;
    }
  });
  return found;
};

const DAY = 86_400_000;
const midnight = (at: number) => Math.ceil(at / DAY) * DAY;

/** What the account holds after the demo, and the bill against a computation of our own. */
async function check(page: Page): Promise<void> {
  const { Time } = await call(page, "clock", "GetTime");
  const { Versions, DeleteMarkers } = await call(page, "s3", "ListObjectVersions", { Bucket: BUCKET });
  expect(DeleteMarkers ?? []).toEqual([]);
  expect(Versions.map((version: any) => version.StorageClass)).toEqual(["GLACIER"]);
  const { Events } = await call(page, "sluice", "GetStorageEvents", { Bucket: BUCKET });
  const steps = Events.filter((event: any) => event.Event === "s3:LifecycleTransition").map((event: any) => ({ at: Date.parse(event.Time), class: event.To }));
  expect(steps.map((step: any) => step.class)).toEqual(["GLACIER"]);
  const changed = Date.parse(Versions[0].LastModified);
  expect(steps[0].at).toBe(midnight(changed + 90 * DAY));

  const bill = await call(page, "sluice", "GetBill");
  const sum = bill.Lines.reduce((sum: bigint, line: any) => sum + picos(line.Amount), 0n);
  expect(sum).toBe(picos(bill.Total));
  // Standard-IA from the change to the transition, Glacier Flexible from there: quantity and amount of the storage lines.
  const expected = stored([{ at: changed, class: "STANDARD_IA" }, { at: steps[0].at, class: "GLACIER" }], Date.parse(Time));
  const prices: Record<string, number> = { STANDARD_IA: 0.0125, GLACIER: 0.0036 };
  for (const [storageClass, quantity] of expected) {
    const lines = bill.Lines.filter((line: any) => line.Group === "storage" && line.StorageClass === storageClass && line.Description.startsWith("Storage in"));
    const billed = lines.reduce((sum: number, line: any) => sum + line.Quantity, 0);
    const amount = lines.reduce((sum: number, line: any) => sum + Number(line.Amount), 0);
    // The listed time of the change is cut to the second.
    expect(Math.abs(billed - quantity)).toBeLessThan(quantity * 1e-5);
    expect(Math.abs(amount - quantity * prices[storageClass])).toBeLessThan(quantity * prices[storageClass] * 1e-5);
  }
  const moved = bill.Lines.filter((line: any) => line.Group === "transition");
  expect(moved.map((line: any) => [line.Quantity, Number(line.Amount)])).toEqual([[1, 0.00003]]);
  // What the page shows is what the account said when it was asked, a moment before or after: storage goes on, by picodollars.
  await expect(page.locator(".bill .total b")).toHaveText(new RegExp(`^[\\d.]+ ${bill.Currency}$`));
  const total = picos(((await page.locator(".bill .total b").textContent()) ?? "").split(" ")[0]);
  const moment = picos(bill.Total) - total;
  expect(moment > -1_000n && moment < 1_000n, `${moment} picodollars between two answers`).toBe(true);
  const shown = await page.locator(".bill .month td:last-child").allTextContents();
  expect(shown.reduce((sum, amount) => sum + picos(amount), 0n)).toBe(total);
}

test("four hundred days by mouse", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/storage");
  await page.getByRole("button", { name: "Create a bucket" }).click();
  await page.getByLabel("Bucket name").fill(BUCKET);
  await page.getByRole("dialog").getByRole("button", { name: "Create bucket" }).click();
  await page.getByLabel("Files to upload").setInputFiles(file("log.txt"));
  await page.getByRole("link", { name: "log.txt" }).click();
  await page.getByRole("button", { name: "Change class…" }).click();
  await page.getByRole("dialog").getByLabel("Storage class").selectOption("STANDARD_IA");
  await page.getByRole("dialog").getByRole("button", { name: "Change class" }).click();
  await expect(page.locator(".detail .facts")).toContainText("STANDARD_IA");

  await page.getByRole("link", { name: "Management" }).click();
  await page.getByRole("button", { name: "Create lifecycle rule" }).click();
  await page.getByLabel("Rule name (ID)").fill("cold");
  await page.getByRole("button", { name: "Add transition" }).click();
  await page.getByLabel("Days after creation, or a date").fill("20");
  // The account's own error, where it belongs.
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByRole("group", { name: "Current versions" }).getByRole("alert")).toContainText("must be greater than or equal to 30");
  await page.getByLabel("Days after creation, or a date").fill("90");
  await page.getByLabel("Move to").selectOption("GLACIER");
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByRole("list", { name: "Lifecycle rules" })).toContainText("day 90 → GLACIER");

  await page.getByRole("link", { name: "Objects", exact: true }).click();
  await page.getByRole("link", { name: "log.txt" }).click();
  await expect(page.locator(".detail .moves")).toContainText("→ GLACIER");
  await page.getByLabel("Days to let pass").fill("400");
  await page.getByRole("button", { name: "Let days pass" }).click();
  await expect(page.locator(".timebar .said")).toContainText("400 days passed: 1 moved to GLACIER.");
  await expect(page.getByRole("button", { name: "Restore…" })).toBeVisible();
  await page.getByRole("link", { name: "Bill" }).click();
  await expect(page.getByRole("heading", { name: "Bill" })).toBeVisible();
  await check(page);
  console.check();
});

test("four hundred days by keyboard", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/storage");
  await enter(page, page.getByRole("button", { name: "Create a bucket" }));
  await page.getByLabel("Bucket name").press("End");
  await type(page, page.getByLabel("Bucket name"), BUCKET);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: BUCKET, level: 1 })).toBeAttached();
  const chooser = page.waitForEvent("filechooser");
  await enter(page, page.getByRole("button", { name: "Upload", exact: true }));
  await (await chooser).setFiles(file("log.txt"));
  await enter(page, page.getByRole("link", { name: "log.txt" }));
  await enter(page, page.getByRole("button", { name: "Change class…" }));
  await expect(page.getByRole("dialog").getByLabel("Storage class")).toHaveValue("STANDARD_IA");
  await enter(page, page.getByRole("dialog").getByRole("button", { name: "Change class" }));
  await expect(page.locator(".detail .facts")).toContainText("STANDARD_IA");
  await enter(page, page.getByRole("link", { name: "Management" }));
  await enter(page, page.getByRole("button", { name: "Create lifecycle rule" }));
  await type(page, page.getByLabel("Rule name (ID)"), "cold");
  await enter(page, page.getByRole("button", { name: "Add transition" }));
  await tabTo(page, page.getByLabel("Days after creation, or a date"), 200);
  await page.keyboard.press("Control+A");
  await page.keyboard.type("90");
  await tabTo(page, page.getByLabel("Move to"));
  await page.keyboard.type("Glacier F");
  await expect(page.getByLabel("Move to")).toHaveValue("GLACIER");
  await enter(page, page.getByRole("button", { name: "Save rule" }));
  await expect(page.getByRole("list", { name: "Lifecycle rules" })).toContainText("day 90 → GLACIER");
  await tabTo(page, page.getByLabel("Days to let pass"), 200);
  await page.keyboard.press("Control+A");
  await page.keyboard.type("400");
  await page.keyboard.press("Enter");
  await expect(page.locator(".timebar .said")).toContainText("400 days passed: 1 moved to GLACIER.");
  // A field keeps what is typed in it, the browser's own characters too: the rail's keys are for the rest of the page.
  await tabTo(page, page.getByRole("button", { name: "Let days pass" }));
  await page.keyboard.press("Alt+0");
  await expect(page.getByRole("heading", { name: "Bill" })).toBeVisible();
  await check(page);
  console.check();
});

/** Name and text of every file in an archive, as another reader than ours unpacks it. */
const unpacked = (path: string): Record<string, string> =>
  JSON.parse(
    execFileSync(process.env.SLUICE_PYTHON ?? "python3", ["-c", "import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nprint(json.dumps({n: z.read(n).decode() for n in z.namelist()}))", path], { encoding: "utf8" }),
  );

for (const hands of [mouse, keyboard]) {
  test(`the storage leaves as an archive: by ${hands.name}`, async ({ page }) => {
    const console = watch(page);
    const { press } = hands(page);
    await open(page, "./#/storage");
    await call(page, "s3", "CreateBucket", { Bucket: BUCKET });
    await call(page, "s3", "PutObject", { Bucket: BUCKET, Key: "a.txt", Body: Buffer.from("first").toString("base64"), StorageClass: "STANDARD_IA" });
    await press(page.getByRole("button", { name: "Export…" }));
    const downloaded = page.waitForEvent("download");
    await press(page.getByRole("dialog").getByRole("button", { name: "Download" }));
    const download = await downloaded;
    expect(download.suggestedFilename()).toBe("sluice-storage.zip");
    const files = unpacked(await download.path());
    const bodies = Object.entries(files).filter(([name]) => name.startsWith("bodies/"));
    expect(bodies.map(([, text]) => text)).toEqual(["first"]);
    expect(files["storage.sh"]).toContain("aws s3api create-bucket");
    expect(files["storage.sh"]).toContain("STANDARD_IA");
    expect(Object.values(JSON.parse(files["template.json"]).Resources).map((resource: any) => resource.Type)).toContain("AWS::S3::Bucket");
    console.check();
  });
}
