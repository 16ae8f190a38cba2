import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { call, open, shot, watch } from "../support";

// Directory buckets of S3 Express One Zone: made, listed apart, filled, and what they do not have left out.

const NAME = "lake--use1-az5--x-s3";

for (const [size, viewport, colorScheme] of [
  ["desktop", { width: 1440, height: 900 }, "light"],
  ["phone", { width: 390, height: 844 }, "dark"],
] as const) {
  test(`a directory bucket, ${size}, ${colorScheme}`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ baseURL, viewport, colorScheme, reducedMotion: "reduce", hasTouch: size === "phone" });
    const page = await context.newPage();
    const console = watch(page);
    const clean = async (name: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(bad.map((violation) => `${name}: ${violation.id}: ${violation.nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} scrolls sideways`).toBe(true);
      await shot(page, `directory-${name}-${size}-${colorScheme}`);
    };
    await open(page, "./#/storage");
    await page.getByRole("button", { name: "Create a bucket" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByLabel("Bucket name")).toBeFocused();
    await dialog.getByRole("radio", { name: /^Directory/ }).check();
    await dialog.getByLabel("Availability Zone", { exact: true }).selectOption("use1-az5");
    await dialog.getByLabel("Base name").fill("la.ke");
    await expect(dialog.getByRole("status")).toContainText("lower-case letters, digits and \"-\" only");
    await dialog.getByLabel("Base name").fill("lake");
    await expect(dialog.locator("code")).toHaveText(NAME);
    await clean("create");
    await dialog.getByRole("button", { name: "Create bucket" }).click();
    await expect(page.getByText("listings have no order of names")).toBeVisible();

    await page.getByLabel("Files to upload").setInputFiles({ name: "hot.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") });
    await page.getByRole("link", { name: "hot.csv" }).click();
    await expect(page.locator(".detail .facts")).toContainText("EXPRESS_ONEZONE");
    await expect(page.getByRole("button", { name: "Change class…" })).toBeHidden();
    const head = await call(page, "s3", "HeadObject", { Bucket: NAME, Key: "hot.csv" });
    expect(head).toMatchObject({ StorageClass: "EXPRESS_ONEZONE", ContentLength: 8 });
    await clean("object");
    await page.getByRole("link", { name: "Close this object" }).click();
    // A directory bucket has no prefixes but directories: the page finds among what it lists.
    await page.getByLabel("Files to upload").setInputFiles({ name: "cold.csv", mimeType: "text/csv", buffer: Buffer.from("c\n") });
    await expect(page.getByRole("link", { name: "cold.csv" })).toBeVisible();
    await page.getByPlaceholder("Find by the start of a name").fill("ho");
    await expect(page.getByRole("link", { name: "cold.csv" })).toHaveCount(0);
    await expect(page.getByRole("link", { name: "hot.csv" })).toBeVisible();
    await page.getByPlaceholder("Find by the start of a name").fill("");

    await page.getByRole("link", { name: "Properties" }).click();
    await expect(page.getByRole("region", { name: "Availability Zone" })).toContainText("use1-az5");
    await expect(page.getByRole("region", { name: "Bucket Versioning" })).toHaveCount(0);
    await clean("properties");
    await page.getByRole("link", { name: "Permissions" }).click();
    await expect(page.getByRole("region", { name: "Block Public Access" })).toContainText("neither can change");
    await clean("permissions");

    // A rule that would move is refused in the account's words, one that expires is kept.
    await page.getByRole("link", { name: "Management" }).click();
    const rule = (members: object) => ({ Bucket: NAME, LifecycleConfiguration: { Rules: [{ ID: "r", Status: "Enabled", Filter: { Prefix: "" }, ...members }] } });
    await expect(call(page, "s3", "PutBucketLifecycleConfiguration", rule({ Transitions: [{ Days: 30, StorageClass: "GLACIER" }] }))).rejects.toMatchObject({ code: "InvalidRequest" });
    await call(page, "s3", "PutBucketLifecycleConfiguration", rule({ Expiration: { Days: 3 } }));
    await expect(page.getByRole("list", { name: "Lifecycle rules" })).toContainText("day 3");
    await clean("management");

    await call(page, "s3", "CreateBucket", { Bucket: "general" });
    await open(page, "./#/storage");
    const tabs = page.getByRole("tablist", { name: "Kinds of buckets" });
    await expect(page.getByRole("link", { name: "general" })).toBeVisible();
    await expect(page.getByRole("link", { name: NAME })).toHaveCount(0);
    await tabs.getByRole("tab", { name: /^General/ }).focus();
    await page.keyboard.press("ArrowRight");
    await expect(tabs.getByRole("tab", { name: /^Directory/ })).toBeFocused();
    await expect(page.getByRole("link", { name: NAME })).toBeVisible();
    await expect(page.getByRole("link", { name: "general" })).toHaveCount(0);
    await clean("list");

    const bill = await call(page, "sluice", "GetBill");
    const usages = bill.Lines.map((line: any) => line.Usage);
    for (const usage of ["uploaded.EXPRESS_ONEZONE", "requests.EXPRESS_ONEZONE.PUT"]) expect(usages).toContain(usage);
    const { Script } = await call(page, "sluice", "ExportScript");
    expect(Script).toContain("SingleAvailabilityZone");
    console.check();
    await context.close();
  });
}
