import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { keyboard, mouse, type Hands } from "../hands";
import { call, open, watch } from "../support";

const FILE = { name: "tickets.csv", mimeType: "text/csv", buffer: Buffer.from("tag,fine\nA1,30\nB2,45\n") };

async function axe(page: Page, name: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect.soft(bad.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(" | ")}`), name).toEqual([]);
}

/** The row of somebody in "Who can read this?". */
const row = (page: Page, who: string) => page.getByRole("table", { name: "Who may" }).getByRole("row").filter({ has: page.getByRole("button", { name: who, exact: true }) });

for (const by of [mouse, keyboard]) {
  const named = by === mouse ? "mouse" : "keyboard";

  test(`a key encrypts, is disabled, and is enabled again: by ${named}`, async ({ page }) => {
    const console = watch(page);
    const hands: Hands = by(page);
    await open(page);
    await call(page, "s3", "CreateBucket", { Bucket: "lake" });

    await test.step("make a key", async () => {
      await hands.press(page.getByRole("navigation", { name: "Services" }).getByRole("link", { name: "Security" }));
      await hands.press(page.getByRole("link", { name: "Keys (KMS)" }));
      await expect(page.getByRole("heading", { name: "No keys yet" })).toBeVisible();
      await hands.press(page.getByRole("button", { name: "Create a key" }));
      await hands.write(page.getByLabel("Alias"), "lake-key");
      await hands.press(page.getByRole("dialog").getByRole("button", { name: "Create key" }));
      await expect(page.getByRole("heading", { level: 1, name: "lake-key" })).toBeVisible();
      await expect(page.getByText("✓ Enabled")).toBeVisible();
      await expect(page.getByText("a model of KMS, not a vault")).toBeVisible();
      await axe(page, "key");
    });
    const key = page.url();

    await test.step("make it the bucket's default", async () => {
      await hands.press(page.getByRole("navigation", { name: "Services" }).getByRole("link", { name: "Storage" }));
      await hands.press(page.getByRole("link", { name: "lake", exact: true }));
      await hands.press(page.getByRole("link", { name: "Properties" }));
      await hands.pick(page.getByRole("radio", { name: /^SSE-KMS/ }));
      await hands.choose(page.getByLabel("KMS key"), "lake-key");
      await hands.press(page.getByRole("button", { name: "Save default encryption" }));
      await expect(page.getByText("Saved the default encryption.").first()).toBeVisible();
      const { ServerSideEncryptionConfiguration } = await call(page, "s3", "GetBucketEncryption", { Bucket: "lake" });
      expect(ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm).toBe("aws:kms");
    });

    await test.step("what is uploaded is under it, and readable", async () => {
      await hands.press(page.getByRole("link", { name: "Objects" }));
      await hands.upload(page, page.getByRole("button", { name: "Upload", exact: true }), FILE);
      await hands.press(page.getByRole("link", { name: "tickets.csv" }));
      await expect(page.getByRole("grid").getByText("B2")).toBeVisible();
      await expect(page.locator(".detail .facts").getByText("aws:kms")).toBeVisible();
    });

    await test.step("disabled, it closes the object", async () => {
      await hands.press(page.locator(".detail .facts").getByRole("link", { name: "lake-key" }));
      await expect(page).toHaveURL(key);
      await expect(page.getByRole("row", { name: /lake 1 21 B/ })).toBeVisible();
      await hands.press(page.getByRole("button", { name: "Disable" }));
      await hands.press(page.getByRole("dialog").getByRole("button", { name: "Disable the key" }));
      await expect(page.getByText("! Disabled").first()).toBeVisible();
      await hands.press(page.getByRole("table", { name: /Buckets with objects/ }).getByRole("link", { name: "lake" }));
      await hands.press(page.getByRole("link", { name: "tickets.csv" }));
      const fault = page.getByRole("region", { name: "Preview" }).getByRole("alert");
      await expect(fault).toContainText("KMS.DisabledException");
      await expect(fault).toContainText("is disabled.");
      await expect(page.getByRole("grid").getByText("B2")).toHaveCount(0);
      // The bytes cannot be downloaded either: AWS's error stands in the corner.
      await expect(page.getByRole("region", { name: "Messages" })).toContainText("KMS.DisabledException");
      await expect(page.getByRole("link", { name: "Download" })).toHaveCount(0);
      await expect(call(page, "s3", "GetObject", { Bucket: "lake", Key: "tickets.csv" })).rejects.toMatchObject({ code: "KMS.DisabledException" });
      await axe(page, "object under a disabled key");
      await hands.press(fault.getByRole("link", { name: "Open the key" }));
      await expect(page).toHaveURL(key);
    });

    await test.step("enabled, it opens it again", async () => {
      await hands.press(page.getByRole("button", { name: "Enable", exact: true }));
      await expect(page.getByText("✓ Enabled")).toBeVisible();
      await hands.press(page.getByRole("table", { name: /Buckets with objects/ }).getByRole("link", { name: "lake" }));
      await hands.press(page.getByRole("link", { name: "tickets.csv" }));
      await expect(page.getByRole("grid").getByText("B2")).toBeVisible();
      await expect(page.getByRole("link", { name: "Download" })).toBeVisible();
    });
    console.check();
  });

  test(`denied by default, allowed by a policy, denied by a statement: by ${named}`, async ({ page }) => {
    const console = watch(page);
    const hands: Hands = by(page);
    await open(page);
    await call(page, "s3", "CreateBucket", { Bucket: "lake" });
    await call(page, "s3", "PutObject", { Bucket: "lake", Key: FILE.name, ContentType: "text/csv", Body: FILE.buffer.toString("base64") });

    const permissions = async () => {
      await hands.press(page.getByRole("navigation", { name: "Services" }).getByRole("link", { name: "Storage" }));
      await hands.press(page.getByRole("link", { name: "lake", exact: true }));
      await hands.press(page.getByRole("link", { name: "Permissions" }));
      await expect(page.getByRole("heading", { name: "Who can read this?" })).toBeVisible();
    };
    const why = page.getByRole("region", { name: "Why: ana" });

    await test.step("make a user", async () => {
      await hands.press(page.getByRole("navigation", { name: "Services" }).getByRole("link", { name: "Security" }));
      await hands.press(page.getByRole("button", { name: "Create a user" }));
      await hands.write(page.getByLabel("User name"), "ana");
      await hands.press(page.getByRole("dialog").getByRole("button", { name: "Create user" }));
      await expect(page.getByRole("heading", { level: 1, name: "ana" })).toBeVisible();
      await axe(page, "user");
    });

    await test.step("nothing allows: implicit deny", async () => {
      await permissions();
      await expect(row(page, "ana")).toContainText("not allowed");
      await expect(row(page, "You, the owner (root)")).toContainText("✓ allowed");
      await expect(row(page, "Anonymous, nobody signed in")).toContainText("not allowed");
      await hands.press(page.getByRole("button", { name: "ana", exact: true }));
      await expect(why).toContainText("Implicit deny");
      await expect(why.locator("mark")).toHaveCount(0);
      await hands.press(why.getByRole("button", { name: "Try it as ana" }));
      await expect(why.getByRole("alert")).toContainText("AccessDenied");
      await expect(why.getByRole("alert")).toContainText('is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::lake/tickets.csv" because no identity-based policy allows the s3:GetObject action');
      await axe(page, "permissions");
    });

    await test.step("a policy of hers allows", async () => {
      await hands.press(page.getByRole("navigation", { name: "Services" }).getByRole("link", { name: "Security" }));
      await hands.press(page.getByRole("link", { name: /^ana/ }));
      await hands.press(page.getByRole("button", { name: "Add inline policy" }));
      const dialog = page.getByRole("dialog");
      await hands.write(dialog.getByLabel("Policy name"), "read-lake");
      const text = (effect: string) => `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ReadLake",
      "Effect": "${effect}",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::lake/*"
    }
  ]
}`;
      // A wrong word is told at its line, while it is typed.
      await hands.write(dialog.getByLabel("Policy document"), text("allow"));
      await expect(dialog.getByRole("button", { name: "✕ Line 6" })).toBeVisible();
      await hands.write(dialog.getByLabel("Policy document"), text("Allow"));
      await expect(dialog.getByText("✓ Valid")).toBeVisible();
      await axe(page, "policy editor");
      await hands.press(dialog.getByRole("button", { name: "Save policy" }));
      await expect(page.getByRole("list").getByText("read-lake")).toBeVisible();

      await permissions();
      await expect(row(page, "ana")).toContainText("✓ allowed");
      await hands.press(page.getByRole("button", { name: "ana", exact: true }));
      await expect(why.locator(".way")).toContainText("inline policy read-lake of the user ana");
      await expect(why.locator(".way")).toContainText("“ReadLake”");
      await expect(why.locator("mark")).toContainText('"Sid": "ReadLake"');
      await hands.press(why.getByRole("button", { name: "Try it as ana" }));
      await expect(why.getByText("✓ 200 OK")).toBeVisible();
    });

    await test.step("an explicit Deny wins", async () => {
      await hands.choose(page.getByLabel("Add an example"), "Deny requests without TLS");
      await expect(page.getByRole("textbox", { name: "Policy" })).toHaveValue(/DenyInsecureTransport/);
      await hands.press(page.getByRole("button", { name: "Save policy" }));
      await expect(page.getByText("Saved the bucket policy.").first()).toBeVisible();
      await expect(row(page, "ana")).toContainText("✓ allowed");
      await hands.pick(page.getByRole("radio", { name: "http", exact: true }));
      await expect(row(page, "ana")).toContainText("✕ denied");
      await expect(row(page, "You, the owner (root)")).toContainText("✕ denied");
      await expect(why.locator(".way")).toContainText("the policy of the bucket lake");
      await expect(why.locator(".way")).toContainText("Deny");
      await expect(why.locator("mark")).toContainText('"aws:SecureTransport": "false"');
      await expect(why).toContainText("An explicit Deny wins");
      await hands.press(why.getByRole("button", { name: "Try it as ana" }));
      await expect(why.getByRole("alert")).toContainText("with an explicit deny in a resource-based policy");
      await axe(page, "an explicit deny");
    });
    console.check();
  });
}
