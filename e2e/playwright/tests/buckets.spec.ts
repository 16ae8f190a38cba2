import { createDecipheriv } from "node:crypto";
import { expect, test } from "@playwright/test";
import { enter, type } from "../keys";
import { call, open, watch } from "../support";

// What a bucket has beside its objects: bytes the client sealed, access logs, unfinished uploads, what a rule costs in years.

const BUCKET = "tools-of-a-bucket";
const KEY = "0123456789abcdef0123456789ABCDEF";
const TEXT = "id,name\n1,Ada\n2,Grace\n";

/** The plaintext as any client of the S3 Encryption Client's format gets it, from the object's metadata and bytes. */
const unsealed = (metadata: Record<string, string>, body: Buffer, key: string): Buffer => {
  const gcm = (secret: Buffer, iv: Buffer, sealed: Buffer, associated?: string) => {
    const cipher = createDecipheriv("aes-256-gcm", secret, iv);
    if (associated) cipher.setAAD(Buffer.from(associated));
    cipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  };
  const wrapped = Buffer.from(metadata["x-amz-key-v2"], "base64");
  const dataKey = gcm(Buffer.from(key), wrapped.subarray(0, 12), wrapped.subarray(12), metadata["x-amz-cek-alg"]);
  return gcm(dataKey, Buffer.from(metadata["x-amz-iv"], "base64"), body);
};

test("bytes that the client sealed are opaque to the account and open in the tab, by keyboard", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/storage");
  await call(page, "s3", "CreateBucket", { Bucket: BUCKET });
  await page.goto(`./#/storage/${BUCKET}/`);
  await page.getByLabel("under", { exact: true }).selectOption("client-side");
  await type(page, page.getByLabel("Key of yours"), KEY);
  const chooser = page.waitForEvent("filechooser");
  await enter(page, page.getByRole("button", { name: "Upload", exact: true }));
  await (await chooser).setFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(TEXT) });
  await enter(page, page.getByRole("link", { name: "people.csv" }));
  const sealed = page.getByRole("form", { name: "Client-side encryption" });
  await expect(sealed).toContainText("AES/GCM/NoPadding");
  await expect(sealed.getByRole("status")).toContainText("S3 holds ciphertext");

  // What the account has is no CSV, and opens elsewhere by the format alone.
  const object = await call(page, "s3", "GetObject", { Bucket: BUCKET, Key: "people.csv" });
  const body = Buffer.from(object.Body, "base64");
  expect(body.includes("Ada")).toBe(false);
  expect(body.length).toBe(TEXT.length + 16);
  expect(object.Metadata["x-amz-unencrypted-content-length"]).toBe(String(TEXT.length));
  expect(unsealed(object.Metadata, body, KEY).toString()).toBe(TEXT);

  await type(page, sealed.getByLabel("Key of yours"), KEY.replace("0", "1"));
  await page.keyboard.press("Enter");
  await expect(sealed.getByRole("alert")).toContainText("The data key does not open under this key.");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("short");
  await page.keyboard.press("Enter");
  await expect(sealed.getByRole("alert")).toContainText("The key is 32 characters");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(KEY);
  await page.keyboard.press("Enter");
  await expect(sealed.getByRole("status")).toContainText("Opened in this tab");
  await expect(page.locator(".preview")).toContainText("2,Grace");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  const stream = await (await download).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe(TEXT);
  console.check();
});

test("access logs are turned on, let in, delivered and turned off", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/storage");
  await call(page, "s3", "CreateBucket", { Bucket: BUCKET });
  await call(page, "s3", "CreateBucket", { Bucket: "kept-logs" });
  await page.goto(`./#/storage/${BUCKET}/`);
  await page.getByRole("link", { name: "Properties" }).click();
  const section = page.getByRole("region", { name: "Server access logging" });
  await section.getByRole("combobox", { name: "Log bucket" }).selectOption("kept-logs");
  await section.getByLabel("Prefix").fill("logs/");
  await section.getByRole("combobox", { name: "Keys" }).selectOption("EventTime");
  await section.getByRole("button", { name: "Allow it in the log bucket’s policy" }).click();
  await expect(page.getByText("The policy of kept-logs lets the log service in.")).toBeVisible();
  await section.getByRole("button", { name: "Turn logging on" }).click();
  await expect(section.getByRole("button", { name: "Turn off" })).toBeVisible();
  const { LoggingEnabled } = await call(page, "s3", "GetBucketLogging", { Bucket: BUCKET });
  expect(LoggingEnabled).toMatchObject({ TargetBucket: "kept-logs", TargetPrefix: "logs/", TargetObjectKeyFormat: { PartitionedPrefix: { PartitionDateSource: "EventTime" } } });
  await call(page, "s3", "PutObject", { Bucket: BUCKET, Key: "a", Body: "eA==" });
  await call(page, "clock", "Advance", { Seconds: 7_200 });
  await expect
    .poll(async () => (await call(page, "s3", "ListObjectsV2", { Bucket: "kept-logs", Prefix: "logs/" })).KeyCount)
    .toBeGreaterThan(0);
  const [{ Key }] = (await call(page, "s3", "ListObjectsV2", { Bucket: "kept-logs" })).Contents;
  const line = Buffer.from((await call(page, "s3", "GetObject", { Bucket: "kept-logs", Key })).Body, "base64").toString();
  expect(line).toContain(`${BUCKET} `);
  expect(line).toContain("REST.PUT.OBJECT a");
  await enter(page, section.getByRole("button", { name: "Turn off" }));
  await expect(section.getByRole("button", { name: "Turn logging on" })).toBeVisible();
  expect(await call(page, "s3", "GetBucketLogging", { Bucket: BUCKET })).not.toHaveProperty("LoggingEnabled");
  console.check();
});

test("an unfinished upload is seen, billed, aborted by hand and by a rule", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/storage");
  await call(page, "s3", "CreateBucket", { Bucket: BUCKET });
  await page.goto(`./#/storage/${BUCKET}/`);
  await page.getByRole("link", { name: "Management" }).click();
  const section = page.getByRole("region", { name: "Unfinished multipart uploads" });
  await expect(section).toContainText("There are none.");
  for (const key of ["backup.tar", "other.tar"]) {
    await type(page, section.getByLabel("Key of an upload to leave unfinished"), key);
    await page.keyboard.press("Enter");
    await expect(section.getByRole("list")).toContainText(key);
    await expect(section.getByLabel("Key of an upload to leave unfinished")).toHaveValue("");
  }
  await expect(section.getByRole("listitem").first()).toContainText("5.0 MB in 1 part");
  await enter(page, section.getByRole("button", { name: "Abort the upload of backup.tar" }));
  await expect(section.getByRole("list")).not.toContainText("backup.tar");
  const rule = { ID: "tidy", Status: "Enabled", Filter: {}, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } };
  await call(page, "s3", "PutBucketLifecycleConfiguration", { Bucket: BUCKET, LifecycleConfiguration: { Rules: [rule] } });
  await page.getByLabel("Days to let pass").fill("10");
  await page.getByRole("button", { name: "Let days pass" }).click();
  await expect(page.locator(".timebar .said")).toContainText("unfinished upload");
  await expect(section).toContainText("There are none.");
  const bill = await call(page, "sluice", "GetBill");
  expect(bill.Lines.some((line: any) => line.Group === "storage" && Number(line.Amount) > 0)).toBe(true);
  console.check();
});

test("a rule's objects go to the cost figure; the bill is shown by class, and an object's life by what it cost", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/storage");
  await call(page, "s3", "CreateBucket", { Bucket: BUCKET });
  const size = 300_000;
  for (const key of ["logs/a", "logs/b", "else"]) {
    await call(page, "s3", "PutObject", { Bucket: BUCKET, Key: key, Body: Buffer.alloc(size).toString("base64") });
  }
  const rule = { ID: "cold", Status: "Enabled", Filter: { Prefix: "logs/" }, Transitions: [{ Days: 30, StorageClass: "STANDARD_IA" }, { Days: 90, StorageClass: "GLACIER" }] };
  await call(page, "s3", "PutBucketLifecycleConfiguration", { Bucket: BUCKET, LifecycleConfiguration: { Rules: [rule] } });
  await page.getByLabel("Days to let pass").fill("400");
  await page.getByRole("button", { name: "Let days pass" }).click();
  await expect(page.locator(".timebar .said")).toContainText("400 days passed");

  await page.goto(`./#/storage/${BUCKET}/logs/a`);
  const cost = await call(page, "sluice", "GetObjectCost", { Bucket: BUCKET, Key: "logs/a" });
  expect(cost.Life.Lines.map((line: any) => line.StorageClass)).toEqual(expect.arrayContaining(["STANDARD", "STANDARD_IA", "GLACIER"]));
  expect(Number(cost.Life.Total)).toBeGreaterThan(Number(cost.SoFar.Total));
  await expect(page.locator(".detail .facts")).toContainText(`since ${cost.Life.Since.slice(0, 10)}`);

  await page.goto("./#/bill");
  await page.getByRole("radio", { name: "by storage class" }).focus();
  await page.keyboard.press("Space");
  const legend = page.locator(".months .legend");
  await expect(legend).toContainText("Glacier Flexible Retrieval");
  await expect(legend).toContainText("Standard-IA");
  await expect(legend).not.toContainText("Transitions");

  await page.goto(`./#/storage/${BUCKET}/`);
  await page.getByRole("link", { name: "Management" }).click();
  await enter(page, page.getByRole("button", { name: "Cost of cold over years" }));
  await expect(page).toHaveURL(/rules=30-STANDARD_IA\.90-GLACIER.*#\/figures\/storage-cost/);
  await expect(page).toHaveURL(/objects=2(&|#)/);
  await expect(page).toHaveURL(new RegExp(`bytes=${size}`));
  await expect(page.getByRole("heading", { name: /cost/i }).first()).toBeVisible();
  console.check();
});
