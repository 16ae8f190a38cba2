import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { call, open, shot, watch } from "../support";

/** Axe's serious findings, and whether anything sticks out of the side. */
async function sound(page: Page, name: string): Promise<void> {
  await shot(page, name);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(over, `${name} scrolls sideways`).toBe(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect.soft(bad.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(" | ")}`), name).toEqual([]);
}

for (const [size, viewport] of Object.entries({ desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } })) {
  test(`storage cost, alone, ${size}`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ baseURL, viewport, reducedMotion: "reduce", hasTouch: size === "phone" });
    const page = await context.newPage();
    const console = watch(page);
    await open(page, "./?figure=storage-cost&objects=1000&bytes=1048576&rules=30-STANDARD_IA&years=1");
    const total = page.locator(".figure-total b");
    await expect(total).toHaveText(/^\$/);
    await expect(page.locator(".rail, .top")).toHaveCount(0);
    const before = await total.textContent();

    // What is drawn is what the account answers.
    const question = (objects: number) => ({
      PriceList: "aws-us-east-1", Start: "2026-01-01T00:00:00Z", Months: 12,
      Population: { Objects: objects, UploadsPerMonth: 0, Sizes: [{ Bytes: 1048576 }] }, Access: { Pattern: "None", ReadsPerMonth: 1 },
      LifecycleConfiguration: { Rules: [{ ID: "figure", Status: "Enabled", Filter: { Prefix: "" }, Transitions: [{ Days: 30, StorageClass: "STANDARD_IA" }] }] },
    });
    const shown = (amount: string) => Number(amount) >= 1 ? `$${Number(amount).toFixed(2)}` : `$${Number(amount).toPrecision(3)}`;
    expect(before).toBe(shown((await call(page, "sluice", "PlanStorage", question(1000))).Total));

    // A setting by keyboard: the number changes, and the link carries it.
    const objects = page.getByRole("spinbutton", { name: /^Objects/ });
    await objects.focus();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("50000");
    await page.keyboard.press("Tab");
    await expect.poll(() => new URL(page.url()).searchParams.get("objects")).toBe("50000");
    const plan = await call(page, "sluice", "PlanStorage", question(50_000));
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
    await expect(table.locator("tbody tr").nth(1).locator("td").last()).toHaveText(shown(plan.Months[1].Total));
    await page.getByRole("button", { name: "Describe" }).press("Enter");
    await expect(page.locator(".figure-words")).toContainText(shown(plan.Total));
    await sound(page, `figure-cost-table-${size}`);

    // The copied link restores the settings.
    await page.getByRole("button", { name: "Copy link" }).press("Enter");
    const link = await page.getByLabel("Link", { exact: true }).inputValue();
    await open(page, link);
    await expect(total).toHaveText(shown(plan.Total));

    // The search names rules that cost no more than none.
    await page.getByRole("button", { name: "Find the cheapest rules" }).press("Enter");
    await page.getByRole("button", { name: "Use these rules" }).press("Enter");
    await expect.poll(() => new URL(page.url()).searchParams.get("rules")).not.toBe("30-STANDARD_IA");
    console.check();
    await context.close();
  });
}
