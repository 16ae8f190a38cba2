import AxeBuilder from "@axe-core/playwright";
import { keyboard } from "../hands";
import { expect, test, type Browser, type Page } from "@playwright/test";
import { call, open, shot, watch } from "../support";

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** Axe's serious findings, whether anything sticks out of the side, and whether all text can be read. */
async function sound(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await shot(page, name);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(over, `${name} scrolls sideways`).toBe(0);
  const small = await page.evaluate(() =>
    [...document.querySelectorAll<SVGGraphicsElement>(".plot text")].filter((text) => {
      const scale = text.getScreenCTM()?.a ?? 0;
      return parseFloat(getComputedStyle(text).fontSize) * scale < 10.99;
    }).length,
  );
  expect.soft(small, `${name} has text under 11 px`).toBe(0);
  const out = await page.evaluate(() =>
    [...document.querySelectorAll<SVGGraphicsElement>(".plot text")]
      .filter((text) => {
        const [own, plot] = [text.getBoundingClientRect(), text.closest("svg")!.getBoundingClientRect()];
        return own.left < plot.left - 1 || own.right > plot.right + 1;
      })
      .map((text) => text.textContent),
  );
  expect.soft(out, `${name} cuts text off`).toEqual([]);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect.soft(bad.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(" | ")}`), name).toEqual([]);
}

async function visit(browser: Browser, baseURL: string | undefined, size: keyof typeof SIZES) {
  const context = await browser.newContext({ baseURL, viewport: SIZES[size], reducedMotion: "reduce", hasTouch: size === "phone" });
  const page = await context.newPage();
  return { context, page, console: watch(page) };
}

/** Dollars as the page writes them. */
const shown = (amount: string) => {
  const value = Number(amount);
  if (value === 0) return "$0.00";
  return value >= 0.995 ? `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}` : `$${value.toFixed(Math.max(2, 2 - Math.floor(Math.log10(value))))}`;
};
const settings = (page: Page) => new URL(page.url()).searchParams;

/** What the cost figure asks for a batch of objects of 1 MiB with one rule. */
const question = (objects: number, transitions: unknown[], more: object = {}) => ({
  PriceList: "aws-us-east-1", Start: "2026-01-01T00:00:00Z", Months: 12,
  Population: { Objects: objects, UploadsPerMonth: 0, Sizes: [{ Bytes: 1048576 }] }, Access: { Pattern: "None" },
  LifecycleConfiguration: { Rules: [{ ID: "figure", Status: "Enabled", Filter: { Prefix: "" }, Transitions: transitions, ...more }] },
});

for (const size of ["desktop", "phone"] as const) {
  test(`storage cost, alone, ${size}`, async ({ browser, baseURL }) => {
    const { context, page, console } = await visit(browser, baseURL, size);
    await open(page, "./?figure=storage-cost&objects=1000&bytes=1048576&rules=30-STANDARD_IA&years=1");
    const total = page.locator(".figure-total b");
    await expect(page.locator(".rail, .top")).toHaveCount(0);
    const moves = [{ Days: 30, StorageClass: "STANDARD_IA" }];
    // What is drawn is what the account answers.
    await expect(total).toHaveText(shown((await call(page, "sluice", "PlanStorage", question(1000, moves))).Total));

    // A setting by keyboard: the number changes, and the link carries it.
    const objects = page.getByRole("spinbutton", { name: /^Objects/ });
    await objects.focus();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("50000");
    await page.keyboard.press("Tab");
    await expect.poll(() => settings(page).get("objects")).toBe("50000");
    const plan = await call(page, "sluice", "PlanStorage", question(50_000, moves));
    await expect(total).toHaveText(shown(plan.Total));

    // A month of the chart, and the same month of the table.
    const chart = page.getByRole("slider", { name: "Month of the bill" });
    await chart.focus();
    await page.keyboard.press("ArrowRight");
    await expect(chart).toHaveAttribute("aria-valuetext", `${plan.Months[1].Month}: ${shown(plan.Months[1].Total)}`);
    await sound(page, `figure-cost-${size}`);
    await page.getByRole("button", { name: "Show as table" }).press("Enter");
    const table = page.getByRole("table", { name: "What storage costs" });
    await expect(table.locator("tbody tr")).toHaveCount(12);
    for (const [at, month] of plan.Months.entries()) {
      await expect(table.locator("tbody tr").nth(at).locator("td").last()).toHaveText(shown(month.Total));
    }
    await page.getByRole("button", { name: "Describe" }).press("Enter");
    await expect(page.locator(".figure-words")).toContainText(shown(plan.Total));
    await sound(page, `figure-cost-table-${size}`);

    // The copied link restores the settings, and the way into the page carries them.
    await page.getByRole("button", { name: "Copy link" }).press("Enter");
    const link = await page.getByLabel("Link", { exact: true }).inputValue();
    const within = await page.getByRole("link", { name: "Open in Sluice" }).getAttribute("href");
    await open(page, link);
    await expect(total).toHaveText(shown(plan.Total));
    await open(page, within!);
    await expect(page.locator(".rail")).toHaveCount(1);
    await expect(total).toHaveText(shown(plan.Total));
    console.check();
    await context.close();
  });

  test(`storage cost, scenes and the cheapest rules, ${size}`, async ({ browser, baseURL }) => {
    const { context, page, console } = await visit(browser, baseURL, size);
    const total = page.locator(".figure-total b");
    const sums = new Set<string | null>();
    for (const [name, title] of [["logs", "Logs, kept three years"], ["small-objects", /^Small objects/], ["read-often", /^Read often/], ["deleted-early", "Deleted too early"]] as const) {
      await open(page, `./?figure=storage-cost&scene=${name}`);
      await expect(page.getByRole("button", { name: title })).toHaveAttribute("aria-pressed", "true");
      await expect(total).toHaveText(/^\$/);
      sums.add(await total.textContent());
      expect(settings(page).get("scene")).toBe(name);
      await sound(page, `figure-cost-${name}-${size}`);
    }
    expect(sums.size).toBe(4);

    // The search keeps what the rule expires, and the figure then shows what the search promised.
    await page.getByRole("button", { name: "Find the cheapest rules" }).press("Enter");
    await expect(page.getByText("with the rule’s own expiration kept")).toBeVisible();
    const best = await page.locator(".lengths dd .mono").first().textContent();
    await sound(page, `figure-cost-best-${size}`);
    await page.getByRole("button", { name: "Use these rules" }).click();
    await expect.poll(() => settings(page).get("rules")).toMatch(/60-EXPIRE$/);
    expect(settings(page).get("scene")).toBeNull();
    await expect(total).toHaveText(best!);
    await expect(page.getByText("expires 2026-03-02")).toHaveCount(1);

    // Another price list, and a pattern of the reader's own.
    await page.getByLabel("Prices").selectOption({ label: "The course's prices, 2025-03-01" });
    await expect.poll(() => settings(page).get("prices")).toBe("course");
    await expect(page.locator(".fidelity")).toContainText("The course's prices, 2025-03-01");
    for (const pattern of ["steady", "decaying", "bursty", "your own"]) {
      await page.getByRole("combobox", { name: "Reads", exact: true }).selectOption({ label: pattern });
    }
    await page.getByLabel("Reads of an object in each 30 days of its life").fill("5, 2");
    await page.keyboard.press("Tab");
    await expect.poll(() => settings(page).get("series")).toBe("5-2");
    await expect(total).toHaveText(/^\$/);
    await page.getByLabel("Reads of an object in each 30 days of its life").fill("five");
    await page.keyboard.press("Tab");
    await expect(page.getByText("Numbers from 0 to 10,000 with commas between")).toBeVisible();
    expect(settings(page).get("series")).toBe("5-2");
    console.check();
    await context.close();
  });

  test(`S3, EFS or EBS, ${size}`, async ({ browser, baseURL }) => {
    const { context, page, console } = await visit(browser, baseURL, size);
    await open(page);
    await page.getByRole("navigation", { name: "Services" }).getByRole("link", { name: "Figures" }).click();
    await expect(page.locator(".figure-card .preview .tone").first()).toBeVisible();
    await sound(page, `figures-${size}`);
    await page.getByRole("link", { name: "S3, EFS or EBS" }).click();
    const workload = { ReadsPerSecond: 10_000, WritesPerSecond: 10_000, ReadBytes: 4096, WriteBytes: 4096, TotalGB: 1000, ObjectBytes: 1_048_576, Instances: 100, AvailabilityZones: 3, Interface: "Any" };
    const answer = await call(page, "sluice", "ChooseStorage", { Workload: workload });
    const list = page.getByRole("listbox", { name: "Ways to store the data" });
    await expect(list.getByRole("option")).toHaveCount(answer.Options.length);
    expect(settings(page).get("scene")).toBe("shared-20k");

    // Many clients: files can, a volume cannot, and it is sharing that decides.
    const way = (name: string) => list.locator(`#way-${name}`);
    await expect(way("efs-regional-elastic").locator(".state")).toContainText("can");
    await expect(way("io2").locator(".state")).toContainText("cannot");
    await expect(way("io2").locator(".way-why")).toContainText("Sharing: 100 instances");
    for (const option of answer.Options) await expect(way(option.Name).locator(".way-cost")).toHaveText(shown(option.Cost));

    // By mouse one way, by keyboard the next; the link names what is looked at.
    await way("efs-regional-elastic").click();
    await expect(way("efs-regional-elastic")).toHaveAttribute("aria-selected", "true");
    await list.focus();
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => settings(page).get("option")).toBe("efs-regional-provisioned");
    await expect(page.getByRole("heading", { level: 2, name: "EFS Regional, provisioned throughput" })).toBeVisible();
    await page.getByText(/^Limits, and/).click();
    await expect(page.locator(".way .limits li")).not.toHaveCount(0);
    await page.evaluate(() => document.querySelector("#main")?.scrollTo(0, 0));
    await sound(page, `figure-chooser-${size}`);

    // The same by one instance.
    await page.getByRole("button", { name: "The same by one instance" }).press("Enter");
    await expect(way("gp3").locator(".way-why")).toHaveText("the cheapest that can");
    await expect(way("gp3").locator(".state")).toContainText("can");
    await page.getByRole("spinbutton", { name: /^Writes/ }).fill("90000");
    await page.keyboard.press("Tab");
    await expect(way("gp3").locator(".state")).toContainText("cannot");
    await expect(page.locator(".queue-chart .own")).not.toHaveCount(0);

    // The table has the numbers of the list.
    const now = await call(page, "sluice", "ChooseStorage", { Workload: { ...workload, WritesPerSecond: 90_000, Instances: 1, AvailabilityZones: 1, Interface: "Block" } });
    await page.getByRole("button", { name: "Show as table" }).press("Enter");
    const rows = page.getByRole("table", { name: "S3, EFS or EBS" }).locator("tbody tr");
    await expect(rows).toHaveCount(now.Options.length);
    for (const [at, option] of now.Options.entries()) {
      await expect(rows.nth(at).locator("th")).toHaveText(option.Title);
      await expect(rows.nth(at).locator("td").last()).toHaveText(shown(option.Cost));
      await expect(rows.nth(at).locator("td").first()).toHaveText(option.Feasible ? /can|near/ : "cannot");
    }
    await page.getByRole("button", { name: "Describe" }).press("Enter");
    await expect(page.locator(".figure-words")).toContainText(`${now.Options.filter((option: any) => option.Feasible).length} of ${now.Options.length} ways can.`);
    await sound(page, `figure-chooser-table-${size}`);

    // The copied link opens it alone, also in a frame of another page.
    await page.getByRole("button", { name: "Copy link" }).press("Enter");
    const link = await page.getByLabel("Link", { exact: true }).inputValue();
    await open(page, link);
    await expect(page.getByRole("spinbutton", { name: /^Writes/ })).toHaveValue("90000");
    await page.evaluate((src) => {
      const frame = Object.assign(document.createElement("iframe"), { src, width: 380, height: 600, title: "A figure" });
      document.body.replaceChildren(frame);
    }, link);
    await expect(page.frameLocator("iframe").locator("#way-io2 .way-cost")).toHaveText(/^\$/);
    console.check();
    await context.close();
  });
}

test("every scene of the chooser, in the dark", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, viewport: SIZES.phone, colorScheme: "dark", reducedMotion: "reduce" });
  const page = await context.newPage();
  for (const scene of ["shared-20k", "one-20k", "over-100k", "data-lake", "training", "home-directories", "archive"]) {
    await open(page, `./?figure=storage-chooser&scene=${scene}`);
    await expect(page.locator(".queue-chart svg")).toBeVisible();
    await expect(page.getByText("the cheapest that can")).toHaveCount(1);
    await sound(page, `figure-chooser-${scene}-dark`);
  }
  await open(page, "./?figure=nothing");
  await expect(page.getByRole("heading", { name: "No such figure" })).toBeVisible();
  await context.close();
});

test("batch or stream: the same records both ways, a failing run, an outage, by link", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/figures/batch-or-stream");
  const rows = page.getByRole("table").getByRole("row");
  const cells = (name: string) => rows.filter({ hasText: name }).getByRole("cell");
  await expect(cells("half are usable within").last()).toHaveText("1 s");
  await expect(cells("windows too late").first()).toHaveText("240 of 286");
  await expect(cells("windows too late").last()).toHaveText("0 of 286");
  // What the page says is what core answers.
  const answer = await call(page, "sluice", "CompareBatchAndStream", {});
  await expect(page.locator("figcaption")).toContainText(`$${Number(answer.Stream.Cost.Total).toFixed(2)}`);
  await page.getByRole("button", { name: "The stream’s application stands for an hour" }).click();
  await expect(cells("windows too late").last()).not.toHaveText("0 of 286");
  await expect.poll(() => page.url()).toContain("scene=outage");
  await page.reload();
  await expect(cells("windows too late").last()).not.toHaveText("0 of 286");
  await page.getByRole("button", { name: "Show as table" }).press("Enter");
  await expect(page.getByRole("region", { name: "Data of the figure" })).toContainText("Usable by batch");
  console.check();
});

test("batch or stream: an instant on the clock, and a file's own times, by keyboard", async ({ page }) => {
  const console = watch(page);
  await open(page, "./?at=46800#/figures/batch-or-stream");
  const slider = page.getByRole("slider", { name: "Time", exact: true });
  const facts = page.locator(".facts.instant");
  await expect(facts).toContainText("arrived by 13:00");
  await expect(facts).toContainText(/usable by stream\s*[\d,]+ · nothing else waits/);
  // Half an hour on, batch has what the run of 13:00 left, and what came since waits.
  for (let press = 0; press < 30; press++) await page.keyboard.press(".");
  await expect(facts).toContainText("arrived by 13:30");
  await expect(facts).toContainText(/usable by batch\s*[\d,]+ · the oldest other waits (29|30) min/);
  const answer = await call(page, "sluice", "CompareBatchAndStream", {});
  const point = answer.Batch.Curve.filter((point: number[]) => point[0] <= 48_600).at(-1);
  await expect(facts).toContainText(point[2].toLocaleString("en-US"));
  await page.keyboard.press("n");
  await expect(facts).toContainText("arrived by 14:0");
  await expect.poll(() => page.url()).toContain("at=504");

  // A file: ten records in its first minute, five two hours later.
  const rows = [...Array(10).fill("2026-01-01T00:00:10Z"), ...Array(5).fill("2026-01-01T02:00:30Z")].map((time, index) => `${index},${time}`);
  await call(page, "s3", "CreateBucket", { Bucket: "own-records" });
  await call(page, "s3", "PutObject", { Bucket: "own-records", Key: "events.csv", Body: Buffer.from(`id,time\n${rows.join("\n")}\n`).toString("base64") });
  const hands = keyboard(page);
  await hands.press(page.getByText("Records of a file"));
  await hands.write(page.getByLabel("File: bucket/key"), "own-records/events.csv");
  await hands.press(page.getByRole("button", { name: "Read the file" }));
  const times = page.getByRole("combobox", { name: "Times", exact: true });
  await times.selectOption("id");
  await expect(page.getByText(/15 records of a file/)).toBeVisible();
  await times.selectOption("time");
  await expect.poll(() => page.url()).toContain("counts=10.0*119.5");
  await slider.focus();
  await page.keyboard.press("End");
  await expect(facts).toContainText(/arrived by 2:01\s*15/);
  await page.reload();
  await expect(facts).toContainText(/arrived by 2:01\s*15/);
  await hands.press(page.getByRole("button", { name: "Back to rate and shape" }));
  await expect.poll(() => page.url()).not.toContain("counts=");
  console.check();
});
