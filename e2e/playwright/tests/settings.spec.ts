import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { keyboard, mouse, type Hands } from "../hands";
import { call, open, watch } from "../support";

const FILE = { name: "tickets.csv", mimeType: "text/csv", buffer: Buffer.from("tag,fine\nA1,30\nB2,45\n") };
const KEY = "01234567890123456789012345678901";

async function axe(page: Page, name: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect.soft(bad.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(" | ")}`), name).toEqual([]);
}

for (const by of [mouse, keyboard]) {
  const named = by === mouse ? "mouse" : "keyboard";

  test(`a policy of the account's own, its versions, and its end: by ${named}`, async ({ page }) => {
    const console = watch(page);
    const hands: Hands = by(page);
    await open(page);
    await call(page, "iam", "CreateUser", { UserName: "ana" });

    await test.step("make it", async () => {
      await hands.press(page.getByRole("navigation", { name: "Services" }).getByRole("link", { name: "Security" }));
      await hands.press(page.getByRole("link", { name: "Policies", exact: true }));
      await expect(page.getByRole("heading", { name: "No policies of yours yet" })).toBeVisible();
      await axe(page, "no policies");
      await hands.press(page.getByRole("button", { name: "Create a policy" }));
      await hands.write(page.getByLabel("Policy name"), "read-lake");
      await hands.write(page.getByLabel("Description"), "Reads the lake");
      await hands.press(page.getByRole("dialog").getByRole("button", { name: "Create policy" }));
      await expect(page.getByRole("heading", { level: 1, name: "read-lake" })).toBeVisible();
      await expect(page).toHaveURL(/#\/security\/policies\/read-lake$/);
      await axe(page, "a policy");
    });
    const arn = "arn:aws:iam::123456789012:policy/read-lake";

    await test.step("a user gets it", async () => {
      await hands.press(page.getByRole("link", { name: "Identities (IAM)" }));
      await hands.press(page.getByRole("link", { name: /ana/ }));
      await hands.press(page.getByRole("button", { name: "Attach policy", exact: true }));
      await hands.pick(page.getByRole("radio", { name: /^read-lake/ }));
      await hands.press(page.getByRole("dialog").getByRole("button", { name: "Attach policy" }));
      await expect(page.getByRole("button", { name: "Detach read-lake" })).toBeVisible();
      await hands.press(page.getByRole("link", { name: "Policies", exact: true }));
      await expect(page.getByRole("row", { name: /read-lake 1 identity v1/ })).toBeVisible();
      await axe(page, "policies");
      await hands.press(page.getByRole("link", { name: "read-lake" }));
      await expect(page.locator(".facts").getByRole("link", { name: "ana" })).toBeVisible();
    });

    await test.step("a change is a version, and can be gone back from", async () => {
      const editor = page.getByRole("textbox", { name: "Document", exact: true });
      const text = (await editor.inputValue()).replace("s3:GetObject", "s3:GetObjectTagging");
      await hands.write(editor, text);
      await hands.press(page.getByRole("button", { name: "Save as a new version" }));
      await expect(page.getByRole("heading", { name: "Document of v2" })).toBeVisible();
      expect((await call(page, "iam", "GetPolicy", { PolicyArn: arn })).Policy.DefaultVersionId).toBe("v2");
      await hands.press(page.getByRole("button", { name: "Make v1 the default" }));
      await expect(page.getByRole("heading", { name: "Document of v1" })).toBeVisible();
      const { Decision } = await call(page, "sluice", "Simulate", { Principal: "arn:aws:iam::123456789012:user/ana", Action: "s3:GetObject", Resource: "arn:aws:s3:::parking/a" });
      expect(Decision).toBe("allowed");
    });

    await test.step("delete it", async () => {
      await hands.press(page.getByRole("button", { name: "Delete", exact: true }));
      await expect(page.getByRole("dialog")).toContainText("taken off 1 identity first");
      await hands.press(page.getByRole("dialog").getByRole("button", { name: "Delete the policy" }));
      await expect(page.getByRole("heading", { name: "No policies of yours yet" })).toBeVisible();
      expect((await call(page, "iam", "ListAttachedUserPolicies", { UserName: "ana" })).AttachedPolicies).toEqual([]);
    });
    console.check();
  });

  test(`the account's Block Public Access holds for its buckets: by ${named}`, async ({ page }) => {
    const console = watch(page);
    const hands: Hands = by(page);
    await open(page, "#/security/public-access");
    await call(page, "s3", "CreateBucket", { Bucket: "lake" });
    await call(page, "s3", "DeletePublicAccessBlock", { Bucket: "lake" });
    await hands.tick(page.getByRole("checkbox", { name: /^BlockPublicPolicy/ }));
    await axe(page, "the account's switches");
    await hands.press(page.getByRole("button", { name: "Save changes" }));
    await expect(page.getByRole("button", { name: "Save changes" })).toBeHidden();
    const { PublicAccessBlockConfiguration } = await call(page, "s3control", "GetPublicAccessBlock", { AccountId: "123456789012" });
    expect(PublicAccessBlockConfiguration).toEqual({ BlockPublicAcls: false, IgnorePublicAcls: false, BlockPublicPolicy: true, RestrictPublicBuckets: false });
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/*" }] });
    await expect(call(page, "s3", "PutBucketPolicy", { Bucket: "lake", Policy })).rejects.toMatchObject({ code: "AccessDenied" });
    await page.goto("./#/storage/lake?tab=permissions");
    await hands.press(page.getByRole("link", { name: "the account’s own switches" }));
    await expect(page.getByRole("checkbox", { name: /^BlockPublicPolicy/ })).toBeChecked();
    console.check();
  });

  test(`uploads under an encryption of one's choice: by ${named}`, async ({ page }) => {
    const console = watch(page);
    const hands: Hands = by(page);
    await open(page);
    await call(page, "s3", "CreateBucket", { Bucket: "lake" });
    await call(page, "s3", "PutBucketEncryption", { Bucket: "lake", ServerSideEncryptionConfiguration: { Rules: [{ BlockedEncryptionTypes: { EncryptionType: ["NONE"] } }] } });
    const { KeyMetadata } = await call(page, "kms", "CreateKey", {});
    await call(page, "kms", "CreateAlias", { AliasName: "alias/lake-key", TargetKeyId: KeyMetadata.KeyId });
    await page.goto("./#/storage/lake");
    const upload = async (name: string) => {
      await hands.upload(page, page.getByRole("button", { name: "Upload", exact: true }), { ...FILE, name });
      await expect(page.getByRole("link", { name })).toBeVisible();
    };

    await test.step("SSE-KMS with a key, in a class", async () => {
      await hands.choose(page.getByLabel("Upload to"), "Standard-IA");
      await hands.choose(page.getByLabel("under", { exact: true }), "SSE-KMS");
      await hands.choose(page.getByLabel("KMS key of uploads"), "lake-key");
      await upload("kms.csv");
      expect(await call(page, "s3", "HeadObject", { Bucket: "lake", Key: "kms.csv" })).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: KeyMetadata.Arn, StorageClass: "STANDARD_IA" });
    });

    await test.step("DSSE-KMS and SSE-S3", async () => {
      await hands.choose(page.getByLabel("under", { exact: true }), "DSSE-KMS");
      await upload("twice.csv");
      expect(await call(page, "s3", "HeadObject", { Bucket: "lake", Key: "twice.csv" })).toMatchObject({ ServerSideEncryption: "aws:kms:dsse" });
      await hands.choose(page.getByLabel("under", { exact: true }), "SSE-S3");
      await upload("plain.csv");
      expect(await call(page, "s3", "HeadObject", { Bucket: "lake", Key: "plain.csv" })).toMatchObject({ ServerSideEncryption: "AES256" });
    });

    await test.step("SSE-C: the key opens it, and nothing else does", async () => {
      await hands.choose(page.getByLabel("under", { exact: true }), "SSE-C, a key of yours");
      await hands.press(page.getByRole("button", { name: "Draw a key" }));
      await expect(page.getByLabel("Key of yours")).toHaveValue(/^[\w-]{32}$/);
      await axe(page, "choices of an upload");
      await hands.write(page.getByLabel("Key of yours"), KEY);
      await upload("mine.csv");
      await expect(call(page, "s3", "HeadObject", { Bucket: "lake", Key: "mine.csv" })).rejects.toMatchObject({ code: "400" });
      const head = await call(page, "s3", "HeadObject", { Bucket: "lake", Key: "mine.csv", SSECustomerAlgorithm: "AES256", SSECustomerKey: KEY });
      expect(head.SSECustomerKeyMD5).toBe("KYvwGXoFFJ42a2u2GDWhwQ==");
      await hands.press(page.getByRole("link", { name: "mine.csv" }));
      const detail = page.getByRole("complementary", { name: "Object mine.csv" });
      await expect(detail.getByLabel("Key of yours (SSE-C)")).toBeVisible();
      await axe(page, "an object whose key is not here");
      await hands.write(detail.getByLabel("Key of yours (SSE-C)"), KEY);
      await hands.press(detail.getByRole("button", { name: "Read with this key" }));
      await expect(detail.getByText("SSE-C: a key that the caller keeps")).toBeVisible();
      const fetched = await detail.getByRole("link", { name: "Download" }).evaluate(async (link: HTMLAnchorElement) => (await fetch(link.href)).text());
      expect(fetched).toBe(FILE.buffer.toString());
    });
    console.check();
  });

  test(`a lifecycle rule that was deleted comes back: by ${named}`, async ({ page }) => {
    const console = watch(page);
    const hands: Hands = by(page);
    await open(page);
    await call(page, "s3", "CreateBucket", { Bucket: "lake" });
    const rule = (ID: string, Days: number) => ({ ID, Status: "Enabled", Filter: { Prefix: `${ID}/` }, Expiration: { Days } });
    const Rules = [rule("logs", 30), rule("tmp", 1), rule("old", 365)];
    await call(page, "s3", "PutBucketLifecycleConfiguration", { Bucket: "lake", LifecycleConfiguration: { Rules } });
    await page.goto("./#/storage/lake?tab=management");
    await hands.press(page.getByRole("button", { name: "Delete tmp" }));
    await expect(page.getByRole("button", { name: "Delete tmp" })).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Undo" })).toBeFocused();
    await axe(page, "a deleted rule");
    expect((await call(page, "s3", "GetBucketLifecycleConfiguration", { Bucket: "lake" })).Rules.map(({ ID }: any) => ID)).toEqual(["logs", "old"]);
    await hands.press(page.getByRole("button", { name: "Undo" }));
    await expect(page.getByRole("button", { name: "Delete tmp" })).toBeVisible();
    expect((await call(page, "s3", "GetBucketLifecycleConfiguration", { Bucket: "lake" })).Rules).toMatchObject(Rules);
    await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(0);
    console.check();
  });

  test(`versions come in pages, and a delete says what it leaves: by ${named}`, async ({ page }) => {
    test.setTimeout(240_000);
    const console = watch(page);
    const hands: Hands = by(page);
    await open(page);
    await call(page, "s3", "CreateBucket", { Bucket: "lake" });
    await call(page, "s3", "PutObject", { Bucket: "lake", Key: "a" });
    await page.goto("./#/storage/lake");
    await hands.tick(page.getByRole("checkbox", { name: "Select a", exact: true }));
    await page.keyboard.press("Delete");
    await expect(page.getByRole("group", { name: "Delete" })).toContainText("keeps no versions");
    await hands.press(page.getByRole("button", { name: "Keep" }));
    await call(page, "s3", "PutBucketVersioning", { Bucket: "lake", VersioningConfiguration: { Status: "Enabled" } });
    await page.evaluate(async () => {
      for (let at = 0; at < 205; at++) await (window as any).sluice.call("s3", "PutObject", { Bucket: "lake", Key: "b" });
    });
    await hands.tick(page.getByRole("checkbox", { name: "Show versions" }));
    const table = page.getByRole("table", { name: "Versions" });
    const pages = page.getByRole("navigation", { name: "Pages of the versions" });
    await expect(table.getByRole("row")).toHaveCount(201);
    await axe(page, "versions");
    await hands.press(pages.getByRole("button", { name: "The next page of versions" }));
    // One of a, 205 of b.
    await expect(table.getByRole("row")).toHaveCount(7);
    await expect(pages).toContainText("Page 2");
    await expect(pages.getByRole("button", { name: "The next page of versions" })).toBeDisabled();
    await hands.press(pages.getByRole("button", { name: "The page of versions before" }));
    await expect(table.getByRole("row")).toHaveCount(201);
    await page.goto("./#/storage/lake/b");
    await hands.press(page.getByRole("complementary", { name: "Object b" }).getByRole("button", { name: "Delete", exact: true }));
    await expect(page.getByRole("group", { name: "Delete" })).toContainText("delete marker");
    console.check();
  });
}

test("on a phone the bill names a service once", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, viewport: { width: 390, height: 844 }, hasTouch: true });
  const page = await context.newPage();
  await open(page);
  await call(page, "s3", "CreateBucket", { Bucket: "lake" });
  await call(page, "kms", "CreateKey", {});
  for (const Key of ["a", "b"]) await call(page, "s3", "PutObject", { Bucket: "lake", Key, ServerSideEncryption: "aws:kms" });
  await call(page, "clock", "Advance", { Seconds: 86_400 });
  await page.goto("./#/bill");
  const table = page.getByRole("table", { name: /Lines of/ }).first();
  await expect(table.getByText("AWS Key Management Service").filter({ visible: true })).toHaveCount(1);
  await expect(table.getByText("Amazon Simple Storage Service").filter({ visible: true })).toHaveCount(1);
  await expect(table.getByText("Requests to KMS", { exact: false }).first()).toBeVisible();
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over).toBe(0);
  await axe(page, "bill on a phone");
  await context.close();
});
